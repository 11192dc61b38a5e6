/** A node of a picture of a graph. */
export interface LayeredNode {
  readonly id: string;
  /** From left to right: one more than the last of the nodes it comes after. */
  readonly layer: number;
  /** From top to bottom within its layer. */
  readonly place: number;
}

/**
 * Places the nodes of a graph without circles in layers. Within a layer a node stands near those it comes after,
 * so that lines cross little.
 *
 * @param nodes In running order: a node comes after those it needs.
 */
export function layerNodes(
  nodes: readonly { readonly id: string; readonly after: readonly string[] }[],
): readonly LayeredNode[] {
  const layers = new Map<string, number>();
  for (const { id, after } of nodes) {
    layers.set(id, Math.max(-1, ...after.map((each) => layers.get(each) ?? -1)) + 1);
  }
  const placed = new Map<string, LayeredNode>();
  const count = Math.max(-1, ...layers.values()) + 1;
  for (let layer = 0; layer < count; layer++) {
    const here = nodes.filter(({ id }) => layers.get(id) === layer);
    const middle = (after: readonly string[]): number =>
      after.reduce((sum, each) => sum + (placed.get(each)?.place ?? 0), 0) /
      Math.max(1, after.length);
    // Sorting is stable: nodes that stand equally near keep the order in which they were declared.
    here.toSorted((a, b) => middle(a.after) - middle(b.after)).forEach(({ id }, place) =>
      placed.set(id, { id, layer, place })
    );
  }
  return nodes.map(({ id }) => placed.get(id)!);
}
