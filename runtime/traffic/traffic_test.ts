import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { registerVersion } from "../registry/mod.ts";
import { openTemporaryStore } from "../store/temporary_store.ts";
import { recordArtifacts, type Store } from "../store/mod.ts";
import {
  chooseShare,
  type Feedback,
  findSample,
  listSamples,
  listSplits,
  listVersionSamples,
  liveAccuracy,
  newestSample,
  recordFeedback,
  recordSamples,
  sampledVersions,
  setSplit,
} from "./mod.ts";

const ACT = { user: "mina", why: "to compare", at: 1000 };

async function addVersions(store: Store, count: number): Promise<void> {
  for (let version = 1; version <= count; version++) {
    const hash = `${version}`.repeat(64);
    await recordArtifacts(store, [{ hash, kind: "model", files: [] }]);
    await registerVersion(store, {
      name: "digits",
      modelArtifact: hash,
      runId: null,
      metrics: {},
      promote: "approve",
      idempotencyKey: `test:${version}`,
      ...ACT,
    });
  }
}

Deno.test("setSplit() shares requests among versions until it is taken back", async () => {
  await using store = await openTemporaryStore();
  await addVersions(store, 2);
  const split = { name: "digits", shares: [{ version: 1, weight: 3 }, { version: 2, weight: 1 }] };

  await setSplit(store, split, ACT);
  deepEqual(await listSplits(store), [split]);

  await setSplit(store, { name: "digits", shares: [] }, ACT);
  deepEqual(await listSplits(store), []);
});

Deno.test("setSplit() names everything that is wrong, and refuses unknown versions", async () => {
  await using store = await openTemporaryStore();
  await addVersions(store, 1);
  const shares = [{ version: 1, weight: 0 }, { version: 1, weight: NaN }];

  await rejects(setSplit(store, { name: "digits", shares }, ACT), {
    code: "traffic/bad-split",
    why: /3 problems.*weight of version 1 is 0.*NaN.*twice/s,
  });
  const unknown = [{ version: 1, weight: 1 }, { version: 7, weight: 1 }];
  await rejects(setSplit(store, { name: "digits", shares: unknown }, ACT), {
    code: "registry/unknown-version",
  });
});

Deno.test("chooseShare() gives a key always the same version, and each version its part", () => {
  const split = { name: "digits", shares: [{ version: 1, weight: 3 }, { version: 2, weight: 1 }] };
  const chosen = Array.from({ length: 4000 }, (_, index) => chooseShare(split, `user ${index}`));

  equal(chooseShare(split, "user 7"), chosen[7]);
  const second = chosen.filter((version) => version === 2).length;
  // 1000 expected, with a standard deviation of 27.
  ok(second > 850 && second < 1150, `${second}`);
});

Deno.test("recordSamples() keeps the newest requests of every model", async () => {
  await using store = await openTemporaryStore();
  const sample = (requestId: string, at: number) => (
    { requestId, name: "digits", version: 1, at, durationMs: 1.5, request: "{}", answers: "[]" }
  );

  await recordSamples(store, [sample("a", 1), sample("b", 2)], { kept: 2 });
  await recordSamples(store, [sample("c", 3)], { kept: 2 });

  deepEqual(await listSamples(store, "digits", { limit: 9 }), [sample("c", 3), sample("b", 2)]);
  equal((await findSample(store, "b"))?.at, 2);
  equal(await findSample(store, "a"), undefined);
});

Deno.test("listVersionSamples() reads those of one version page by page, the newest first", async () => {
  await using store = await openTemporaryStore();
  const sample = (requestId: string, version: number) => (
    { requestId, name: "digits", version, at: 1, durationMs: 1, request: "{}", answers: "[]" }
  );
  const versions = [1, 2, 1, 1, 2];
  await recordSamples(store, versions.map((version, place) => sample(`${place}`, version)), {
    kept: 9,
  });

  const id = { name: "digits", version: 1 };
  const { place, kept } = await newestSample(store, id);
  const first = await listVersionSamples(store, id, { before: place! + 1, limit: 2, bytes: 100 });
  const rest = await listVersionSamples(store, id, {
    before: first[1]!.place,
    limit: 2,
    bytes: 100,
  });

  deepEqual([...first, ...rest].map(({ requestId }) => requestId), ["3", "2", "0"]);
  equal(kept, 3);
  deepEqual(await newestSample(store, { ...id, version: 9 }), { place: null, kept: 0 });
  deepEqual(await sampledVersions(store, "digits"), [2, 1]);
});

Deno.test("listVersionSamples() reads no more than so many bytes at once, but always a sample", async () => {
  await using store = await openTemporaryStore();
  const sizes = [40, 500, 30, 60];
  const id = { name: "digits", version: 1 };
  await recordSamples(
    store,
    sizes.map((size, place) => (
      {
        ...id,
        requestId: `${place}`,
        at: 1,
        durationMs: 1,
        request: "한".repeat(size),
        answers: "[]",
      }
    )),
    { kept: 9 },
  );
  const read = async (before: number): Promise<string[]> => {
    const part = await listVersionSamples(store, id, { before, limit: 9, bytes: 300 });
    if (part.length === 0) return [];
    const names = part.map(({ requestId }) => requestId).join(" ");
    return [names, ...await read(part.at(-1)!.place)];
  };

  // 60 and 30 characters of three bytes each, with their answers, are 274 bytes.
  deepEqual(await read(Number.MAX_SAFE_INTEGER), ["3 2", "1", "0"]);
});

Deno.test("liveAccuracy() counts what was told, the last word of a row alone", async () => {
  await using store = await openTemporaryStore();
  const told = (requestId: string, version: number, truth: string): Feedback => (
    { requestId, row: 0, name: "digits", version, label: "3", truth, at: 1, user: "mina" }
  );

  await recordFeedback(store, [told("a", 1, "3"), told("b", 1, "8"), told("c", 2, "8")]);
  await recordFeedback(store, [told("c", 2, "3")]);

  deepEqual(await liveAccuracy(store, "digits"), [
    { version: 2, told: 1, right: 1 },
    { version: 1, told: 2, right: 1 },
  ]);
  deepEqual(await liveAccuracy(store, "digits", { limit: 1 }), [
    { version: 2, told: 1, right: 1 },
  ]);
});
