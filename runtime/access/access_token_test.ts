import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import { openTemporaryStore } from "../store/temporary_store.ts";
import { createToken, findToken, listTokens, mayAct, revokeToken } from "./mod.ts";

const WHO = { name: "phone", role: "editor", user: "mina", at: 1000 } as const;

Deno.test("createToken() makes a token that is found again, and of which only a hash is kept", async () => {
  await using store = await openTemporaryStore();
  const { token, tokenId } = await createToken(store, WHO);

  match(token, /^hanok_[\w-]{43}$/);
  deepEqual(await findToken(store, token), {
    tokenId,
    name: "phone",
    role: "editor",
    createdAt: 1000,
    revokedAt: null,
  });
  const { rows } = await store.client.execute("SELECT * FROM access_tokens");
  equal(JSON.stringify(rows).includes(token.slice(6)), false);
  notEqual((await createToken(store, WHO)).token, token);
});

Deno.test("revokeToken() takes a token back, and it stays in the list", async () => {
  await using store = await openTemporaryStore();
  const { token, tokenId } = await createToken(store, WHO);

  await revokeToken(store, tokenId, 2000);
  await revokeToken(store, tokenId, 3000);

  equal(await findToken(store, token), undefined);
  equal((await listTokens(store))[0]!.revokedAt, 2000);
  await rejects(revokeToken(store, "nothing", 1), { code: "access/unknown-token" });
});

Deno.test("findToken() finds nothing for what is no token", async () => {
  await using store = await openTemporaryStore();
  await createToken(store, WHO);

  for (const text of ["", "hanok_", "' OR 1=1 --", `hanok_${"a".repeat(43)}`]) {
    equal(await findToken(store, text), undefined);
  }
});

Deno.test("mayAct() lets a role do all that the ones before it may", () => {
  ok(mayAct("admin", "viewer") && mayAct("editor", "editor"));
  equal(mayAct("viewer", "editor"), false);
});
