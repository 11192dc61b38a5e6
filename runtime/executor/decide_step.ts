import type { JsonObject, PlacedNode } from "../../pipeline/mod.ts";
import type { ArtifactRecord } from "../artifacts/artifact_codec.ts";
import { cacheKey, type KeyParts } from "../cache/cache_key.ts";
import { explainKey, renderDifferences } from "../cache/explain_key.ts";
import { type ResolvedReads, resolveReads } from "../cache/resolve_reads.ts";
import { type CacheEntry, findCacheEntry, latestCacheEntries } from "../store/mod.ts";
import { openCachedOutputs } from "./cached_outputs.ts";
import type { PlanWorld } from "./run_world.ts";

/** Whether a step run is taken from the cache, and why. */
export interface StepDecision {
  readonly parts: KeyParts;
  readonly cacheKey: string;
  readonly reads: ResolvedReads;
  /** Present when it is taken from the cache. */
  readonly outputs?: Readonly<Record<string, ArtifactRecord>>;
  readonly entry?: CacheEntry;
  readonly reason: string;
  /** Told to the person, e.g. of a damaged blob. */
  readonly warning?: string;
}

/** Decides about one node whose inputs are known. Runs nothing. */
export async function decideStep(
  world: PlanWorld,
  node: PlacedNode,
  inputs: Readonly<Record<string, ArtifactRecord>>,
): Promise<StepDecision> {
  const reads = await resolveReads(node.step.reads?.(node.params) ?? [], world.reads);
  const parts = await keyParts(world, node, inputs, reads);
  const decided = { parts, cacheKey: await cacheKey(parts), reads };
  const forced = forcedReason(world, node);
  if (forced !== undefined) return { ...decided, reason: forced };

  const entry = await findCacheEntry(world.store, decided.cacheKey);
  if (entry === undefined) {
    return { ...decided, reason: await missReason(world, node, parts) };
  }
  const expired = expiry(node, entry);
  if (expired !== undefined) return { ...decided, reason: expired };

  const { outputs, damage } = await openCachedOutputs(world.store, entry, {
    verify: world.selection.verify === true,
  });
  if (outputs === undefined) {
    return {
      ...decided,
      reason: damage,
      warning: `The cached result of "${node.id}" cannot be used: ${damage}. The step runs again.`,
    };
  }
  return { ...decided, entry, outputs, reason: "nothing changed" };
}

async function keyParts(
  world: PlanWorld,
  node: PlacedNode,
  inputs: Readonly<Record<string, ArtifactRecord>>,
  reads: ResolvedReads,
): Promise<KeyParts> {
  const environments = await Promise.all(
    (node.step.uses ?? []).map((port) => world.environmentOf(port)),
  );
  return {
    step: node.step.name,
    code: await world.codeOf(node.step.module),
    params: withoutUndefined(node.params),
    inputs: Object.fromEntries(Object.entries(inputs).map(([slot, { hash }]) => [slot, hash])),
    reads: reads.parts,
    environment: Object.assign({}, ...environments) as Record<string, string>,
  };
}

/** Parts are stored as JSON, which knows no `undefined`. */
function withoutUndefined(params: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(params)) as JsonObject;
}

function forcedReason({ graph, selection }: PlanWorld, node: PlacedNode): string | undefined {
  if (node.step.cache === false) return "the step is declared with cache: false";
  if (selection.noCache) return "--no-cache";
  if (selection.force?.includes(node.id)) return "--force";
  const from = selection.from?.find((id) => leadsTo(graph.nodes, id, node));
  return from === undefined ? undefined : `--from ${from}`;
}

/** Whether a node is, or comes after, the node with this id. */
function leadsTo(nodes: readonly PlacedNode[], id: string, node: PlacedNode): boolean {
  if (node.id === id) return true;
  return Object.values(node.inputs).some((ref) => {
    const producer = nodes.find((each) => each.id === ref.node.id);
    return producer !== undefined && leadsTo(nodes, id, producer);
  });
}

function expiry({ step }: PlacedNode, { createdAt }: CacheEntry): string | undefined {
  if (step.cache === undefined || step.cache === false) return undefined;
  const ageSeconds = Math.round((Date.now() - createdAt) / 1000);
  const { ttlSeconds } = step.cache;
  return ageSeconds > ttlSeconds ? `cached ${ageSeconds} s ago, ttl ${ttlSeconds} s` : undefined;
}

/** What differs from the newest result of this node. */
async function missReason(world: PlanWorld, node: PlacedNode, parts: KeyParts): Promise<string> {
  const [latest] = await latestCacheEntries(world.store, {
    experiment: world.graph.pipeline,
    node: node.id,
    limit: 1,
  });
  if (latest === undefined) return "first run";
  const differences = explainKey(latest.parts as unknown as KeyParts, parts);
  return differences.length === 0 ? "its result was deleted" : renderDifferences(differences);
}
