/** @jsxImportSource hono/jsx */
import type { RunGraph, StepFacts } from "../../api/mod.ts";
import { layerNodes } from "../charts/layer_nodes.ts";
import { routeEdges } from "../charts/route_edges.ts";
import type { Html } from "../html.ts";
import { stepPath } from "../paths.ts";
import { statusOfStep, statusSign } from "./status.tsx";

/** Of a box, in units of the picture. */
const BOX = { width: 110, height: 34, gapX: 22, gapY: 14 };
/** Between two ways below the boxes. */
const LANE = 11;
/** A longer graph is shown a little smaller where it then fits the window. */
const FITTING_LAYERS = 8;
/** Letters that fit into a box. */
const SHOWN_LETTERS = 11;

/** How the nodes of a run are wired, and how each stands. Every box leads to why its node ran. */
export function RunGraphPicture(
  { runId, graph, steps }: {
    readonly runId: string;
    readonly graph: RunGraph;
    readonly steps: readonly StepFacts[];
  },
): Html {
  const placed = new Map(layerNodes(graph.nodes).map((node) => [node.id, node]));
  const states = new Map(steps.map((step) => [step.node, statusOfStep(step)]));
  const all = [...placed.values()];
  const layers = Math.max(0, ...all.map(({ layer }) => layer)) + 1;
  const rows = Math.max(0, ...all.map(({ place }) => place)) + 1;
  const width = layers * (BOX.width + BOX.gapX) - BOX.gapX;
  const boxesEnd = rows * (BOX.height + BOX.gapY) - BOX.gapY;
  const edges = routeEdges(graph.nodes, placed);
  const lanes = Math.max(-1, ...edges.map(({ lane }) => lane ?? -1)) + 1;
  const height = boxesEnd + lanes * LANE;
  const corner = (id: string) => {
    const { layer, place } = placed.get(id)!;
    return { x: layer * (BOX.width + BOX.gapX), y: place * (BOX.height + BOX.gapY) };
  };
  return (
    <div class="graph" role="region" aria-label="Graph of the nodes" tabindex={0}>
      <svg
        class={layers > FITTING_LAYERS ? "wide" : ""}
        viewBox={`-2 -2 ${width + 4} ${height + 4}`}
        width={width + 4}
        height={height + 4}
      >
        {edges.map(({ from, to, lane }) => (
          <path
            class="edge"
            d={lane === null
              ? curve(corner(from), corner(to))
              : detour(corner(from), corner(to), boxesEnd + (lane + 0.8) * LANE)}
          />
        ))}
        {graph.nodes.map(({ id }) => {
          const { x, y } = corner(id);
          const [sign, tone, word] = statusSign(states.get(id) ?? "pending");
          return (
            <a href={stepPath(runId, id)} aria-label={`${id}: ${word}`}>
              <rect
                class={`box ${tone}`}
                x={x}
                y={y}
                width={BOX.width}
                height={BOX.height}
                rx="6"
              />
              <text class={`sign ${tone}`} x={x + 10} y={y + 22}>{sign}</text>
              <text x={x + 27} y={y + 22}>{cut(id)}</text>
            </a>
          );
        })}
      </svg>
    </div>
  );
}

/** The same past the boxes between them: down to a way below all boxes, along it, and up again. */
function detour(
  from: { readonly x: number; readonly y: number },
  to: typeof from,
  y: number,
): string {
  const [x1, y1] = [from.x + BOX.width, from.y + BOX.height / 2];
  const [x2, y2] = [to.x, to.y + BOX.height / 2];
  const [down, up] = [x1 + BOX.gapX / 2, x2 - BOX.gapX / 2];
  return `M${x1} ${y1} C${down} ${y1} ${x1} ${y} ${down + BOX.gapX / 2} ${y} H${
    up - BOX.gapX / 2
  } C${x2} ${y} ${up} ${y2} ${x2} ${y2}`;
}

/** A line from the right side of a box to the left side of another. */
function curve(from: { readonly x: number; readonly y: number }, to: typeof from): string {
  const [x1, y1] = [from.x + BOX.width, from.y + BOX.height / 2];
  const [x2, y2] = [to.x, to.y + BOX.height / 2];
  const bend = Math.min(BOX.gapX, (x2 - x1) / 2);
  return `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

function cut(name: string): string {
  return name.length <= SHOWN_LETTERS ? name : `${name.slice(0, SHOWN_LETTERS - 1)}…`;
}
