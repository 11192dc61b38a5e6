import { existsSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import axe from "axe-core/axe.min.js" with { type: "text" };
import pageChecks from "./_page_checks.js" with { type: "text" };
import type { TestServer } from "./_served_store.ts";

const CHROMIUM = "/usr/bin/chromium";

/**
 * A test in a browser. Where there is none it is skipped, and its name says so: `.ci/run` looks for these words.
 *
 * @param missing What else it needs and this machine lacks.
 */
export function testInBrowser(
  name: string,
  fn: (test: Deno.TestContext) => Promise<void>,
  missing?: string,
): void {
  const why = existsSync(CHROMIUM) ? missing : `no browser at ${CHROMIUM}`;
  Deno.test({
    name: why === undefined ? name : `${name} (skipped: ${why})`,
    ignore: why !== undefined,
    // The browser's own processes and pipes end with it, not with each step.
    sanitizeResources: false,
    sanitizeOps: false,
    fn,
  });
}

/** Starts the system's Chromium. */
export async function openBrowser(): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  return await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-background-networking"],
  });
}

export const PHONE = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
} as const;

export const LOOKS = {
  "in light": { colorScheme: "light" },
  "in dark": { colorScheme: "dark" },
  "on a phone": PHONE,
} as const;

/** A tab that notes what the browser complains of: errors, and what the policy refused. */
export async function openTab(
  browser: Browser,
  server: Pick<TestServer, "origin">,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<AsyncDisposable & { readonly page: Page; readonly complaints: string[] }> {
  const context = await browser.newContext({ baseURL: server.origin, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** The answer on the page; waits for the one that is expected. */
export async function settledAnswer(page: Page, expected: string): Promise<string | null> {
  const output = page.locator("#answer output");
  await output.filter({ hasText: new RegExp(`^${expected}$`) }).waitFor({ timeout: 5000 })
    .catch(() => {});
  return await output.textContent();
}

/** What axe-core calls serious or critical: what keeps people with disabilities out. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return await page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html.slice(0, 160))))`);
}

/** Runs one of the checks of `_page_checks.js` in the page. */
export async function check(
  page: Page,
  name: "showPictures" | "sidewaysScroll" | "unnamedControls" | "faintTexts" | "focusStop",
) {
  return await page.evaluate(`(() => { ${pageChecks}; return ${name}(); })()`);
}

/** Where pictures of all pages go: the folder that `deno task screenshots` names, else one that is removed. */
export async function openPictures(): Promise<AsyncDisposable & { readonly folder: string }> {
  const wanted = Deno.env.get("HANOK_SCREENSHOTS");
  const folder = wanted ?? await Deno.makeTempDir({ prefix: "hanok pages " });
  return {
    folder,
    async [Symbol.asyncDispose]() {
      if (wanted === undefined) await Deno.remove(folder, { recursive: true });
    },
  };
}
