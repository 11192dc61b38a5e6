import { equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { projectRoot } from "../../runtime/settings.ts";
import { listRuns, openStore } from "../../runtime/store/mod.ts";
import { runStarter } from "./run_process.ts";

Deno.test("runStarter() starts nothing that is not the project's own", async (test) => {
  const project = await Deno.makeTempDir({ prefix: "hanok project " });
  const elsewhere = await Deno.makeTempDir({ prefix: "hanok elsewhere " });
  const storeFolder = join(project, "runs");
  await Deno.mkdir(storeFolder);
  for (const path of [join(elsewhere, "evil.ts"), join(storeFolder, "evil.ts")]) {
    await Deno.writeTextFile(path, "");
  }
  await Deno.symlink(join(elsewhere, "evil.ts"), join(project, "link.ts"));
  await Deno.symlink(storeFolder, join(project, "folder"));
  await Deno.writeTextFile(join(project, "own.ts"), "");
  const start = runStarter({ cwd: project, project, storeFolder });

  for (
    const [title, pipeline, config] of [
      ["a file elsewhere", join(elsewhere, "evil.ts"), undefined],
      ["an uploaded file", join(storeFolder, "evil.ts"), undefined],
      ["a link that leads elsewhere", join(project, "link.ts"), undefined],
      ["a link that leads into the store", join(project, "folder/evil.ts"), undefined],
      ["a way upward", `${project}/../${elsewhere.split("/").at(-1)}/evil.ts`, undefined],
      ["an option", "--help", undefined],
      ["a relative path", "own.ts", undefined],
      ["a config elsewhere", join(project, "own.ts"), "/etc/passwd"],
    ] as const
  ) {
    await test.step(`it refuses ${title}`, async () => {
      await rejects(start({ pipeline, config, set: [], isFresh: false }), {
        name: "TypeError",
        message: / is not one of this project$/,
      });
    });
  }
  await Deno.remove(project, { recursive: true });
  await Deno.remove(elsewhere, { recursive: true });
});

Deno.test("runStarter() records who asked, and tells why a run could not begin", async () => {
  const project = projectRoot(import.meta.dirname!);
  const storeFolder = await Deno.makeTempDir({ prefix: "hanok 한옥 " });
  const start = runStarter({ cwd: project, project, storeFolder });
  const iris = join(project, "configs/iris/pipeline.ts");
  const ask = async (set: readonly string[]) =>
    await (await start({ pipeline: iris, set, isFresh: false, user: "jun" })).ended;

  const ran = await ask(["epochs=1", "min_accuracy=0"]);
  const refused = await ask(["epochs=-1"]);

  equal(ran.code, 0);
  equal(ran.problem, null);
  equal(refused.code, 2);
  equal(refused.problem?.code, "config/invalid");
  match(refused.problem?.why ?? "", /epochs/);
  {
    await using store = await openStore({ folder: storeFolder });
    const runs = await listRuns(store);
    equal(runs.map(({ userId }) => userId).join(), "jun");
  }
  await Deno.remove(storeFolder, { recursive: true });
});
