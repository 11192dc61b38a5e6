import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "..");

/** What a user writes in a folder of their own, far from the framework. */
const SCRIPT = `
import { run } from "hanok";
import iris from ${JSON.stringify(join(ROOT, "configs/iris/pipeline.ts"))};

const events: string[] = [];
const result = await run(iris, {
  store: "my runs",
  set: Deno.args,
  runName: "from code",
  tags: { team: "flowers" },
  onEvent: (event) => void events.push(event.type),
});
await using predictor = await result.model!.load();
const { label } = await predictor.predict({
  sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2,
});
const metrics = await result.artifact<"metrics">("evaluate", "metrics");
const missing = await result.artifact("evaluate", "metric").catch((error) => error);
const wrong = await run(iris, { store: "my runs", config: { epochs: "many", sed: 1 } as never }).catch((error) => error);
console.log(JSON.stringify({
  status: result.status, model: result.model, steps: result.steps.map(({ status }) => status),
  first: events[0], last: events.at(-1), label, accuracy: [result.metrics.accuracy, metrics.accuracy],
  missing: [missing.code, missing.why], wrong: [wrong.code, wrong.why],
}));
`;

Deno.test("run() from a program outside the framework gives the model, its artifacts and every problem", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "hanok 코드 " }));
  try {
    await Deno.writeTextFile(join(folder, "script.ts"), SCRIPT);
    const imports = { hanok: new URL("../mod.ts", import.meta.url).href };
    await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify({ imports }));
    await Deno.copyFile(join(ROOT, "deno.lock"), join(folder, "deno.lock"));
    const start = async (...args: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-q", "-A", "--no-check", "script.ts", ...args],
        cwd: folder,
        env: { INIT_CWD: folder, NO_COLOR: "1" },
      }).output();
      equal(code, 0, new TextDecoder().decode(stderr));
      return JSON.parse(new TextDecoder().decode(stdout));
    };

    const first = await start();
    const again = await start();

    equal(first.status, "succeeded");
    deepEqual(first.model.aliases, ["candidate", "champion"]);
    deepEqual([first.first, first.last], ["run-started", "run-finished"]);
    equal(first.label, "setosa");
    ok(first.accuracy[0] >= 0.95);
    equal(first.accuracy[0], first.accuracy[1]);
    deepEqual(first.missing, [
      "run/no-artifact",
      'this run made no such artifact (did you mean "evaluate.metrics"?)',
    ]);
    equal(first.wrong[0], "config/invalid");
    ok(first.wrong[1].includes('unknown key "sed" (did you mean "seed"?)'), first.wrong[1]);
    ok(first.wrong[1].includes("epochs: "), first.wrong[1]);
    deepEqual([...new Set(again.steps)], ["cached"]);
    equal(again.label, "setosa");
    equal((await Deno.stat(join(folder, "my runs", "store.db"))).isFile, true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
