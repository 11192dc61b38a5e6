/**
 * Begins to load the database client, so that it arrives while other modules are waited for.
 * Whoever opens a store gets the same module; an error is told there.
 */
export function warmUpStore(): void {
  import("libsql").catch(() => {});
}
