import { deepEqual, ok } from "node:assert/strict";
import settings from "../../runtime/settings.ts" with { type: "text" };
import project from "../../deno.json" with { type: "json" };

Deno.test("the server may read every name of the environment that the settings ask for", () => {
  const asked = [...settings.matchAll(/Deno\.env\.get\("(\w+)"\)/g)].map(([, name]) => name!);
  const { env } = project.permissions.serve;
  const mayRead = (name: string): boolean =>
    env.some((each) => each.endsWith("*") ? name.startsWith(each.slice(0, -1)) : each === name);

  ok(asked.length > 5);
  deepEqual(asked.filter((name) => !mayRead(name)), []);
});
