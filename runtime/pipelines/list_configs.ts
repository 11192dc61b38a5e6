import { basename, dirname, extname, join } from "node:path";

/** Paths of the YAML files beside a pipeline's module, or in a `configs` folder beside it, sorted. */
export function listConfigs(folder: string): readonly string[] {
  // `configs/` of a project holds folders of pipelines; a pipeline in one of them has its files there.
  const isInConfigs = basename(dirname(folder)) === "configs";
  const folders = isInConfigs ? [folder] : [folder, join(folder, "configs")];
  return folders.flatMap(listYaml).sort();
}

function listYaml(folder: string): readonly string[] {
  try {
    return [...Deno.readDirSync(folder)]
      .filter(({ name, isFile }) => isFile && [".yaml", ".yml"].includes(extname(name)))
      .map(({ name }) => join(folder, name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return [];
    }
    throw error;
  }
}
