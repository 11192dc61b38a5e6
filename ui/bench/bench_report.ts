/** One figure, ours beside that of the peer measured in the same run. */
export interface BenchCase {
  readonly case: string;
  readonly ours: number | null;
  /** The peer's figure, or `null` when it could not be measured here. */
  readonly other: number | null;
  readonly unit: string;
  /** ours / other, or `null`. */
  readonly ratio: number | null;
  /** What is demanded, in words: "ratio <= 2". */
  readonly target: string;
  /** Whether the target holds; `null` when it could not be told. */
  readonly holds: boolean | null;
  /** Why a figure is missing, or what the peer was. */
  readonly note?: string;
}

/** All figures of one part of `deno task bench`. */
export interface BenchReport {
  readonly bench: string;
  /** What it ran on: ratios travel, seconds do not. */
  readonly machine: string;
  readonly cases: readonly BenchCase[];
}

/** Words for the machine: system, processor count, Deno. */
export function describeMachine(): string {
  const { os, arch } = Deno.build;
  return `${os} ${arch}, ${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}`;
}

/** A report as aligned lines. */
export function renderReport({ bench, machine, cases }: BenchReport): readonly string[] {
  const rows = cases.map((each) => [
    each.holds === null ? "?" : each.holds ? "✓" : "✗",
    each.case,
    figure(each.ours, each.unit),
    figure(each.other, each.unit),
    each.ratio === null ? "–" : each.ratio.toFixed(2),
    each.target,
    each.note ?? "",
  ]);
  const head = ["", "case", "ours", "other", "ratio", "target", ""];
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]!.length))
  );
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => i >= 2 && i <= 4 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))
      .join("  ").trimEnd();
  return [`bench:${bench}  ${machine}`, line(head), ...rows.map(line)];
}

function figure(value: number | null, unit: string): string {
  if (value === null) return "–";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 2 : 3;
  return `${value.toFixed(digits)} ${unit}`;
}
