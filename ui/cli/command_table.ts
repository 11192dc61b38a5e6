import type { AnyCommand } from "./new_command.ts";
import type { Shell } from "./shell.ts";

/** A command of the command line; its module is imported when it is called. */
export interface CommandEntry {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly group: "Run" | "Look back" | "Use the model" | "Project";
  readonly load: () => Promise<{ readonly command: (shell: Shell) => AnyCommand }>;
}

/** Every command, in the order of the overview. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "run",
    usage: "run [target]",
    summary: "run a pipeline; what did not change comes from the cache",
    group: "Run",
    load: () => import("./commands/run.ts"),
  },
  {
    name: "plan",
    usage: "plan [target]",
    summary: "what would run, what is cached, and why; runs nothing",
    group: "Run",
    load: () => import("./commands/plan.ts"),
  },
  {
    name: "list",
    usage: "list",
    summary: "the pipelines of this project, and their configs",
    group: "Run",
    load: () => import("./commands/list.ts"),
  },
  {
    name: "graph",
    usage: "graph [target]",
    summary: "draw the pipeline as Mermaid or JSON",
    group: "Run",
    load: () => import("./commands/graph.ts"),
  },
  {
    name: "explain",
    usage: "explain NODE",
    summary: "why a node ran or was cached: what differs, old and new",
    group: "Look back",
    load: () => import("./commands/explain.ts"),
  },
  {
    name: "runs",
    usage: "runs …",
    summary: "list, show, compare, logs, again, stop, delete",
    group: "Look back",
    load: () => import("./commands/runs.ts"),
  },
  {
    name: "lineage",
    usage: "lineage WHAT",
    summary: "where a model or an artifact came from, and what it became",
    group: "Look back",
    load: () => import("./commands/lineage.ts"),
  },
  {
    name: "predict",
    usage: "predict MODEL INPUT…",
    summary: "a prediction from the shell",
    group: "Use the model",
    load: () => import("./commands/predict.ts"),
  },
  {
    name: "models",
    usage: "models …",
    summary: "list, show, alias, approve, reject, rollback, import, export",
    group: "Use the model",
    load: () => import("./commands/models.ts"),
  },
  {
    name: "serve",
    usage: "serve",
    summary: "web pages and predictions over HTTP",
    group: "Use the model",
    load: () => import("./commands/serve.ts"),
  },
  {
    name: "init",
    usage: "init [DIR]",
    summary: "start a project of your own",
    group: "Project",
    load: () => import("./commands/init.ts"),
  },
  {
    name: "cache",
    usage: "cache …",
    summary: "list, verify, gc",
    group: "Project",
    load: () => import("./commands/cache.ts"),
  },
  {
    name: "reset",
    usage: "reset",
    summary: "empty the store, after a question and a backup copy",
    group: "Project",
    load: () => import("./commands/reset.ts"),
  },
];
