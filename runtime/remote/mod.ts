/**
 * Runs that go to a team's server, too: sent while they go on, and later when the connection was lost.
 *
 * @module
 */
export * from "./mirror_run.ts";
export { openRemoteServer, RemoteRefusal, type RemoteServer } from "./remote_server.ts";
export { REMOTE_TAGS, sendRun } from "./send_run.ts";
