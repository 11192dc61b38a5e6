import { plural, renderBytes, renderDuration, renderTime } from "./quantity.ts";
import { statusWord } from "./run_document.ts";
import type { RunDetails } from "./run_page.ts";
import { renderVersion } from "./version_document.ts";

/** What a run was made from and by whom: name and value, those that are known. */
export function runFacts({ run, versions, inputs, files }: RunDetails): [string, string][] {
  const { tags } = run;
  const took = run.endTime === null ? "" : `, took ${renderDuration(run.endTime - run.startTime)}`;
  const commit = tags["mlflow.source.git.commit"];
  const dirty = tags["hanok.git.dirty"] === "true" ? " with uncommitted changes" : "";
  const size = files.reduce((sum, each) => sum + each.size, 0);
  const facts: [string, string | undefined][] = [
    ["pipeline", run.experiment],
    ["status", run.lifecycleStage === "deleted" ? `${statusWord(run)}, deleted` : statusWord(run)],
    ["why", tags["hanok.stopped"] ?? tags["hanok.killed"]],
    ["started", `${renderTime(run.startTime)}${took}`],
    [
      "by",
      tags["hanok.host"] === undefined ? run.userId : `${run.userId} on ${tags["hanok.host"]}`,
    ],
    ["note", tags["mlflow.note.content"]],
    ["part of", tags["mlflow.parentRunId"]],
    ["code", commit === undefined ? undefined : `commit ${commit.slice(0, 10)}${dirty}`],
    ["config", tags["hanok.config_file"]],
    ["changed", tags["hanok.set"]?.split("\n").map((each) => `--set ${each}`).join(" ")],
    ["seed", tags["hanok.seed"]],
    ["engine", engineOf(tags)],
    ["software", softwareOf(tags)],
    ["data", inputs.map(({ name, digest }) => `${name} (${digest.slice(0, 12)})`).join(", ")],
    ["model", versions.map(renderVersion).join(", ")],
    [
      "files",
      files.length === 0 ? undefined : `${plural(files.length, "file")}, ${renderBytes(size)}`,
    ],
  ];
  return facts.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, value]]
  );
}

function engineOf(tags: Readonly<Record<string, string>>): string | undefined {
  const engine = tags["hanok.engine"];
  return engine === undefined
    ? undefined
    : [engine, tags["hanok.device"]].filter(Boolean).join(", ");
}

function softwareOf(tags: Readonly<Record<string, string>>): string {
  const named = [
    ["hanok", tags["hanok.version"]],
    ["deno", tags["hanok.deno"]],
    ["onnxruntime", tags["hanok.onnxruntime"]],
  ];
  return named.flatMap(([name, version]) => version === undefined ? [] : [`${name} ${version}`])
    .join(", ");
}
