/**
 * Starts the server with few permissions, and runs for it. Light: nothing of the server is imported here.
 *
 * @module
 */
export { isUnder, type RunEnding, type RunPlace, type RunProcess } from "./run_process.ts";
export type { RunRequest } from "./run_process.ts";
export { runStarter, type StartRun } from "./run_process.ts";
export { type LaunchOptions, launchServer } from "./launch_server.ts";
export { runOnStore } from "./run_on_store.ts";
export { LAUNCHER_PERMISSIONS } from "./launcher_permissions.ts";
