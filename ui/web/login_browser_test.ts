import { deepEqual, match } from "node:assert/strict";
import { join } from "node:path";
import {
  check,
  LOOKS,
  openBrowser,
  openPictures,
  openTab,
  seriousFaults,
  testInBrowser,
} from "./_browser.ts";
import { openTestStore } from "./_served_store.ts";
import { startServer } from "./start_server.ts";

/** How other machines see this one. */
const address = Deno.networkInterfaces()
  .find((each) => each.family === "IPv4" && !each.address.startsWith("127."))?.address;
const missing = address === undefined ? "this machine has no address in a network" : undefined;

testInBrowser("a person on another machine logs in, and out again", async () => {
  await using store = await openTestStore();
  let token = "";
  await using running = await startServer({
    port: 0,
    host: address!,
    storeFolder: store.folder,
    onFirstToken: (first) => token = first,
  });
  await using browser = await openBrowser();
  await using tab = await openTab(browser, { origin: running.url.replace(/\/$/, "") });
  const { page } = tab;

  await page.goto("/runs?pipeline=iris");
  await using pictures = await openPictures();
  for (const [look, options] of Object.entries(LOOKS)) {
    await using other = await openTab(browser, { origin: running.url.slice(0, -1) }, options);
    await other.page.goto("/login");
    await other.page.screenshot({ path: join(pictures.folder, `login ${look}.png`) });
    deepEqual(await seriousFaults(other.page), []);
    deepEqual(await check(other.page, "faintTexts"), []);
  }
  await page.getByLabel("Token").fill("hanok_wrong");
  await page.keyboard.press("Enter");
  await page.getByText("This token is not valid").waitFor();
  deepEqual(await seriousFaults(page), []);
  await page.getByLabel("Token").fill(token);
  await page.keyboard.press("Enter");
  await page.getByText("No run is like this").waitFor();

  match(page.url(), /\/runs\?pipeline=iris$/);
  match(await page.locator("footer").innerText(), /, admin/);
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  // The refused token was one; nothing else is a fault of the pages.
  deepEqual(tab.complaints.filter((each) => !/status of 401/.test(each)), []);
  await page.goto("/runs");
  await page.getByRole("heading", { name: "Log in" }).waitFor();
}, missing);
