import { relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { contentHash, sha256 } from "./content_hash.ts";
import type { ModuleGraph } from "./module_graph.ts";

/** Hash of each module and package that a piece of code is made of, by a name a person knows. */
export type CodeParts = Readonly<Record<string, string>>;

/** Where names start, and what the lock file says of packages. */
export interface CodeSurroundings {
  /** Folder of the user's project: its modules are named relative to it. */
  readonly projectFolder: string;
  /**
   * npm `name@version` to its integrity, from the lock file. Asked for after a module graph was
   * read: that is when Deno writes the lock file of a new project.
   */
  integrity(): Promise<ReadonlyMap<string, string>>;
}

/** Folder that holds the framework's `mod.ts`. */
export const FRAMEWORK_FOLDER: string = fileURLToPath(new URL("../../", import.meta.url));
/** The door: user code that imports it depends on the declaration language, not on all that is behind. */
const DOOR = pathToFileURL(`${FRAMEWORK_FOLDER}mod.ts`).href;
const LANGUAGE = pathToFileURL(`${FRAMEWORK_FOLDER}pipeline/mod.ts`).href;

/** Reads and hashes the files of module graphs, each file once. */
export interface CodeHasher {
  /** The parts of the code of one module: itself and everything it imports. */
  partsOf(moduleUrl: string, graph: ModuleGraph): Promise<CodeParts>;
  /** Paths of the modules that make up a piece of code, up to the framework's door. */
  filesOf(moduleUrl: string, graph: ModuleGraph): readonly string[];
}

/**
 * Opens a hasher.
 *
 * @param version Of the framework, keyed with its door.
 * @param onFile Told every file before it is read.
 */
export function openCodeHasher(
  around: CodeSurroundings,
  version: string,
  onFile: (path: string) => void,
): CodeHasher {
  const hashes = new Map<string, Promise<string>>();
  const hashFile = (path: string): Promise<string> => {
    onFile(path);
    let hash = hashes.get(path);
    if (hash === undefined) {
      hash = Deno.readFile(path).then(sha256);
      hashes.set(path, hash);
    }
    return hash;
  };

  const partsOf = async (moduleUrl: string, graph: ModuleGraph): Promise<CodeParts> => {
    const parts: Record<string, string> = {};
    const { locals, packages, usesDoor } = walk(moduleUrl, graph);
    for (const local of locals) parts[nameOf(local, around)] = await hashFile(local);
    const integrity = packages.length > 0 ? await around.integrity() : new Map<string, string>();
    for (const id of packages) parts[`npm:${id}`] = integrity.get(id) ?? "";
    if (usesDoor) {
      const language = await languageParts(graph, around, hashFile);
      parts[`hanok@${version}`] = await contentHash("code", language);
    }
    return sortKeys(parts);
  };
  return { partsOf, filesOf: (moduleUrl, graph) => walk(moduleUrl, graph).locals };
}

/** Hashes of `pipeline/`: what user code builds on when it imports the framework. */
async function languageParts(
  graph: ModuleGraph,
  around: CodeSurroundings,
  hashFile: (path: string) => Promise<string>,
): Promise<CodeParts> {
  const parts: Record<string, string> = {};
  for (const local of walk(LANGUAGE, graph).locals) {
    parts[nameOf(local, around)] = await hashFile(local);
  }
  return parts;
}

interface Walked {
  readonly locals: readonly string[];
  readonly packages: readonly string[];
  readonly usesDoor: boolean;
}

function walk(root: string, graph: ModuleGraph): Walked {
  const seen = new Set([root]);
  const packages = new Set<string>();
  const locals: string[] = [];
  let usesDoor = false;
  for (const specifier of seen) {
    if (specifier === DOOR && root !== DOOR) {
      usesDoor = true;
      continue;
    }
    const module = graph.modules.get(specifier);
    if (module === undefined) continue; // built-in, e.g. node:path
    if (module.npm !== undefined) addPackages(module.npm, graph, packages);
    else if (module.local !== undefined) locals.push(module.local);
    for (const imported of module.imports) seen.add(imported);
  }
  return { locals, packages: [...packages], usesDoor };
}

function addPackages(id: string, graph: ModuleGraph, into: Set<string>): void {
  if (into.has(id)) return;
  into.add(id);
  for (const dependency of graph.npmDependencies.get(id) ?? []) {
    addPackages(dependency, graph, into);
  }
}

/** `steps/train.ts`; a file of the framework seen from another project: `hanok/steps/train.ts`. */
function nameOf(local: string, { projectFolder }: CodeSurroundings): string {
  const inProject = relative(projectFolder, local);
  if (!inProject.startsWith("..")) return inProject.split(sep).join("/");
  const inFramework = relative(FRAMEWORK_FOLDER, local);
  return inFramework.startsWith("..") ? local : `hanok/${inFramework.split(sep).join("/")}`;
}

function sortKeys(parts: CodeParts): CodeParts {
  return Object.fromEntries(
    Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  );
}
