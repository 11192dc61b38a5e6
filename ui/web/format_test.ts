import { equal } from "node:assert/strict";
import {
  formatAgo,
  formatCount,
  formatDuration,
  formatNumber,
  formatShare,
  formatSize,
  formatTick,
} from "./format.ts";

for (
  const [value, text] of [
    [0, "0"],
    [3, "3"],
    [-1797, "-1\u202f797"],
    [12345, "12\u202f345"],
    [0.98333333, "0.9833"],
    [0.5, "0.5"],
    [12345.678, "12\u202f345.7"],
    [0.00001234, "1.23e-5"],
    [1e20, "1.00e+20"],
    [NaN, "NaN"],
    ["NaN", "NaN"],
    [-Infinity, "-Infinity"],
  ] as const
) {
  Deno.test(`formatNumber() writes ${value} as ${text}`, () => equal(formatNumber(value), text));
}

for (
  const [value, text] of [
    [0, "0"],
    [0.25, "0.25"],
    [0.30000000000000004, "0.3"],
    [0.98005, "0.98005"],
    [-12_000, "-12\u202f000"],
    [1_150_000_000, "1.15 G"],
    [1_200_000, "1.2 M"],
    [0.000005, "5e-6"],
    [3e15, "3e+15"],
  ] as const
) {
  Deno.test(`formatTick() writes ${value} as ${text}`, () => equal(formatTick(value), text));
}

for (
  const [share, text] of [
    [0, "0.0 %"],
    [0.0001, "< 0.1 %"],
    [0.1234, "12.3 %"],
    [0.9999, "> 99.9 %"],
    [1, "100.0 %"],
  ] as const
) {
  Deno.test(`formatShare() writes ${share} as ${text}`, () => equal(formatShare(share), text));
}

for (
  const [ms, text] of [
    [0, "0 ms"],
    [8.4, "8 ms"],
    [420, "0.42 s"],
    [12345, "12.3 s"],
    [125000, "2 min 5 s"],
    [119_999, "2 min 0 s"],
    [11_040_000, "3 h 4 min"],
  ] as const
) {
  Deno.test(`formatDuration() writes ${ms} ms as ${text}`, () => equal(formatDuration(ms), text));
}

for (
  const [at, text] of [
    ["2026-10-14T09:59:50Z", "just now"],
    ["2026-10-14T09:55:00Z", "5 min ago"],
    ["2026-10-14T07:00:00Z", "3 h ago"],
    ["2026-10-13T09:00:00Z", "yesterday"],
    ["2026-10-04T10:00:00Z", "10 days ago"],
    ["2026-01-02T10:00:00Z", "2026-01-02"],
    ["2026-10-14T10:00:09Z", "just now"],
  ] as const
) {
  Deno.test(`formatAgo() writes ${at} as ${text}`, () => {
    equal(formatAgo(at, Date.parse("2026-10-14T10:00:00Z")), text);
  });
}

for (const [bytes, text] of [[0, "0 B"], [1400, "1.4 kB"], [23_000_000, "23 MB"]] as const) {
  Deno.test(`formatSize() writes ${bytes} as ${text}`, () => equal(formatSize(bytes), text));
}

Deno.test("formatCount() knows one from many", () => {
  equal(formatCount(1, "run"), "1 run");
  equal(formatCount(1797, "row"), "1\u202f797 rows");
});
