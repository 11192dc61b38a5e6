import { plainPaint } from "./paint.ts";
import { renderOverview } from "./overview.ts";

Deno.test("renderOverview() shows every command once", async (t) => {
  await t.assertSnapshot(renderOverview("0.1.0", plainPaint).join("\n"));
});
