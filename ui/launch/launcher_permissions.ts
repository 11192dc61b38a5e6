/**
 * What the process that starts a server may do, as a permission set of `deno.json`: look, and start `deno`. The server
 * itself then gets what its store and address need.
 */
export const LAUNCHER_PERMISSIONS: {
  readonly read: true;
  readonly env: readonly string[];
  readonly sys: readonly string[];
  readonly run: readonly string[];
} = {
  read: true,
  env: ["HANOK_*", "INIT_CWD", "USER", "USERNAME", "NODE_ENV", "MLFLOW_DEPLOYMENTS_TARGET"],
  sys: ["hostname", "uid"],
  run: ["deno"],
};
