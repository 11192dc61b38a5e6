import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { openTestProject } from "./_test_project.ts";

/** The second of its two steps writes as many megabytes as it is told. */
const PIPELINE = `
import { definePipeline, defineStep, z } from "hanok";

const prepare = defineStep({
  module: import.meta.url, name: "prepare", inputs: {}, outputs: { value: "json" },
  run: () => Promise.resolve({ value: 7 }),
});
const write = defineStep({
  module: import.meta.url, name: "write", inputs: { value: "json" }, outputs: { model: "model" },
  params: z.object({ megabytes: z.number() }),
  run: async (context, { value }, { megabytes }) => {
    const bytes = crypto.getRandomValues(new Uint8Array(65536));
    const all = new Uint8Array(megabytes * 2 ** 20);
    for (let at = 0; at < all.length; at += bytes.length) all.set(bytes, at);
    all[0] = Number(value);
    return { model: await context.artifacts.folder({ "model.onnx": all }) };
  },
});

export default definePipeline({
  name: "toy",
  config: z.object({ megabytes: z.number().default(8) }),
  build: ({ megabytes }) => write("write", {
    inputs: { value: prepare("prepare", {}).value }, params: { megabytes },
  }),
});
`;

/** Whether a file system of one's own can be mounted here without being root. */
const canMount = Deno.build.os === "linux" &&
  await new Deno.Command("unshare", {
    args: ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
    stdout: "null",
    stderr: "null",
  }).output().then(({ success }) => success, () => false);

Deno.test({
  name: "a disk that is full is told, nothing is lost, and the next run goes on",
  ignore: !canMount,
  async fn() {
    await using project = await openTestProject({ "pipeline.ts": PIPELINE });
    const disk = join(project.folder, "disk");
    await Deno.mkdir(disk);
    // One shell: the mount is gone with its process.
    const script = `
      mount -t tmpfs -o size=4m tmpfs "$DISK"
      hanok() { "$DENO" run -q -A --no-check "$MAIN" "$@"; echo "exit $?"; }
      echo '== an artifact larger than the disk'; hanok run --json
      echo '== no room for a row'; dd if=/dev/zero of="$DISK/filler" bs=4k 2> /dev/null; hanok run --json
      echo '== a question'; hanok runs list --json
      echo '== room again'; rm "$DISK/filler"; mount -o remount,size=64m "$DISK"; hanok run --json
      echo '== the record'; hanok runs list --json
      echo '== its bytes'; hanok cache verify --json
    `;
    const { stdout, stderr } = await new Deno.Command("unshare", {
      args: ["-rm", "sh", "-c", script],
      cwd: project.folder,
      env: {
        DISK: disk,
        DENO: Deno.execPath(),
        MAIN: join(import.meta.dirname!, "main.ts"),
        INIT_CWD: project.folder,
        HANOK_STORE: join(disk, "runs"),
        NO_COLOR: "1",
      },
    }).output();
    const err = new TextDecoder().decode(stderr);
    const [tooLarge, noRoom, question, again, record, verified] = new TextDecoder().decode(stdout)
      .split(/^== .*\n/m).slice(1)
      .map((text) => {
        const [, json = "null", code] = /^([^]*?)exit (\d+)\n$/.exec(text) ?? [];
        return { code: Number(code), json: JSON.parse(json.trim() || "null") };
      });
    const steps = (document: { steps: { node: string; status: string }[] }) =>
      document.steps.map(({ node, status }) => `${node}:${status}`);

    equal(tooLarge!.code, 1, err);
    deepEqual(steps(tooLarge!.json), ["prepare:succeeded", "write:failed"]);
    equal(tooLarge!.json.steps[1].error.code, "store/disk-full");
    match(tooLarge!.json.steps[1].error.fix, /Free some space/);
    equal(noRoom!.code, 1);
    match(
      noRoom!.json.error?.code ?? noRoom!.json.steps[1].error.code,
      /^store\/disk-(?:full|error)$/,
    );
    equal(question!.code, 0, err);
    equal(again!.code, 0, err);
    deepEqual(steps(again!.json), ["prepare:cached", "write:succeeded"]);
    const known = record!.json.map((run: { status: string }) => run.status);
    equal(known[0], "succeeded");
    deepEqual(known.filter((status: string) => status === "running"), []);
    deepEqual(verified!.json.damaged, []);
    match(err, /the disk is full/);
    equal(/hanok\/bug| at .*:\d+:\d+/.test(err), false, err);
  },
});
