import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { recordArtifacts, type Store } from "../store/mod.ts";
import { openTemporaryStore, putArtifact } from "../store/temporary_store.ts";
import {
  type Act,
  approve,
  archive,
  deleteAlias,
  earlierChampions,
  moveAlias,
  reject,
  rollback,
} from "./alias.ts";
import { findChampion, getVersion, listVersions } from "./find_version.ts";
import type { ModelVersion } from "./model_version.ts";
import { listModels } from "./registered_model.ts";
import { versionHistory } from "./version_history.ts";
import { registerVersion } from "./model_registry.ts";

const act: Act = { user: "lee", why: "a test", at: 5000 };

async function register(store: Store, number: number, promote: "auto" | "approve"): Promise<void> {
  const artifact = await putArtifact(store, `model ${number}`, "model");
  await recordArtifacts(store, [artifact]);
  await registerVersion(store, {
    name: "m",
    modelArtifact: artifact.hash,
    runId: null,
    metrics: {},
    promote,
    idempotencyKey: String(number),
    user: "run",
    at: 5000,
  });
}

async function championAfter(store: Store, count: number): Promise<void> {
  for (let number = 1; number <= count; number++) await register(store, number, "auto");
}

Deno.test("rollback() goes back champion by champion, and says when there is none left", async () => {
  await using store = await openTemporaryStore();
  await championAfter(store, 3);

  equal((await rollback(store, "m", act)).version, 2);
  equal((await rollback(store, "m", act)).version, 1);
  await rejects(() => rollback(store, "m", act), { code: "registry/no-earlier-champion" });

  const states = (await listVersions(store, "m")).map(({ version, state }) => [version, state]);
  deepEqual(states, [[3, "archived"], [2, "archived"], [1, "approved"]]);
  await register(store, 4, "auto");
  equal((await rollback(store, "m", act)).version, 1);
});

Deno.test("rollback() passes over rejected champions and brings a removed one back", async () => {
  await using store = await openTemporaryStore();
  await championAfter(store, 3);
  await reject(store, { name: "m", version: 2 }, act);

  equal((await rollback(store, "m", act)).version, 1);

  await deleteAlias(store, "m", "champion", act);
  equal(await findChampion(store, "m"), undefined);
  equal((await rollback(store, "m", act)).version, 1);
  await rejects(() => rollback(store, "none", act), { code: "registry/unknown-model" });
});

Deno.test("approve() makes the candidate champion; reject() takes the candidate away", async () => {
  await using store = await openTemporaryStore();
  await register(store, 1, "auto");
  await register(store, 2, "approve");
  await register(store, 3, "approve");

  const approved = await approve(store, { name: "m", version: 2 }, act);
  const rejected = await reject(store, { name: "m", version: 3 }, act);

  deepEqual([approved.state, approved.aliases, approved.stage], [
    "approved",
    ["champion"],
    "Production",
  ]);
  deepEqual([rejected.state, rejected.aliases, rejected.stage], ["rejected", [], "None"]);
  equal((await getVersion(store, "m/1")).state, "archived");
  await rejects(() => moveAlias(store, rejected, "champion", act), {
    code: "registry/rejected-version",
  });
  equal((await approve(store, rejected, act)).stage, "Production");
});

Deno.test("reject() and archive() refuse the champion", async () => {
  await using store = await openTemporaryStore();
  await register(store, 1, "auto");

  await rejects(() => reject(store, { name: "m", version: 1 }, act), {
    code: "registry/is-champion",
  });
  await rejects(() => archive(store, { name: "m", version: 1 }, act), {
    code: "registry/is-champion",
  });
});

Deno.test("moveAlias() refuses names that MLflow reserves", async () => {
  await using store = await openTemporaryStore();
  await register(store, 1, "auto");

  for (const alias of ["latest", "V12", "", "a b", "x".repeat(256)]) {
    await rejects(() => moveAlias(store, { name: "m", version: 1 }, alias, act), {
      code: "registry/bad-alias",
    });
  }
  equal(await deleteAlias(store, "m", "nobody", act), false);
});

Deno.test("earlierChampions() takes moves back that a rollback took back", () => {
  const moves = (...to: (number | null | string)[]) =>
    to.map((each) =>
      typeof each === "string"
        ? { to: Number(each), isRollback: 1 } as const
        : { to: each, isRollback: 0 } as const
    );

  deepEqual(earlierChampions(moves()), []);
  deepEqual(earlierChampions(moves(1)), []);
  deepEqual(earlierChampions(moves(1, 2, 3)), [2, 1]);
  deepEqual(earlierChampions(moves(1, 2, 3, "2")), [1]);
  deepEqual(earlierChampions(moves(1, 2, 1)), [2, 1]);
  deepEqual(earlierChampions(moves(1, 2, 3, "1", 4)), [1]);
  deepEqual(earlierChampions(moves(1, null)), [1]);
});

type Move =
  | { readonly do: "register"; readonly promote: "auto" | "approve" }
  | { readonly do: "alias"; readonly alias: string; readonly version: number }
  | { readonly do: "deleteAlias"; readonly alias: string }
  | { readonly do: "approve" | "reject" | "archive"; readonly version: number }
  | { readonly do: "rollback" };

const version = fc.integer({ min: 1, max: 4 });
const alias = fc.constantFrom("champion", "candidate", "shadow");
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({
    do: fc.constant("register" as const),
    promote: fc.constantFrom("auto" as const, "approve" as const),
  }),
  fc.record({ do: fc.constant("alias" as const), alias, version }),
  fc.record({ do: fc.constant("deleteAlias" as const), alias }),
  fc.record({
    do: fc.constantFrom("approve" as const, "reject" as const, "archive" as const),
    version,
  }),
  fc.record({ do: fc.constant("rollback" as const) }),
);

async function perform(store: Store, move: Move, number: number): Promise<void> {
  const id = { name: "m", version: "version" in move ? move.version : 0 };
  try {
    if (move.do === "register") await register(store, number, move.promote);
    else if (move.do === "alias") await moveAlias(store, id, move.alias, act);
    else if (move.do === "deleteAlias") await deleteAlias(store, "m", move.alias, act);
    else if (move.do === "rollback") await rollback(store, "m", act);
    else if (move.do === "approve") await approve(store, id, act);
    else if (move.do === "reject") await reject(store, id, act);
    else await archive(store, id, act);
  } catch (error) {
    // Refusals are part of the game; anything else is not.
    ok(error instanceof Error && "code" in error && String(error.code).startsWith("registry/"));
  }
}

function stageOf({ aliases, state }: ModelVersion): string {
  if (aliases.includes("champion")) return "Production";
  if (state === "archived") return "Archived";
  return aliases.includes("candidate") ? "Staging" : "None";
}

/** Aliases and states as the history alone tells them. */
async function replay(
  store: Store,
): Promise<{ aliases: Record<string, unknown>; states: Map<number, unknown> }> {
  const aliases: Record<string, unknown> = {};
  const states = new Map<number, unknown>();
  for (const { version } of await listVersions(store, "m")) {
    let state: unknown = null;
    for (const change of await versionHistory(store, "m", { version })) {
      if (change.alias !== null) continue;
      equal(change.from, state, "a change begins where the last one ended");
      state = change.to;
    }
    states.set(version, state);
  }
  for (const change of await versionHistory(store, "m")) {
    if (change.alias === null) continue;
    equal(change.from, aliases[change.alias] ?? null, "a move begins where the alias was");
    if (change.to === null) delete aliases[change.alias];
    else aliases[change.alias] = change.to;
  }
  return { aliases, states };
}

Deno.test("aliases and states keep their laws through any moves", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 14 }), async (moves) => {
      await using store = await openTemporaryStore();
      await register(store, 0, "auto");
      for (const [index, each] of moves.entries()) await perform(store, each, index + 1);

      const versions = await listVersions(store, "m");
      const champions = versions.filter(({ aliases }) => aliases.includes("champion"));
      ok(champions.length <= 1, "never two champions");
      for (const champion of champions) equal(champion.state, "approved");
      for (const each of versions) equal(each.stage, stageOf(each));
      const { aliases, states } = await replay(store);
      deepEqual((await listModels(store))[0]?.aliases ?? {}, aliases, "every move is a row");
      for (const { version, state } of versions) equal(state, states.get(version));
    }),
    { seed: 4, numRuns: 40 },
  );
});

Deno.test("rollback() after a promotion is as if nothing had been promoted", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 10 }), version, async (moves, promoted) => {
      await using store = await openTemporaryStore();
      await championAfter(store, 2);
      for (const [index, each] of moves.entries()) await perform(store, each, index + 3);
      const before = await findChampion(store, "m");
      const target = (await listVersions(store, "m")).find((each) => each.version === promoted);
      fc.pre(before !== undefined && target !== undefined);
      fc.pre(target.version !== before.version && target.state !== "rejected");

      await moveAlias(store, target, "champion", act);
      await rollback(store, "m", act);

      const { lastUpdatedTime: _, ...after } = (await findChampion(store, "m"))!;
      const { lastUpdatedTime: __, ...expected } = before;
      deepEqual(after, expected);
      equal((await getVersion(store, target)).state, "archived");
    }),
    { seed: 5, numRuns: 40 },
  );
});
