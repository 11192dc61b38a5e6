import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { type CliResult, openTestProject } from "./_test_project.ts";
import { projectFiles } from "./project_files.ts";

// One project from `init` to `reset`, as its owner types it. Every command is also asked for JSON.

Deno.test("init makes a project in which every command works", async (t) => {
  await using home = await openTestProject({});
  const folder = join(home.folder, "my wine");
  const enter = {
    env: { INIT_CWD: folder, HANOK_STORE: join(folder, "runs"), HANOK_USER: "mina" },
  };
  const cli = (...args: string[]): Promise<CliResult> => home.cli(args, enter);
  const json = async (...args: string[]) => {
    const { code, out, err } = await cli(...args, "--json");
    equal(code, 0, `${args.join(" ")}\n${err}`);
    try {
      return JSON.parse(out);
    } catch {
      throw new Error(`${args.join(" ")} printed no JSON document:\n${out}${err}`);
    }
  };
  const text = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await cli(...args);
    equal(code, 0, `${args.join(" ")}\n${err}`);
    return out;
  };

  await t.step("init writes every file, and overwrites none", async () => {
    const { code, out } = await home.cli(["init", "my wine"]);
    equal(code, 0);
    match(out, /cd 'my wine'\n {2}deno task pipeline run/);
    for (const { path, content } of await projectFiles()) {
      equal(await Deno.readTextFile(join(folder, path)), content);
    }

    await Deno.writeTextFile(join(folder, "README.md"), "mine");
    const again = await home.cli(["init", "my wine"]);

    equal(again.code, 2);
    match(again.err, /README\.md is there already[^]*cli\/file-exists/);
    equal(await Deno.readTextFile(join(folder, "README.md")), "mine");
  });

  await t.step("its tasks run it, type-checked", async () => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "-q", "pipeline", "run", "--json"],
      cwd: folder,
      env: { INIT_CWD: folder, HANOK_STORE: join(folder, "runs") },
    }).output();
    const err = new TextDecoder().decode(stderr);
    equal(code, 0, err);
    const summary = JSON.parse(new TextDecoder().decode(stdout));

    equal(summary.status, "succeeded");
    ok(summary.metrics.accuracy >= 0.9, String(summary.metrics.accuracy));
    deepEqual(summary.model, { name: "wine", version: 1, aliases: ["candidate", "champion"] });
    const checked = await new Deno.Command(Deno.execPath(), {
      args: ["check", "-q", "pipeline.ts"],
      cwd: folder,
    }).output();
    equal(checked.code, 0, new TextDecoder().decode(checked.stderr));
  });

  await t.step("plan, graph and explain", async () => {
    const plan = await json("plan", "--set", "outlier_limit=2");
    const actions = plan.nodes.map((each: Record<string, string>) => [each.node, each.action]);
    deepEqual(Object.fromEntries(actions), {
      data: "cached",
      split: "cached",
      clean: "run",
      preprocess: "unknown",
      train: "unknown",
      evaluate: "unknown",
      gate: "unknown",
      register: "unknown",
    });
    match(await text("plan"), /≡ train +cached/);
    equal((await json("graph")).nodes.length, 8);
    match(await text("graph"), /^flowchart LR\n/);
    equal((await json("explain", "train")).status, "succeeded");
  });

  await t.step(
    "a step of one's own edited: it runs again, and explain names the file",
    async () => {
      const path = join(folder, "steps/drop_outliers.ts");
      const source = await Deno.readTextFile(path);
      await Deno.writeTextFile(
        path,
        source.replace("limit * Math.sqrt", "0.9 * limit * Math.sqrt"),
      );

      const { steps } = await json("run", "--name", "second", "--note", "stricter");

      const ran = steps.filter((each: { status: string }) => each.status === "succeeded");
      ok(ran.some(({ node }: { node: string }) => node === "clean"));
      ok(!ran.some(({ node }: { node: string }) => node === "split"));
      const { differences } = await json("explain", "clean", "--run", "second");
      deepEqual(differences.map(({ part, name }: Record<string, string>) => [part, name]), [
        ["code", "steps/drop_outliers.ts"],
      ]);
      match(await text("explain", "clean"), /code +steps\/drop_outliers\.ts/);
    },
  );

  await t.step("runs list, show, compare, logs, delete and restore", async () => {
    const list = await json("runs", "list", "--pipeline", "wine", "--status", "succeeded");
    equal(list.length, 2);
    equal(list[0].run_name, "second");
    equal((await json("runs", "list", "--sort", "accuracy")).length, 2);
    const shown = await json("runs", "show", "second");
    equal(shown.note, "stricter");
    equal(shown.steps.length, 8);
    ok(shown.files.length > 5);
    match(
      await text("runs", "show", "second", "--files"),
      /note +stricter[^]*clean +drop_outliers/,
    );
    await text("runs", "list");
    match(await text("runs", "compare", "second", list[1].run_id), /name +second/);
    equal((await json("runs", "compare", "second", list[1].run_id)).runs.length, 2);
    ok(Array.isArray(await json("runs", "logs", "second", "--node", "clean")));
    deepEqual(await json("runs", "delete", "second", "--yes"), { deleted: [shown.run_id] });
    equal((await json("runs", "list")).length, 1);
    equal((await json("runs", "list", "--deleted")).length, 1);
    equal((await json("runs", "restore", "second")).restored[0].deleted, false);
  });

  await t.step("predict by words, JSON, file, stdin and example", async () => {
    const words = [
      "alcohol=13.2",
      "flavanoids=2.8",
      "color_intensity=4.4",
      "hue=1.05",
      "proline=1050",
    ];
    const row = '{"alcohol":13.2,"flavanoids":2.8,"color_intensity":4.4,"hue":1.05,"proline":1050}';
    await Deno.writeTextFile(join(folder, "rows.jsonl"), `${row}\n[12.1, 2, 3, 1, 500]\n`);

    const byWords = await json("predict", "wine", ...words);
    const byJson = await json("predict", "wine@champion", row);
    const byFile = await json("predict", "wine", "@rows.jsonl");
    const stdin = await home.cli(["predict", "wine", "-", "--json"], {
      ...enter,
      stdin: `[${row}]`,
    });

    equal(byWords.predictions[0].label, "barolo");
    deepEqual(byJson.predictions, byWords.predictions);
    equal(byFile.predictions.length, 2);
    deepEqual(JSON.parse(stdin.out).predictions, byWords.predictions);
    match(await text("predict", "wine", ...words), /barolo {2}[\d.> ]+ % sure/);
    match(await text("predict", "wine", "--example"), /% sure/);
    const wrong = await cli("predict", "wine", "alcohol=strong");
    equal(wrong.code, 2);
    match(wrong.err, /"alcohol" is the text "strong"/);
    match((await cli("predict", "wine")).err, /Write a row: alcohol=/);
  });

  await t.step(
    "models list, show, alias, approve, reject, rollback, export and import",
    async () => {
      const [model] = await json("models", "list");
      equal(model.name, "wine");
      const newest = model.latest_version;
      await text("models", "list");
      match(await text("models", "show", "wine"), /champion: none → 1/);
      equal((await json("models", "show", "wine/1")).versions.length, 1);
      const cut = await json("models", "show", "wine", "--limit", "1");
      deepEqual([cut.versions.length, cut.history.length], [1, 1]);
      ok(cut.version_count === newest && cut.change_count > 3);
      match(await text("models", "show", "wine", "-n", "1"), /1 of \d+ changes; --limit shows/);
      match(await text("models", "alias", "wine", "shadow", "1"), /shadow is wine version 1/);
      equal((await json("models", "alias", "wine", "shadow", "--delete")).deleted, true);
      const files = await json("models", "export", "wine/1", "--to", "model");
      ok(files.files.includes("model.onnx"));
      const imported = await json("models", "import", "model", "copy of wine");
      deepEqual([imported.name, imported.version, imported.is_new], ["copy of wine", 1, true]);
      equal((await json("models", "approve", "copy of wine/1")).state, "approved");
      equal((await json("predict", "./model", "--example")).version, null);
      if (newest > 1) {
        equal((await json("models", "rollback", "wine", "--why", "trying")).version, newest - 1);
        equal((await json("models", "reject", `wine/${newest}`)).state, "rejected");
      }
      equal((await cli("models", "reject", "wine@champion")).code, 1);
      await text("models", "export", "--to", "registry.json");
      equal((await cli("models", "import", "registry.json")).code, 1);
      ok((await json("models", "export")).format.startsWith("hanok-registry/"));
    },
  );

  await t.step("lineage leads back to the data, and forward to the model", async () => {
    match(await text("lineage", "wine/1"), /read file [^\n]*wine\.csv/);
    const { nodes } = await json("lineage", "wine/1");
    const data = nodes.find((each: { stepRun?: { node: string } }) =>
      each.stepRun?.node === "data"
    );
    ok(data !== undefined);
    match(await text("lineage", "wine@champion", "--mermaid"), /^flowchart LR\n/);
  });

  await t.step("runs data, file and again do what the pages do", async () => {
    const [{ run_id }] = await json("runs", "list", "--limit", "1");
    const made = (await text("runs", "data", run_id)).trim().split("\n");
    ok(made.includes("split.training"));
    match(await text("runs", "data", run_id, made[0]!), /different[^]*cultivar/);
    equal((await json("runs", "data", run_id, made[0]!)).address, made[0]);
    match(await text("runs", "file", run_id, "train/model/README.md"), /^# Classifier/);
    const { size_bytes } = await json("runs", "file", run_id, "train/model/MLmodel");
    equal((await text("runs", "file", run_id, "train/model/MLmodel")).length, size_bytes);

    const again = await json("runs", "again", run_id);

    equal(again.status, "succeeded");
    ok(again.steps.every(({ status }: { status: string }) => status === "cached"));
  });

  await t.step("list", async () => {
    deepEqual((await json("list")).pipelines.map(({ name }: { name: string }) => name), [
      "pipeline.ts",
    ]);
    match(await text("list"), /run one: deno task pipeline run pipeline\.ts/);
  });

  await t.step("cache list, verify and gc", async () => {
    match(await text("cache", "list"), /train/);
    equal((await json("cache", "list", "--limit", "3")).entries.length, 3);
    deepEqual((await json("cache", "verify")).damaged, []);
    await text("cache", "verify");
    equal((await json("cache", "gc", "--dry-run")).dry_run, true);
    await text("cache", "gc", "--keep", "1");
  });

  await t.step(
    "its task `serve` comes with few permissions, and with those of its store",
    async () => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["task", "-q", "serve", "token", "create", "--role", "editor", "--json"],
        cwd: folder,
        env: { INIT_CWD: folder, HANOK_STORE: join(folder, "runs") },
      }).output();

      equal(code, 0, new TextDecoder().decode(stderr));
      equal(JSON.parse(new TextDecoder().decode(stdout)).role, "editor");
    },
  );

  await t.step("serve answers until Ctrl-C", async () => {
    await using server = home.start(["serve", "--port", "0", "--json"], enter);
    await server.until('"url"');
    const { url } = JSON.parse(server.printed().slice(server.printed().indexOf("{")));
    const health = await fetch(new URL("/healthz", url));
    await health.body?.cancel();
    equal(health.status, 200);
    const { pipelines } = await (await fetch(new URL("/api/pipelines", url))).json();
    equal(pipelines[0].name, "pipeline.ts");
    ok(pipelines[0].last_run !== null);
    const started = await fetch(new URL("/api/pipelines/pipeline.ts/run", url), { method: "POST" });
    const { run_id } = await started.json();
    equal(started.status, 202);
    await (await fetch(new URL(`/runs/${run_id}/events`, url))).text();
    equal((await json("runs", "show", run_id)).status, "succeeded");
    server.kill("SIGINT");
    equal(await server.code, 0, server.printed());
  });

  await t.step("reset asks, keeps a copy, and empties the store", async () => {
    const { code, err } = await cli("reset");
    equal(code, 2);
    match(err, /Add --yes/);
    const { backup } = await json("reset", "--yes");
    ok((await Deno.stat(join(backup, "store.db"))).isFile);
    deepEqual(await json("runs", "list"), []);
    deepEqual(await json("models", "list"), []);
  });
});
