import { basename, extname, isAbsolute, resolve } from "node:path";
import { didYouMean, ExplainedError } from "../../pipeline/mod.ts";
import { listConfigs } from "./list_configs.ts";

/**
 * Path of the YAML file a run is to use, or `undefined` when the pipeline has none: its defaults
 * count then.
 *
 * @param given A path, or the name of a YAML file beside the pipeline ("fast" for fast.yaml).
 * Nothing: `default.yaml`, or the only one there is, or the one whose first line begins with `# default`.
 * @throws {ExplainedError} `config/unknown` with the known names.
 */
export async function findConfig(
  folder: string,
  given: string | undefined,
  cwd: string,
): Promise<string | undefined> {
  const files = listConfigs(folder);
  if (given === undefined) {
    const usual = files.find((path) => nameOf(path) === "default");
    return usual ?? (files.length === 1 ? files[0] : await findMarked(files));
  }
  const direct = isAbsolute(given) ? given : resolve(cwd, given.replaceAll("\\", "/"));
  if (await Deno.stat(direct).then((info) => info.isFile, () => false)) return direct;
  const named = files.find((path) => nameOf(path) === given || basename(path) === given);
  if (named !== undefined) return named;
  const names = files.map(nameOf);
  throw new ExplainedError("config/unknown", {
    what: `Cannot find config "${given}"`,
    why: `there is no file ${direct} and no ${
      /\.ya?ml$/.test(given) ? given : `${given}.yaml`
    } beside the pipeline${didYouMean(given, names)}`,
    fix: names.length === 0 ? "Give the path of a YAML file" : `Known configs: ${names.join(", ")}`,
  });
}

/** Where the files have names that say more than "default", one of them says that it is. */
async function findMarked(files: readonly string[]): Promise<string | undefined> {
  for (const path of files) {
    if (/^# default\b/.test(await Deno.readTextFile(path))) return path;
  }
  return undefined;
}

function nameOf(path: string): string {
  return basename(path, extname(path));
}
