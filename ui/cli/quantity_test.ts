import { equal } from "node:assert/strict";
import {
  plural,
  renderAge,
  renderBytes,
  renderCount,
  renderDuration,
  renderNumber,
  renderPercent,
  renderTime,
} from "./quantity.ts";

const cases: readonly (readonly [title: string, text: string, expected: string])[] = [
  ["renderNumber(0)", renderNumber(0), "0"],
  ["renderNumber(0.983333)", renderNumber(0.983333), "0.9833"],
  ["renderNumber(1437)", renderNumber(1437), "1 437"],
  ["renderNumber(-1234567.5)", renderNumber(-1234567.5), "-1 234 567.5"],
  ["renderNumber(0.00001234)", renderNumber(0.00001234), "0.0000123"],
  ["renderNumber(NaN)", renderNumber(NaN), "NaN"],
  ["renderCount(8120.4)", renderCount(8120.4), "8 120"],
  ["renderDuration(0)", renderDuration(0), "0.0 s"],
  ["renderDuration(41 700)", renderDuration(41_700), "41.7 s"],
  ["renderDuration(59 960)", renderDuration(59_960), "1 min 00 s"],
  ["renderDuration(125 000)", renderDuration(125_000), "2 min 05 s"],
  ["renderDuration(3 720 000)", renderDuration(3_720_000), "1 h 02 min"],
  ["renderBytes(0)", renderBytes(0), "0 B"],
  ["renderBytes(999)", renderBytes(999), "999 B"],
  ["renderBytes(12 345)", renderBytes(12_345), "12.3 kB"],
  ["renderBytes(999 990)", renderBytes(999_990), "1.0 MB"],
  ["renderBytes(114e6)", renderBytes(114e6), "114.0 MB"],
  ["renderPercent(0.71)", renderPercent(0.71), "71 %"],
  ["renderPercent(1)", renderPercent(1), "100 %"],
  ["renderPercent(0.996)", renderPercent(0.996), "99.6 %"],
  ["renderPercent(0.9999)", renderPercent(0.9999), "> 99.9 %"],
  ["renderPercent(0)", renderPercent(0), "0 %"],
  ["renderPercent(0.004)", renderPercent(0.004), "0.4 %"],
  ["renderPercent(0.0001)", renderPercent(0.0001), "< 0.1 %"],
  ["renderAge(3 s)", renderAge(3000), "just now"],
  ["renderAge(3 min)", renderAge(180_000), "3 min ago"],
  ["renderAge(5 h)", renderAge(5 * 3_600_000), "5 h ago"],
  ["renderAge(26 h)", renderAge(26 * 3_600_000), "yesterday"],
  ["renderAge(9 days)", renderAge(9 * 86_400_000), "9 days ago"],
  ["renderTime()", renderTime(Date.UTC(2026, 10, 21, 11, 9, 30, 250)), "2026-11-21 11:09:30 UTC"],
  ["plural(1)", plural(1, "row"), "1 row"],
  ["plural(1437)", plural(1437, "row"), "1 437 rows"],
];

for (const [title, text, expected] of cases) {
  Deno.test(`${title} is "${expected}"`, () => equal(text, expected));
}
