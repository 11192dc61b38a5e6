import { z } from "zod";
import { ExplainedError, listProblems } from "../../pipeline/explained_error.ts";

const time = z.int().min(0);
const texts = z.record(z.string(), z.string());
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const state = z.enum(["registered", "approved", "rejected", "archived"]);
const version = z.int().min(1);
const act = { at: time, user: z.string(), why: z.string() };

const documentSchema = z.strictObject({
  format: z.literal("hanok-registry"),
  formatVersion: z.literal(1),
  models: z.array(z.strictObject({
    name: z.string().min(1),
    description: z.string(),
    tags: texts,
    creationTime: time,
    lastUpdatedTime: time,
    aliases: z.record(z.string(), version),
    versions: z.array(z.strictObject({
      version,
      state,
      stage: z.enum(["None", "Staging", "Production", "Archived"]),
      description: z.string(),
      source: z.string(),
      runId: z.string().nullable(),
      runLink: z.string().nullable(),
      metrics: z.record(
        z.string(),
        z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]),
      ),
      verdict: z.json(),
      idempotencyKey: z.string().nullable(),
      userId: z.string().nullable(),
      creationTime: time,
      lastUpdatedTime: time,
      tags: texts,
      artifact: z.strictObject({
        hash,
        kind: z.string(),
        files: z.array(z.strictObject({ path: z.string().min(1), hash, size: z.int().min(0) })),
      }).nullable(),
    })),
    aliasMoves: z.array(z.strictObject({
      ...act,
      alias: z.string(),
      from: version.nullable(),
      to: version.nullable(),
      isRollback: z.boolean(),
    })),
    stateChanges: z.array(z.strictObject({ ...act, version, from: state.nullable(), to: state })),
  })),
});

/** The registry as one JSON document: all that is needed to build it again, bytes apart. */
export type RegistryDocument = z.infer<typeof documentSchema>;

/** @throws {ExplainedError} `registry/bad-document` naming every place that is wrong. */
export function parseRegistryDocument(document: unknown): RegistryDocument {
  const result = documentSchema.safeParse(document);
  if (result.success) return result.data;
  throw new ExplainedError("registry/bad-document", {
    what: "Cannot import the registry",
    why: listProblems(
      result.error.issues.map(({ path, message }) => `${path.join(".") || "document"}: ${message}`),
    ),
    fix: "Give a file that `deno task pipeline models export` wrote",
  });
}
