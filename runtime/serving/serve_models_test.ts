import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { MODEL_FILES } from "../../pipeline/mod.ts";
import { fakeCatalog, type FakeModel, fakeModel } from "./_fake_models.ts";
import { answerRequest } from "./answer_request.ts";
import { ROW } from "./_fake_models.ts";
import type { ModelFiles } from "./load_model.ts";
import type { ServingEvent } from "./model_server.ts";
import { openModelServer } from "./serve_models.ts";

/** A server over a registry in memory, with what it loaded and told. */
async function open(versions: Record<string, number[]>, aliases: [string, string, number][]) {
  const catalog = fakeCatalog(
    aliases.map(([name, alias, version]) => ({ name, alias, version })),
    versions,
  );
  const loaded: FakeModel[] = [];
  const events: ServingEvent[] = [];
  const broken = new Set<number>();
  const load = async (files: ModelFiles) => {
    const version = Number(await files.readJson("version"));
    if (broken.has(version)) throw new Error(`version ${version} has no ${MODEL_FILES.model}`);
    const model = fakeModel(version);
    loaded.push(model);
    return model;
  };
  const server = await openModelServer({
    catalog,
    load,
    onEvent: (event) => events.push(event),
    pollMs: 1_000_000,
  });
  return { catalog, loaded, events, broken, server };
}

const CHAMPION = { name: "digits", alias: "champion" };

Deno.test("openModelServer() loads a version when it is first asked for, once for all who ask", async () => {
  const { server, loaded } = await open({ digits: [2, 1] }, [["digits", "champion", 2]]);
  await using _ = server;
  equal(loaded.length, 0);

  const opened = await Promise.all([server.open(CHAMPION), server.open(CHAMPION)]);

  deepEqual(opened.map(({ version }) => version), [2, 2]);
  equal(loaded.length, 1);
});

Deno.test("openModelServer() shares a version between aliases", async () => {
  const { server, loaded } = await open({ digits: [1] }, [
    ["digits", "champion", 1],
    ["digits", "candidate", 1],
  ]);
  await using _ = server;

  await server.open(CHAMPION);
  await server.open({ name: "digits", alias: "candidate" });

  equal(loaded.length, 1);
});

Deno.test("openModelServer() swaps a moved alias, and lets the old version go", async () => {
  const { server, catalog, loaded, events } = await open({ digits: [7, 6, 5, 4, 3, 2, 1] }, [
    ["digits", "champion", 1],
  ]);
  await using _ = server;
  await server.open(CHAMPION);

  for (const version of [2, 3, 4, 5, 6, 7]) {
    catalog.aliases = [{ ...CHAMPION, version }];
    await server.refresh();
    equal((await server.open(CHAMPION)).version, version);
  }

  deepEqual(loaded.map(({ released }) => released), [
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
  ok(events.some((event) => event.type === "alias-swapped" && event.from === 1 && event.to === 2));
});

Deno.test("openModelServer() keeps the old version when the new one does not load, and says so", async () => {
  const { server, catalog, broken } = await open({ digits: [2, 1] }, [["digits", "champion", 1]]);
  await using _ = server;
  await server.open(CHAMPION);
  broken.add(2);

  catalog.aliases = [{ ...CHAMPION, version: 2 }];
  await server.refresh();

  equal((await server.open(CHAMPION)).version, 1);
  deepEqual(server.status(), [
    { ...CHAMPION, wanted: 2, serving: 1, problem: "version 2 has no model.onnx" },
  ]);
});

Deno.test("openModelServer() serves a version anew after it failed, when its alias moves on", async () => {
  const { server, catalog, broken } = await open({ digits: [2, 1] }, [["digits", "champion", 1]]);
  await using _ = server;
  broken.add(1);
  await rejects(server.open(CHAMPION), { message: "version 1 has no model.onnx" });

  catalog.aliases = [{ ...CHAMPION, version: 2 }];
  await server.refresh();

  equal((await server.open(CHAMPION)).version, 2);
  equal(server.status()[0]!.problem, null);
});

Deno.test("openModelServer() finds an alias that was made a moment ago", async () => {
  const { server, catalog } = await open({ digits: [1] }, []);
  await using _ = server;

  catalog.aliases = [{ ...CHAMPION, version: 1 }];

  equal((await server.open(CHAMPION)).version, 1);
});

Deno.test("openModelServer() serves on when the registry cannot be read", async () => {
  const { server, catalog, events } = await open({ digits: [1] }, [["digits", "champion", 1]]);
  await using _ = server;
  await server.open(CHAMPION);

  catalog.listAliases = () => Promise.reject(new Error("disk I/O error"));
  await server.refresh();

  equal((await server.open(CHAMPION)).version, 1);
  deepEqual(events.at(-1), { type: "registry-failed", problem: "disk I/O error" });
});

Deno.test("openModelServer() keeps the versions asked for last, and lets the others go", async () => {
  const versions = [9, 8, 7, 6, 5, 4, 3, 2, 1];
  const { server, loaded } = await open({ digits: versions }, []);
  await using _ = server;

  for (const version of [...versions].reverse()) await server.open({ name: "digits", version });

  const kept = loaded.filter(({ released }) => !released).map(({ version }) => version);
  deepEqual(kept, [6, 7, 8, 9]);
});

for (
  const { title, target, code, why } of [
    {
      title: "an unknown model with the nearest name",
      target: { name: "digit", alias: "champion" },
      code: "serving/unknown-model",
      why: /did you mean "digits"/,
    },
    {
      title: "an unknown alias with those there are",
      target: { name: "digits", alias: "challenger" },
      code: "serving/unknown-alias",
      why: /alias champion/,
    },
    {
      title: "an unknown version with those there are",
      target: { name: "digits", version: 9 },
      code: "serving/unknown-version",
      why: /versions 2, 1/,
    },
  ]
) {
  Deno.test(`openModelServer() explains ${title}`, async () => {
    const { server } = await open({ digits: [2, 1] }, [["digits", "champion", 2]]);
    await using _ = server;

    await rejects(server.open(target), (error: { code: string; why: string }) => {
      equal(error.code, code);
      return why.test(error.why);
    });
  });
}

Deno.test("answerRequest() loses no request while the alias is swapped a hundred times", async () => {
  const versions = Array.from({ length: 101 }, (_, index) => index + 1);
  const { server, catalog } = await open({ digits: versions }, [["digits", "champion", 1]]);
  await using _ = server;
  let asking = true;
  let asked = 0;
  const caller = async () => {
    while (asking) {
      const { answers, version } = await answerRequest(server, { target: CHAMPION, body: ROW });
      equal(answers[0]!.label, `v${version}`);
      asked++;
    }
  };
  const callers = [caller(), caller(), caller()];

  for (let version = 2; version <= 101; version++) {
    catalog.aliases = [{ ...CHAMPION, version }];
    await server.refresh();
  }
  asking = false;
  await Promise.all(callers);

  ok(asked > 100);
  equal((await server.open(CHAMPION)).version, 101);
});
