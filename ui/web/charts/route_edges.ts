import type { LayeredNode } from "./layer_nodes.ts";

/** A line from a node to one that comes after it. */
export interface RoutedEdge {
  readonly from: string;
  readonly to: string;
  /** The way below the boxes that it takes past others, from 0; `null` between neighbours. */
  readonly lane: number | null;
}

/**
 * Finds ways for the lines of a graph, so that none passes behind a box: a line to the next layer is drawn straight, a
 * longer one goes below. Lines of one node share their way, those of different nodes never do.
 */
export function routeEdges(
  nodes: readonly { readonly id: string; readonly after: readonly string[] }[],
  placed: ReadonlyMap<string, LayeredNode>,
): readonly RoutedEdge[] {
  const layerOf = (id: string): number => placed.get(id)!.layer;
  const edges = nodes.flatMap(({ id, after }) =>
    after.filter((from) => placed.has(from)).map((from) => ({ from, to: id }))
  );
  const isLong = ({ from, to }: (typeof edges)[number]): boolean => layerOf(to) - layerOf(from) > 1;
  const farthest = new Map<string, number>();
  for (const edge of edges.filter(isLong)) {
    const { from, to } = edge;
    farthest.set(from, Math.max(farthest.get(from) ?? 0, layerOf(to)));
  }
  /** Where each lane is free again. */
  const freeFrom: number[] = [];
  const lanes = new Map<string, number>();
  const sources = [...farthest].sort(([a], [b]) => layerOf(a) - layerOf(b));
  for (const [source, end] of sources) {
    const found = freeFrom.findIndex((free) => free <= layerOf(source));
    const lane = found < 0 ? freeFrom.length : found;
    freeFrom[lane] = end;
    lanes.set(source, lane);
  }
  return edges.map((edge) => ({ ...edge, lane: isLong(edge) ? lanes.get(edge.from)! : null }));
}
