import type { EChartsCoreOption } from "echarts/core";
import { formatTick } from "../format.ts";

/** One point of a curve. */
export interface CurvePoint {
  /** Iteration. */
  readonly x: number;
  readonly y: number;
}

/** What a picture of a curve shows. */
export interface CurveOptions {
  readonly theme: "light" | "dark";
  /** In pixels of the picture. */
  readonly width: number;
  readonly height: number;
  /** What is counted from left to right. @default "iteration" */
  readonly along?: string;
}

/** The first colour of the lines is the pages' own; all are `--series-0` to `--series-5` of style.css. */
const COLORS = {
  light: {
    lines: ["#146b57", "#a2541c", "#3d5ba9", "#8a3c7d", "#6b6a1b", "#a12d1d"],
    text: "#5e645f",
    grid: "#e4e1d9",
  },
  dark: {
    lines: ["#7cc9ae", "#e9a978", "#9db4f0", "#d9a0cf", "#cfcd7a", "#f29583"],
    text: "#a3aaa3",
    grid: "#323833",
  },
} as const;

/** Curves of one metric as an SVG file. The library is loaded when the first picture is asked for. */
export async function renderCurves(
  curves: readonly (readonly CurvePoint[])[],
  options: CurveOptions,
): Promise<string> {
  const { init, use, LineChart, GridComponent, SVGRenderer } = await importEcharts();
  use([LineChart, GridComponent, SVGRenderer]);
  const { width, height } = options;
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption(chartOption(curves, options));
    return chart.renderToSVGString();
  } finally {
    // Without this its timers keep the process alive.
    chart.dispose();
  }
}

/** Version of echarts, as in deno.json. */
export const ECHARTS_VERSION = "6.1.0";

/** Specifiers that Deno cannot read ahead: it would download the package for every command. */
async function importEcharts() {
  const part = (name: string) => import(`npm:echarts@${ECHARTS_VERSION}/${name}`);
  const [core, charts, components, renderers] = await Promise.all(
    ["core", "charts", "components", "renderers"].map(part),
  );
  const { init, use } = core as typeof import("echarts/core");
  const { LineChart } = charts as typeof import("echarts/charts");
  const { GridComponent } = components as typeof import("echarts/components");
  const { SVGRenderer } = renderers as typeof import("echarts/renderers");
  return { init, use, LineChart, GridComponent, SVGRenderer };
}

function chartOption(
  curves: readonly (readonly CurvePoint[])[],
  { theme, width, along = "iteration" }: CurveOptions,
): EChartsCoreOption {
  const { lines, text, grid } = COLORS[theme];
  const axis = {
    axisLine: { lineStyle: { color: grid } },
    axisTick: { show: false },
    axisLabel: { color: text, fontSize: 12, hideOverlap: true, formatter: formatTick },
    splitLine: { lineStyle: { color: grid } },
  };
  return {
    animation: false,
    backgroundColor: "transparent",
    textStyle: { fontFamily: "system-ui, sans-serif" },
    grid: {
      ...{ left: 8, right: 16, top: 12, bottom: 8 },
      // Without a window the library guesses how wide a text is, and guesses too low.
      outerBounds: { left: 10, right: 8, top: 0, bottom: 0 },
    },
    xAxis: {
      ...axis,
      type: "value",
      // Round numbers at both ends, and no empty stretch from 0 to where the curves begin.
      scale: true,
      name: along,
      nameLocation: "middle",
      nameGap: 22,
      nameTextStyle: { color: text, fontSize: 12 },
      splitLine: { show: false },
      minInterval: 1,
    },
    yAxis: { ...axis, type: "value", scale: true, splitNumber: 4, axisLine: { show: false } },
    series: curves.map((points, place) => ({
      type: "line",
      // NaN has no place on the picture: the line is broken there.
      data: thinOut(points, width).map(({ x, y }) => [x, Number.isFinite(y) ? y : "-"]),
      showSymbol: points.length < 3,
      lineStyle: { color: lines[place % lines.length], width: 2 },
      itemStyle: { color: lines[place % lines.length] },
    })),
  };
}

/**
 * At most about two points for every pixel: the smallest and the largest of every stretch, so that no
 * spike gets lost.
 */
export function thinOut(points: readonly CurvePoint[], width: number): readonly CurvePoint[] {
  if (points.length <= width * 2) return points;
  const stretch = Math.ceil(points.length / width);
  const kept: CurvePoint[] = [];
  for (let start = 0; start < points.length; start += stretch) {
    const part = points.slice(start, start + stretch);
    const low = part.reduce((best, point) => point.y < best.y ? point : best);
    const high = part.reduce((best, point) => point.y > best.y ? point : best);
    kept.push(...(low === high ? [low] : low.x < high.x ? [low, high] : [high, low]));
  }
  return kept;
}
