import { deepEqual } from "node:assert/strict";
import { parsePlainRun, type PlainRun } from "./plain_run.ts";

const nothing: PlainRun = { target: null, config: null, set: [], engine: "auto", json: false };

const cases: readonly (readonly [line: string, expected: PlainRun | undefined])[] = [
  ["run", nothing],
  ["run iris --json", { ...nothing, target: "iris", json: true }],
  ["run --set a=1 iris -s b=2", { ...nothing, target: "iris", set: ["a=1", "b=2"] }],
  ["run --set=a=1", { ...nothing, set: ["a=1"] }],
  ["run --config fast --engine cpu", { ...nothing, config: "fast", engine: "cpu" }],
  ["run --force train", undefined],
  ["run --no-cache", undefined],
  ["run --interactive", undefined],
  ["run --help", undefined],
  ["run one two", undefined],
  ["run --engine abacus", undefined],
  ["run --set", undefined],
  ["run --set --json", undefined],
  ["run --json=yes", undefined],
  ["plan", undefined],
];

for (const [line, expected] of cases) {
  Deno.test(`parsePlainRun() of "${line}"`, () => {
    deepEqual(parsePlainRun(line.split(" ")), expected);
  });
}
