import { deepEqual, equal, match } from "node:assert/strict";
import { openTestStore } from "../../../web/_served_store.ts";

Deno.test("serve token makes, lists and revokes tokens", async () => {
  await using store = await openTestStore();

  const made = JSON.parse(
    await store.cli("serve", "token", "create", "--role", "editor", "--name", "ci", "--json"),
  );
  const listed = await store.cli("serve", "token", "list");
  await store.cli("serve", "token", "revoke", made.token_id);
  const [token] = JSON.parse(await store.cli("serve", "token", "list", "--json"));

  match(made.token, /^hanok_[\w-]{43}$/);
  match(listed, new RegExp(`${made.token_id}\\s+ci\\s+editor`));
  equal(listed.includes(made.token), false);
  deepEqual([token.name, token.role, token.revoked_at !== null], ["ci", "editor", true]);
});
