import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import {
  isBrowserMissing,
  MISSING_BROWSER,
  openBrowser,
  openTab,
  settledAnswer,
} from "./_browser.ts";
import { openTestStore } from "./_served_store.ts";

const DIGITS = new URL("../../configs/digits/digits.csv", import.meta.url);
const GOOD = [
  "정말 최고의 영화",
  "배우가 훌륭하다",
  "감동적이고 재미있다",
  "다시 보고 싶다",
  "음악이 아름답다",
];
const BAD = [
  "정말 최악의 영화",
  "배우가 엉망이다",
  "지루하고 돈 아깝다",
  "다시는 안 본다",
  "음악이 시끄럽다",
];
const SCENES = ["처음부터", "끝까지", "주말에", "친구와", "혼자", "극장에서", "집에서", "밤에"];

// The browser's own processes and pipes end with it, not with each step.
const IN_BROWSER = { ignore: isBrowserMissing, sanitizeResources: false, sanitizeOps: false };
const why = isBrowserMissing ? ` (${MISSING_BROWSER})` : "";

Deno.test({
  name: `a person trains, sees the gate pass, approves, and predicts, all by clicks${why}`,
  ...IN_BROWSER,
  async fn() {
    await using store = await openTestStore();
    const data = join(store.folder, "..", `${crypto.randomUUID()}.csv`);
    const rows = (await Deno.readTextFile(DIGITS)).trimEnd().split("\n");
    await Deno.writeTextFile(data, `${rows.join("\n")}\n`);
    const set = ["--set", `dataset.path=${data}`, "--set", "promote=approve"];
    await store.cli("run", "digits", ...set, "--set", "training.epochs=20");
    await store.cli("models", "approve", "digits/1", "--why", "the first");
    await using server = await store.serve("--model", "digits");
    await using browser = await openBrowser();
    await using tab = await openTab(browser, server);
    const { page } = tab;
    const champion = async () =>
      (await (await fetch(`${server.origin}/api/models/digits`)).json()).aliases.champion;

    // The data has changed since: what is trained now is another model.
    await Deno.writeTextFile(data, `${rows.slice(0, -20).join("\n")}\n`);
    await page.goto("/runs?pipeline=digits");
    await page.locator("tbody a").first().click();
    await page.getByRole("button", { name: "Run again" }).click();
    await page.locator("main[data-live]").waitFor();
    await page.locator("h1 + .facts").getByText("succeeded").waitFor();
    match(await page.locator("main").innerText(), /gate[\s\S]*passed/);
    equal(await champion(), 1);

    await page.getByText("digits version 2").first().click();
    await page.getByText("Decide about a version").click();
    await page.getByLabel("Reason", { exact: true }).fill("as good, on newer data");
    await page.getByRole("button", { name: "Decide" }).click();
    await page.getByText("Version 2 is approved, and the champion").waitFor();
    equal(await champion(), 2);
    await page.getByText("as good, on newer data").first().waitFor();

    // A moved alias is followed within a second, many looks at the page later at most.
    let answer = "";
    for (let looks = 0; looks < 100 && !/version 2/.test(answer); looks++) {
      await page.goto("/?model=digits");
      answer = await page.locator("#answer").innerText();
    }
    match(answer, /answered by digits, version 2/);
    match(await page.locator("#answer output").textContent() ?? "", /^\d$/);
    deepEqual(tab.complaints, []);
    await Deno.remove(data);
  },
});

Deno.test({
  name: `a person types a Korean review and sees 긍정 or 부정${why}`,
  ...IN_BROWSER,
  async fn() {
    await using store = await openTestStore();
    const lines = (count: number) =>
      Array.from({ length: count }, (_, i) => {
        const [words, label] = i % 2 === 0 ? [GOOD, 1] : [BAD, 0];
        const at = i >> 1;
        const review = `${SCENES[at % SCENES.length]} ${words[at % 5]} ${words[(at * 3 + 1) % 5]}`;
        return `${i}\t${review} ${i}\t${label}`;
      });
    const write = async (name: string, count: number) => {
      const path = join(store.folder, name);
      await Deno.writeTextFile(path, `${["id\tdocument\tlabel", ...lines(count)].join("\n")}\n`);
      return path;
    };
    const set = [
      `dataset.train=${await write("train.txt", 600)}`,
      `dataset.test=${await write("test.txt", 200)}`,
      "dataset.validation=0.1",
    ];
    await store.cli("run", "nsmc", ...set.flatMap((each) => ["--set", each]));
    await using server = await store.serve();
    await using browser = await openBrowser();
    await using tab = await openTab(browser, server);
    const { page } = tab;

    await page.goto("/");
    const reviews = [["배우가 훌륭하다. 최고!", "긍정"], ["지루하다, 최악", "부정"]] as const;
    for (const [review, label] of reviews) {
      await page.getByLabel("document").fill(review);
      await page.getByRole("button", { name: "Predict" }).click();
      equal(await settledAnswer(page, label), label);
      await page.locator("[data-history] li strong").first().filter({ hasText: label }).waitFor();
    }
    deepEqual(
      await page.locator("[data-history] li strong").allTextContents(),
      ["부정", "긍정"],
    );
    deepEqual(tab.complaints, []);
  },
});
