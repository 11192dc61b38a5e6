/**
 * The web pages, and the server that shows them beside the HTTP API.
 *
 * @module
 */
export type { ServerEvent } from "../api/mod.ts";
export { type RunningServer, type ServerOptions, startServer } from "./start_server.ts";
