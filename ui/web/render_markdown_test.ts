import { equal, ok } from "node:assert/strict";
import { renderMarkdown } from "./render_markdown.ts";

Deno.test("renderMarkdown() lowers headings and knows tables", async () => {
  const html = await renderMarkdown("# Title\n\n| a |\n|---|\n| 1 |\n");

  ok(html.startsWith("<h3>Title</h3>"));
  ok(html.includes("<td>1</td>"));
});

Deno.test("renderMarkdown() lets no HTML and no script through", async () => {
  const html = await renderMarkdown(
    "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[x](javascript:alert(1)) `<b>`",
  );

  ok(!/<script|<img|<b>|javascript:/.test(html));
  equal(html.match(/<a href="">/g)?.length, 1);
});
