import { deepEqual, equal, ok } from "node:assert/strict";
import settings from "../../runtime/settings.ts" with { type: "text" };
import { LAUNCHER_PERMISSIONS } from "../launch/mod.ts";
import project from "../../deno.json" with { type: "json" };

const { serve, server } = project.permissions;

for (const [name, { env }] of Object.entries({ serve, server })) {
  Deno.test(`the permission set "${name}" has every name of the environment that the settings ask for`, () => {
    const asked = [...settings.matchAll(/Deno\.env\.get\("(\w+)"\)/g)].map(([, each]) => each!);
    const mayRead = (wanted: string): boolean =>
      env.some((each) =>
        each.endsWith("*") ? wanted.startsWith(each.slice(0, -1)) : each === wanted
      );

    ok(asked.length > 5);
    deepEqual(asked.filter((each) => !mayRead(each)), []);
  });
}

Deno.test("deno task serve starts with few permissions, and its server may start nothing", () => {
  equal(project.tasks.serve, "deno run -q -P=serve ui/cli/main.ts serve");
  deepEqual(serve, LAUNCHER_PERMISSIONS);
  deepEqual(serve.run, ["deno"]);
  // What it reads, writes, reaches and loads is said by the launcher, for the store and the address at hand.
  deepEqual(Object.keys(server).toSorted(), ["env", "sys"]);
});
