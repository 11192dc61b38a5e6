import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ExplainedError } from "../../pipeline/mod.ts";

/** A module and what it imports at run time. */
export interface Module {
  /** Path on this machine; absent for npm packages and built-in modules. */
  readonly local?: string;
  /** `name@version` of an npm package, with its peer suffix as in the lock file. */
  readonly npm?: string;
  /** Specifiers of code imports, dynamic ones included; type-only imports left out. */
  readonly imports: readonly string[];
}

/** Every module that can be reached from a root, by specifier. */
export interface ModuleGraph {
  readonly modules: ReadonlyMap<string, Module>;
  /** npm package id to the ids of its dependencies. */
  readonly npmDependencies: ReadonlyMap<string, readonly string[]>;
}

/** The part of `deno info --json` that is read here. */
interface InfoOutput {
  readonly modules: readonly {
    readonly specifier: string;
    readonly local?: string;
    readonly npmPackage?: string;
    readonly error?: string;
    readonly dependencies?: readonly { readonly code?: { readonly specifier: string } }[];
  }[];
  readonly redirects: Readonly<Record<string, string>>;
  readonly npmPackages?: Readonly<Record<string, { readonly dependencies: readonly string[] }>>;
}

/**
 * The module graph of a file, as Deno resolves it: one `deno info --json`.
 *
 * @throws {ExplainedError} `code/unreadable-graph` when Deno cannot read the module.
 */
export async function readModuleGraph(root: string): Promise<ModuleGraph> {
  const folder = dirname(root);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", ...await configOption(folder), root],
    cwd: folder,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  if (code !== 0) {
    throw new ExplainedError("code/unreadable-graph", {
      what: `Cannot read the imports of ${root}`,
      why: new TextDecoder().decode(stderr).trim(),
      fix: `Correct the module; \`deno check ${root}\` shows where`,
    });
  }
  return parseInfo(JSON.parse(new TextDecoder().decode(stdout)) as InfoOutput);
}

/** Deno looks for its config from the working folder; the module's own project is meant. */
async function configOption(folder: string): Promise<readonly string[]> {
  for (let at = folder;; at = dirname(at)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const path = join(at, name);
      if (await Deno.stat(path).then(() => true, () => false)) return ["--config", path];
    }
    if (dirname(at) === at) return [];
  }
}

function parseInfo({ modules, redirects, npmPackages }: InfoOutput): ModuleGraph {
  const target = (specifier: string): string => redirects[specifier] ?? specifier;
  const entries = modules.map((
    { specifier, local, npmPackage, dependencies },
  ): [string, Module] => [
    specifier,
    {
      ...(local === undefined ? {} : { local }),
      ...(npmPackage === undefined ? {} : { npm: npmPackage }),
      imports: (dependencies ?? []).flatMap(({ code }) =>
        code === undefined ? [] : [target(code.specifier)]
      ),
    },
  ]);
  return {
    modules: new Map(entries),
    npmDependencies: new Map(
      Object.entries(npmPackages ?? {}).map(([id, { dependencies }]) => [id, dependencies]),
    ),
  };
}

/**
 * Opens the graphs of several roots, each read once and only when it is asked for.
 *
 * @param roots Paths of modules whose graphs hold most of what will be asked for, e.g. the pipeline's; each is a
 *   process to start, so the first that holds a module ends the search.
 * @returns A function from a module's URL to a graph that holds it.
 */
export function openModuleGraphs(
  roots: readonly string[],
  read: (root: string) => Promise<ModuleGraph> = readModuleGraph,
): (moduleUrl: string) => Promise<ModuleGraph> {
  const graphs = new Map<string, Promise<ModuleGraph>>();
  const graphOf = (root: string): Promise<ModuleGraph> => {
    const graph = graphs.get(root) ?? read(root);
    graphs.set(root, graph);
    return graph;
  };
  return async (moduleUrl) => {
    for (const root of roots) {
      const graph = await graphOf(root);
      if (graph.modules.has(moduleUrl)) return graph;
    }
    return await graphOf(fileURLToPath(moduleUrl));
  };
}
