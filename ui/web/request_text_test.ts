import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ModelSignature } from "../../pipeline/mod.ts";
import {
  curlCommand,
  javaScriptCode,
  pythonCode,
  type RowRequest,
  type ServerAddress,
  typeScriptCode,
} from "./request_text.ts";
import { openTestStore } from "./_served_store.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const signature: ModelSignature = {
  task: "classification",
  inputs: [
    { name: "text", type: "string", nullable: false },
    { name: 'it\'s "a" $name', type: "number", nullable: true },
    { name: "flag", type: "boolean", nullable: true },
  ],
  labels: ["a", "b"],
  tensors: { inputs: [], outputs: [] },
};
const ROW = {
  text: 'it\'s "good" `pwd` $HOME \\n\n한옥 🏠 </script>',
  'it\'s "a" $name': 0.1,
  flag: null,
};
const NAME = 'team/손글씨\'s "best" @ 2';

/** Runs a program; its output. */
async function run(command: string, args: readonly string[], env = {}): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    env: { NO_COLOR: "1", ...env },
    cwd: ROOT,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

const isThere = (command: string): Promise<boolean> =>
  run(command, ["--version"]).then(() => true, () => false);

interface Language {
  readonly title: string;
  readonly text: (address: ServerAddress, request: RowRequest) => string;
  readonly run: (text: string, env: Record<string, string>) => Promise<string>;
  /** The program that must be there. */
  readonly needs: string;
}

const LANGUAGES: readonly Language[] = [
  {
    title: "curlCommand()",
    text: curlCommand,
    run: async (text, env) => {
      const answer = await run("sh", ["-c", `${text} --silent`], env);
      return JSON.parse(answer).predictions[0].label;
    },
    needs: "curl",
  },
  {
    title: "javaScriptCode()",
    text: javaScriptCode,
    run: (text, env) => run(Deno.execPath(), ["eval", text], env),
    needs: Deno.execPath(),
  },
  {
    title: "pythonCode()",
    text: pythonCode,
    run: (text, env) => run("python3", ["-c", text], env),
    needs: "python3",
  },
];

for (const { title, text, run: runText, needs } of LANGUAGES) {
  const isMissing = !await isThere(needs);
  for (const needsToken of [false, true]) {
    Deno.test({
      name: `${title} sends the row as it is${
        needsToken ? ", and the token of the environment" : ""
      }${isMissing ? ` (skipped: no ${needs})` : ""}`,
      ignore: isMissing,
      async fn() {
        const asked: unknown[] = [];
        await using server = Deno.serve({ port: 0, onListen: () => {} }, async (request) => {
          asked.push([
            decodeURIComponent(new URL(request.url).pathname),
            request.headers.get("authorization"),
            await request.json(),
          ]);
          return Response.json({ predictions: [{ label: "고마워" }] });
        });
        const origin = `http://127.0.0.1:${server.addr.port}`;
        const target = { name: NAME, version: 3 };

        const answer = await runText(
          text({ origin, needsToken }, { target, signature, row: ROW }),
          { HANOK_TOKEN: "hanok_secret" },
        );

        equal(answer, "고마워");
        const path = `/models/${NAME}/versions/3/predict`;
        deepEqual(asked, [[path, needsToken ? "Bearer hanok_secret" : null, { rows: [ROW] }]]);
      },
    });
  }
}

Deno.test("typeScriptCode() answers where the store is", async () => {
  await using store = await openTestStore();
  await store.cli("run", "iris");
  const row = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
  const target = { name: "iris", alias: "champion" };
  const code = typeScriptCode({ target, signature, row });
  const file = join(store.folder, "ask.ts");
  await Deno.writeTextFile(file, code);

  const args = ["run", "-q", "-A", "--config", join(ROOT, "deno.json"), file];
  equal(await run(Deno.execPath(), args, { HANOK_STORE: store.folder }), "setosa");
});
