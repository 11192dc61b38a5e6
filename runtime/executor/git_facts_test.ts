import { deepEqual, equal } from "node:assert/strict";
import { parseStatus, readGitFacts } from "./git_facts.ts";

Deno.test("parseStatus() reads commit, branch and whether anything differs", () => {
  const header = "# branch.oid 0123abcd\n# branch.head main\n# branch.upstream origin/main\n";

  deepEqual(parseStatus(header), { commit: "0123abcd", branch: "main", isDirty: false });
  equal(parseStatus(`${header}1 .M N... 100644 100644 100644 a b mod.ts\n`)?.isDirty, true);
  equal(parseStatus("# branch.oid (initial)\n# branch.head main\n"), null);
});

Deno.test("readGitFacts() is null outside a repository", async () => {
  const folder = await Deno.makeTempDir();
  equal(await readGitFacts(folder), null);
  await Deno.remove(folder);
});
