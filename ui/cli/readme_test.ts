import { equal } from "node:assert/strict";
import { dirname, join } from "node:path";
import { projectRoot } from "../../runtime/settings.ts";

const root = projectRoot(import.meta.dirname!);

/** A fenced block of the README. */
interface Block {
  readonly language: string;
  readonly text: string;
}

async function tutorialBlocks(): Promise<readonly Block[]> {
  const readme = await Deno.readTextFile(join(root, "README.md"));
  const start = readme.indexOf("## Tutorial");
  const tutorial = readme.slice(start, readme.indexOf("\n## ", start + 1));
  return [...tutorial.matchAll(/```(\w+)\n([^]*?)```/g)].map(([, language, text]) => ({
    language: language!,
    text: text!,
  }));
}

/** A clone of the work tree as it stands, to type the tutorial into. */
async function openClone() {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "hanok-test-" }));
  const { stdout } = await new Deno.Command("git", {
    args: ["ls-files", "--cached", "--others", "--exclude-standard"],
    cwd: root,
  }).output();
  const files = new TextDecoder().decode(stdout).split("\n").filter((path) =>
    path !== "" && !/testdata|__snapshots__|_test\.tsx?$/.test(path)
  );
  for (const path of files) {
    await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
    await Deno.copyFile(join(root, path), join(folder, path));
  }
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

async function shell(folder: string, line: string, stdin = ""): Promise<string> {
  const child = new Deno.Command("bash", {
    args: ["-c", line],
    cwd: folder,
    env: {
      NO_COLOR: "1",
      HANOK_STORE: "",
      INIT_CWD: folder,
      PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  equal(code, 0, `${line} ended with ${code}:\n${text}`);
  return text;
}

Deno.test("the README's tutorial works when typed as printed", async (t) => {
  await using clone = await openClone();
  const outputs = new Map<string, string>();
  for (const { language, text } of await tutorialBlocks()) {
    if (language === "ts") {
      const [, path] = text.match(/^\/\/ (\S+)\n/)!;
      await Deno.writeTextFile(join(clone.folder, path!), text);
    } else if (language === "diff") {
      await shell(clone.folder, "git apply --verbose -", text);
    } else if (language === "sh") {
      for (const line of text.trim().split("\n").filter((each) => each.startsWith("deno "))) {
        // The server is tried by its own tests; here it would not end.
        if (line.startsWith("deno task serve")) continue;
        await t.step(line, async () => {
          outputs.set(line, await shell(clone.folder, line));
        });
      }
    }
  }

  const said = (command: string, ...parts: readonly string[]) => {
    for (const part of parts) {
      equal(outputs.get(command)?.includes(part), true, `${command}:\n${outputs.get(command)}`);
    }
  };
  said("deno task pipeline explain train", "epochs", "60", "80");
  said("deno task pipeline plan iris", "petal_area", "run");
  said("deno task pipeline explain split", "input", "dataset");
  said("deno task pipeline models show iris", "champion");
});
