/** What one run of a command cost, as the operating system counted it. */
export interface CommandCost {
  readonly wallSeconds: number;
  /** User and system time of the process and its children. */
  readonly cpuSeconds: number;
  /** Largest resident set of a single process; `null` where GNU time is not installed. */
  readonly peakMegabytes: number | null;
}

/** A command to measure. */
export interface MeasuredCommand {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

const GNU_TIME = "/usr/bin/time";

/**
 * Runs a command once.
 *
 * @throws {Error} If it does not end with 0; its output is in the message.
 */
export async function measureCommand({ args, cwd, env }: MeasuredCommand): Promise<CommandCost> {
  const hasTime = await Deno.stat(GNU_TIME).then(() => true, () => false);
  const report = await Deno.makeTempFile();
  // Without GNU time, bash's own `time` tells all but the memory.
  const script = hasTime
    ? `exec ${GNU_TIME} -q -f '%e %U %S %M' -o ${report} "$@"`
    : `TIMEFORMAT='%R %U %S -'; { time "$@" >&3 2>&4; } 3>&1 4>&2 2>${report}`;
  try {
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", script, "bash", ...args],
      cwd,
      env: { NO_COLOR: "1", ...env },
      stdin: "null",
    }).output();
    if (code !== 0) {
      const output = new TextDecoder().decode(new Uint8Array([...stdout, ...stderr]));
      throw new Error(`${args.join(" ")} ended with ${code}:\n${output}`);
    }
    const [wall, user, system, peak] = (await Deno.readTextFile(report)).trim().split(/\s+/);
    return {
      wallSeconds: Number(wall),
      cpuSeconds: Number(user) + Number(system),
      peakMegabytes: peak === "-" ? null : Number(peak) / 1000,
    };
  } finally {
    await Deno.remove(report);
  }
}

/** Runs several commands in turn, A B A B …, after one round to warm up: their medians. */
export async function measureInTurn(
  commands: readonly MeasuredCommand[],
  rounds: number,
): Promise<readonly CommandCost[]> {
  const costs: CommandCost[][] = commands.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, command] of commands.entries()) {
      const cost = await measureCommand(command);
      if (round > 0) costs[i]!.push(cost);
    }
  }
  return costs.map((each) => ({
    wallSeconds: median(each.map(({ wallSeconds }) => wallSeconds)),
    cpuSeconds: median(each.map(({ cpuSeconds }) => cpuSeconds)),
    peakMegabytes: each.some(({ peakMegabytes }) => peakMegabytes === null)
      ? null
      : median(each.map(({ peakMegabytes }) => peakMegabytes!)),
  }));
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
