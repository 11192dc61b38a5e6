import { LAUNCHER_PERMISSIONS } from "../launch/mod.ts";

/** A file of a new project: relative path with `/` and content. */
export interface ProjectFile {
  readonly path: string;
  readonly content: string;
}

/** Files that a new project gets as they are, from `new_project/`. */
const COPIED = [
  "pipeline.ts",
  "steps/drop_outliers.ts",
  "configs/default.yaml",
  "wine.csv",
  "README.md",
] as const;

/** Every file of a new project. */
export async function projectFiles(): Promise<readonly ProjectFile[]> {
  const copied = COPIED.map(async (path) => ({
    path,
    content: await readText(new URL(`./new_project/${path}`, import.meta.url)),
  }));
  return [
    { path: "deno.json", content: projectConfig(new URL("../../", import.meta.url)) },
    { path: ".gitignore", content: "runs/\n.env\n" },
    ...await Promise.all(copied),
  ];
}

/** The deno.json of a project, which finds the framework where this command was started from. */
export function projectConfig(framework: URL): string {
  const config = {
    imports: {
      "hanok": new URL("mod.ts", framework).href,
      "hanok/cli": new URL("ui/cli/main.ts", framework).href,
      "hanok/engine": new URL("runtime/engine/mod.ts", framework).href,
    },
    tasks: {
      pipeline: "deno run -A hanok/cli",
      serve: "deno run -q -P=serve hanok/cli serve",
    },
    permissions: { serve: LAUNCHER_PERMISSIONS },
    nodeModulesDir: "none",
    // Packages are downloaded when they are first used, and their build scripts are not needed.
    unstable: ["npm-lazy-caching"],
    allowScripts: { allow: [], deny: ["npm:onnxruntime-node", "npm:protobufjs"] },
    // As strict as the framework itself, which is checked together with the project.
    compilerOptions: { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    fmt: { lineWidth: 100, proseWrap: "preserve" },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

async function readText(url: URL): Promise<string> {
  return url.protocol === "file:" ? await Deno.readTextFile(url) : await (await fetch(url)).text();
}
