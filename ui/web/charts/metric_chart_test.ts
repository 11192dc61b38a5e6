import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import config from "../../../deno.json" with { type: "json" };
import { ECHARTS_VERSION, renderCurves, thinOut } from "./metric_chart.ts";

const OPTIONS = { theme: "light", width: 480, height: 220 } as const;

Deno.test("renderCurves() draws an SVG of the asked size", async () => {
  const svg = await renderCurves([[{ x: 1, y: 2 }, { x: 2, y: 1 }, { x: 3, y: 0.5 }]], OPTIONS);

  ok(svg.startsWith("<svg"));
  ok(svg.includes('width="480"') && svg.includes('height="220"'));
  equal(/<script/.test(svg), false);
});

for (
  const [title, points] of [
    ["no points", []],
    ["one point", [{ x: 1, y: 1 }]],
    ["equal points", [{ x: 1, y: 1 }, { x: 1, y: 1 }]],
    ["NaN", [{ x: 1, y: 1 }, { x: 2, y: NaN }, { x: 3, y: 2 }]],
    ["infinity", [{ x: 1, y: 1 }, { x: 2, y: Infinity }]],
  ] as const
) {
  Deno.test(`renderCurves() draws ${title}`, async () => {
    const svg = await renderCurves([points], OPTIONS);

    ok(svg.startsWith("<svg"));
    equal(/NaN|Infinity/.test(svg), false);
  });
}

Deno.test("renderCurves() draws dark in other colours", async () => {
  const points = [{ x: 1, y: 2 }, { x: 2, y: 1 }];

  ok((await renderCurves([points], { ...OPTIONS, theme: "dark" })).includes("#7cc9ae"));
});

Deno.test("renderCurves() draws several curves, each in a colour of the pages", async () => {
  const css = await Deno.readTextFile(new URL("../static/style.css", import.meta.url));
  const points = [{ x: 1, y: 2 }, { x: 2, y: 1 }];
  const curves = Array.from({ length: 6 }, () => points);

  for (const theme of ["light", "dark"] as const) {
    const svg = await renderCurves(curves, { ...OPTIONS, theme });
    for (const place of curves.keys()) {
      const [, light, dark] = new RegExp(`--series-${place}: light-dark\\((.*?), (.*?)\\)`).exec(
        css,
      )!;
      ok(svg.includes(theme === "light" ? light! : dark!), `${theme} ${place}`);
    }
  }
});

Deno.test("thinOut() keeps the extremes, the order, and few points", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { maxLength: 500 }),
      fc.integer({ min: 2, max: 40 }),
      (values, width) => {
        const points = values.map((y, x) => ({ x, y }));

        const kept = thinOut(points, width);

        ok(kept.length <= Math.max(2 * width, 0));
        deepEqual([...kept].sort((a, b) => a.x - b.x), kept);
        if (values.length > 0) {
          const ys = kept.map(({ y }) => y);
          equal(Math.max(...ys), Math.max(...values));
          equal(Math.min(...ys), Math.min(...values));
        }
      },
    ),
    { seed: 7 },
  );
});

Deno.test("the chart library is the version that deno.json names", () => {
  equal(config.imports.echarts, `npm:echarts@${ECHARTS_VERSION}`);
});
