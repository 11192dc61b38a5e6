/** Levels by which headings are lowered: a page has one first heading already, and one for the part. */
const LOWERED = 2;

/**
 * Markdown with tables as HTML; code that is wider than the page is scrolled with the keyboard, too. HTML inside it is shown as text, and links go to the web only, so that
 * the text of a stranger's model card can do nothing.
 */
export async function renderMarkdown(text: string): Promise<string> {
  const [{ micromark }, { gfmTable, gfmTableHtml }] = await Promise.all([
    import("micromark"),
    import("micromark-extension-gfm-table"),
  ]);
  const html = micromark(text, { extensions: [gfmTable()], htmlExtensions: [gfmTableHtml()] });
  return html.replaceAll("<pre>", '<pre tabindex="0">').replace(
    /<(\/?)h([1-6])>/g,
    (_, slash: string, level: string) => `<${slash}h${Math.min(6, Number(level) + LOWERED)}>`,
  );
}
