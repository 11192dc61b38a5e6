/**
 * Who may use a server that others can reach: tokens with roles, of which only hashes are kept.
 *
 * @module
 */
export * from "./access_token.ts";
