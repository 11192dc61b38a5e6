import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { RunSummary } from "../../runtime/executor/run_summary.ts";
import { openTestProject, type TestProject, TOY_PIPELINE } from "./_test_project.ts";

// Real processes, as a shell starts them.

async function runJson(project: TestProject, ...args: string[]): Promise<RunSummary> {
  const { out } = await project.cli(["run", "--json", ...args]);
  return JSON.parse(out) as RunSummary;
}

Deno.test("cli", async (t) => {
  await using project = await openTestProject();

  await t.step("--help is a result: on stdout, exit code 0", async () => {
    for (
      const args of [[], ["--help"], ["help"], ["help", "run"], ["runs"], ["runs", "list", "-h"]]
    ) {
      const { code, out, err } = await project.cli(args);
      deepEqual({ code, err }, { code: 0, err: "" }, args.join(" "));
      match(out, /deno task pipeline/);
    }
  });

  await t.step("--version is the framework's", async () => {
    match((await project.cli(["--version"])).out, /^\d+\.\d+\.\d+\n$/);
  });

  const mistakes: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [["rnu"], /there is no command "rnu" \(did you mean "run"\?\)/],
    [["models", "roll-back"], /there is no command "roll-back" \(did you mean "rollback"\?\)/],
    [["--jsn"], /there is no option "--jsn"/],
    [["run", "--forse", "x"], /there is no option "--forse" \(did you mean "--force"\?\)/],
    [["run", "toi"], /Cannot find pipeline "toi"/],
    [["run", "--engine", "abacus"], /Allowed choices are auto, webgpu, cpu, wasm/],
    [["run", "--set", "acuracy=1"], /unknown key "acuracy" \(did you mean "accuracy"\?\)/],
    [["run", "--set", "accuracy=high", "--set", "behave=oddly"], /2 problems/],
    [["run", "--config", "nope.yaml"], /Cannot find config "nope.yaml"/],
    [["run", "--only", "measur"], /no such node \(did you mean "measure"\?\)/],
    [["run", "--tag", "plain"], /there is no "key=" in front/],
    [["run", "--interactive"], /nobody can answer/],
    [["run", "--watch", "--json"], /--json is one document/],
    [["explain"], /`explain` needs <node>/],
    [["models", "import"], /`models import` needs <source>/],
    [["models", "import", "/nope"], /there is no such folder/],
    [["run", "--set", "accuracy.x=1"], /--set accuracy\.x=1: /],
    [["run", "./data.csv"], /a \.csv is no TypeScript module/],
    [["runs", "show", "3f9a2c"], /no run has this id or name/],
    [["runs", "compare", "one"], /one run cannot be compared/],
    [["runs", "list", "--limit", "0"], /no whole number from 1 on/],
    [["runs", "list", "--status", "fine"], /there is no status "fine"/],
    [["models", "show", "toy"], /no model is registered yet/],
    [["models", "alias", "toy", "champion"], /Cannot find model "toy"/],
    [["predict", "toy", "a=1"], /Cannot find model "toy"/],
    [["serve", "--port", "http"], /"http" is no port/],
  ];

  await t.step("wrong usage: exit code 2, what, why and fix on stderr, no stack", async () => {
    await project.write("data.csv", "a\n1\n");
    for (const [args, says] of mistakes) {
      const { code, out, err } = await project.cli(args);
      equal(code, 2, `${args.join(" ")}\n${err}`);
      if (!args.includes("--json")) equal(out, "", args.join(" "));
      match(err, says);
      match(err, /^✗ Cannot [^]*\n {2}why [^]*\n {2}fix [^]*\n {2}code {2}[a-z-]+\/[a-z-]+\n$/);
      ok(!err.includes("    at "), err);
    }
  });

  await t.step("with --json an error is the one document", async () => {
    const { code, out } = await project.cli(["run", "toi", "--json"]);

    equal(code, 2);
    equal(JSON.parse(out).error.code, "pipeline/unknown");
  });

  await t.step("an environment variable that cannot be used is named", async () => {
    for (const args of [["run"], ["runs", "list"]]) {
      const { code, err } = await project.cli(args, { env: { HANOK_THREADS: "many" } });
      equal(code, 2);
      match(err, /HANOK_THREADS is "many"[^]*cli\/bad-setting/);
    }
  });

  await t.step("what is not there yet is told with what makes it", async () => {
    const { code, err } = await project.cli(["explain", "gate"]);
    const { out } = await project.cli(["runs", "list"]);

    equal(code, 1);
    match(err, /nothing has run yet[^]*deno task pipeline run/);
    equal(out, "No runs.\nnext: deno task pipeline run\n");
  });

  await t.step("run: progress on stderr, the card on stdout, exit code 0", async () => {
    const { code, out, err } = await project.cli(["run", "--name", "first", "--tag", "team=cli"]);

    equal(code, 0, err);
    match(
      err,
      /^run [0-9a-f]{6} {2}toy {2}first\n {2}measure {2}measuring carefully\n✓ measure {2}ran/,
    );
    match(out, /✓ toy[^]*✓ gate passed: accuracy is 0\.9[^]*accuracy {2}0\.9000/);
    match(out, /deno task pipeline runs show [0-9a-f]{6}/);
    match(out, /deno task pipeline explain (?:measure|gate)/); // whichever took longer
  });

  await t.step("run again: everything cached, the long way and the short way", async () => {
    const long = await runJson(project);
    const short = await runJson(project);

    for (const { steps, status } of [long, short]) {
      equal(status, "succeeded");
      deepEqual(steps.map((step) => step.status), ["cached", "cached"]);
    }
    ok(long.run_id !== short.run_id);
  });

  await t.step("a changed value runs what uses it", async () => {
    const { steps } = await runJson(project, "--set", "accuracy=0.8", "--set", "min_accuracy=0.7");

    deepEqual(steps.map(({ status }) => status), ["succeeded", "succeeded"]);
  });

  await t.step("--config takes a name beside the pipeline", async () => {
    await project.write("configs/low.yaml", "accuracy: 0.6\n");
    await project.write("configs/default.yaml", "accuracy: 0.9\n");

    equal((await runJson(project, "--config", "low")).metrics.accuracy, 0.6);
  });

  await t.step(
    "a gate that says no: exit code 3, the reason on stdout, again from the cache",
    async () => {
      for (const measure of ["measure +(?:ran|cached)", "measure +cached"]) {
        const { code, out, err } = await project.cli(["run", "--set", "min_accuracy=0.95"]);
        equal(code, 3, err);
        match(out, /a gate said no[^]*gate did not pass: accuracy is 0\.9, must be >= 0\.95/);
        match(err, new RegExp(`${measure}[^]*gate +said no`));
      }
    },
  );

  await t.step(
    "a failing step: exit code 1, its error on stderr, --trace shows the stack",
    async () => {
      const args = ["run", "--set", "behave=fail"];

      const plain = await project.cli(args);
      const traced = await project.cli([...args, "--trace"]);
      const { status, steps } = await runJson(project, "--set", "behave=fail");

      deepEqual([plain.code, traced.code, status], [1, 1, "failed"]);
      match(plain.err, /✗ measure +failed[^]*the ruler broke[^]*code {2}step\/failed/);
      ok(!plain.err.includes("    at ") && traced.err.includes("    at "));
      equal(steps[0]?.error?.code, "step/failed");
      match(plain.out, /deno task pipeline runs logs [0-9a-f]{6} --node measure/);
    },
  );

  await t.step(
    "one Ctrl-C, however often it is told, ends cleanly with exit code 130",
    async () => {
      await using child = project.start(["run", "--set", "behave=wait", "--name", "stopped"]);
      await child.until("measuring carefully");
      child.kill("SIGINT");
      child.kill("SIGINT");

      equal(await child.code, 130, child.printed());
      match(child.printed(), /■ measure +cancelled[^]*toy was cancelled/);
      const { out } = await project.cli(["runs", "show", "stopped", "--json"]);
      const { status, ended_at, steps } = JSON.parse(out);
      equal(status, "cancelled");
      ok(ended_at !== null);
      deepEqual(
        steps.map((step: { status: string }) => step.status),
        ["cancelled", "cancelled"],
      );
    },
  );

  await t.step("runs stop ends a run of another terminal, and says who and why", async () => {
    const wait = ["run", "--set", "behave=wait", "--name"];
    await using child = project.start([...wait, "endless"]);
    await child.until("measuring carefully");
    const mina = { env: { HANOK_USER: "mina" } };
    const stopped = await project.cli(["runs", "stop", "endless", "--why", "too slow"], mina);

    equal(stopped.code, 0, stopped.err);
    match(stopped.out, /^Stopped endless \([0-9a-f]{6}\) after /);
    equal(await child.code, 130, child.printed());
    match(child.printed(), /mina stopped the run: too slow[^]*toy was cancelled/);
    const { out } = await project.cli(["runs", "show", "endless", "--json"]);
    const { status, steps, tags } = JSON.parse(out);
    equal(status, "cancelled");
    equal(tags["hanok.stopped"], "mina stopped the run: too slow");
    deepEqual(
      steps.map((step: { reason: string }) => step.reason),
      ["mina stopped the run: too slow", "the run was cancelled"],
    );
    match((await project.cli(["runs", "show", "endless"])).out, /why +mina stopped the run: too/);
    match((await project.cli(["runs", "logs", "endless"])).out, /mina stopped the run: too slow/);

    const again = await project.cli(["runs", "stop", "endless"]);
    equal(again.code, 1);
    match(again.err, /Cannot stop run endless[^]*been cancelled[^]*mina stopped[^]*run\/over/);
    await using killed = project.start([...wait, "killed"]);
    await killed.until("measuring carefully");
    killed.kill("SIGKILL");
    await killed.code;
    const dead = await project.cli(["runs", "stop", "killed", "--json"]);
    match(JSON.parse(dead.out).error.why, /been cancelled at .*: process \d+ ended without saying/);
  });

  await t.step("a full disk behind stdout is told, once, and is not our bug", async () => {
    for (const json of ["", "--json"]) {
      const { code, stderr } = await new Deno.Command("sh", {
        args: [
          "-c",
          `"$0" run -q -A --no-check "$1" --help ${json} > /dev/full`,
          Deno.execPath(),
          mainPath(),
        ],
        stderr: "piped",
      }).output();

      equal(code, 1);
      const err = new TextDecoder().decode(stderr);
      match(err, /^✗ Cannot write the output\n {2}why [^]*No space left[^]*cli\/cannot-print\n$/);
    }
  });

  await t.step("a file named configs does not stop a pipeline beside it", async () => {
    await using other = await openTestProject();
    await other.write("configs", "not a folder");
    const { code, err } = await other.cli(["run"]);
    equal(code, 0, err);
  });

  await t.step("a reader that goes away is no error", async () => {
    const { code } = await new Deno.Command("sh", {
      args: [
        "-c",
        `"$0" run -q -A --no-check "$1" --help | head -n 1`,
        Deno.execPath(),
        mainPath(),
      ],
      stdout: "null",
      stderr: "piped",
    }).output();

    equal(code, 0);
  });
});

Deno.test("cli names a damaged store and what to do, and reset mends it", async () => {
  await using project = await openTestProject();
  await project.write("runs/store.db", "this is no database ".repeat(500));

  for (const args of [["run"], ["runs", "list"], ["models", "list"], ["cache", "gc"]]) {
    const { code, err } = await project.cli(args);
    equal(code, 1, err);
    match(err, /store\/damaged/);
  }
  equal((await project.cli(["reset", "--yes"])).code, 0);
  equal((await project.cli(["run"])).code, 0);
});

Deno.test("cli --watch runs again when a file changes, and lives on through a broken one", async () => {
  await using project = await openTestProject({
    "pipeline.ts": TOY_PIPELINE.replace("accuracy }", "accuracy: accuracy * factor }")
      .replace("\nimport", '\nimport { factor } from "./steps/factor.ts";\nimport'),
    "steps/factor.ts": "export const factor = 1;\n",
  });
  await using child = project.start(["run", "--watch"]);

  await child.until("Waiting for a change");
  await project.write("steps/factor.ts", "export const factor = ;\n");
  await child.until("pipeline/cannot-import");
  await project.write("steps/factor.ts", "export const factor = 0.8;\n");
  await child.until("accuracy  0.7200");
  await project.write("configs/default.yaml", "accuracy: 0.95\n");
  await child.until("accuracy  0.7600");
  child.kill("SIGINT");

  equal(await child.code, 130, child.printed());
});

Deno.test({
  name: "cli on a terminal draws live lines, in colour unless NO_COLOR is set",
  // util-linux's `script` makes the terminal.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using project = await openTestProject();
    const show = async (env: Record<string, string>): Promise<string> => {
      const command = `'${Deno.execPath()}' run -q -A --no-check --config '${
        join(project.folder, "deno.json")
      }' '${mainPath()}' run --no-cache`;
      const { stdout } = await new Deno.Command("script", {
        args: ["-qefc", command, "/dev/null"],
        cwd: project.folder,
        env: { INIT_CWD: project.folder, HANOK_STORE: join(project.folder, "runs"), ...env },
        clearEnv: false,
        stdin: "null",
      }).output();
      return new TextDecoder().decode(stdout);
    };

    const [coloured, plain] = [await show({ NO_COLOR: "" }), await show({ NO_COLOR: "1" })];

    ok(coloured.includes("\x1b[32m✓\x1b[39m measure"), coloured);
    // deno-lint-ignore no-control-regex -- colour codes are what is looked for
    ok(!/\x1b\[\d+m/.test(plain), plain);
    ok(plain.includes("✓ measure  ran"), plain);
  },
});

function mainPath(): string {
  return join(import.meta.dirname!, "main.ts");
}
