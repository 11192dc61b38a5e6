import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { openBrowser, openTab, settledAnswer, testInBrowser } from "./_browser.ts";
import { openKeyboard } from "./_keyboard.ts";
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

testInBrowser("a person trains, sees the gate pass, approves, and predicts", async (test) => {
  await using store = await openTestStore();
  const data = join(store.folder, "..", `${crypto.randomUUID()}.csv`);
  const rows = (await Deno.readTextFile(DIGITS)).trimEnd().split("\n");
  await Deno.writeTextFile(data, `${rows.join("\n")}\n`);
  const set = ["--set", `dataset.path=${data}`, "--set", "promote=approve"];
  await store.cli("run", "digits", ...set, "--set", "training.epochs=20");
  await store.cli("models", "approve", "digits/1", "--why", "the first");
  await using server = await store.serve("--model", "digits");
  await using browser = await openBrowser();
  const champion = async () =>
    (await (await fetch(`${server.origin}/api/models/digits`)).json()).aliases.champion;
  // Data that has changed since: what is trained then is another model.
  const forgetRows = (count: number) =>
    Deno.writeTextFile(data, `${rows.slice(0, -count).join("\n")}\n`);

  await test.step("by clicks", async () => {
    await using tab = await openTab(browser, server);
    const { page } = tab;
    await forgetRows(20);
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
  });

  await test.step("with the keyboard alone, from the first page to the last", async () => {
    await using tab = await openTab(browser, server);
    const { page } = tab;
    const keys = openKeyboard(page);
    await forgetRows(40);
    await page.goto("/");

    // Past the menu into the page, and back.
    await keys.tabTo("Skip to the content");
    await keys.press("Enter");
    await keys.tabTo("digits");
    await keys.backTo("Runs");
    await keys.follow();

    // One more training, followed to its end with the focus kept.
    await keys.tabTo(/^[a-z]+-[a-z]+-\d+$/);
    await keys.follow();
    await keys.tabTo("without the cache");
    await keys.press("Space", "Space");
    await keys.tabTo("Run again");
    await keys.follow();
    await page.locator("main[data-live]").waitFor();
    await keys.tabTo("dataset");
    await page.locator("h1 + .facts").getByText("succeeded").waitFor();
    equal((await keys.stop()).name, "dataset");
    equal(await champion(), 2);

    // The decision, with its reason.
    await keys.backTo("digits version 3");
    await keys.follow();
    await keys.tabTo("Decide about a version");
    await keys.press("Enter");
    await keys.tabTo("Version");
    await keys.press("ArrowDown", "ArrowUp");
    await keys.tabTo("Decision");
    await keys.press("ArrowDown", "ArrowUp");
    await keys.tabTo("Reason");
    await keys.type("without the mouse");
    await keys.tabTo("Decide");
    await keys.follow();
    await page.getByText("Version 3 is approved, and the champion").waitFor();
    match((await keys.stop()).name, /Version 3 is approved/);
    equal(await champion(), 3);

    // A one, square by square.
    await keys.backTo("Try it");
    await keys.follow();
    await keys.tabTo("row 1, column 1");
    await keys.tabTo("Clear");
    await keys.press("Enter");
    await keys.backTo("row 1, column 1");
    await keys.press("ArrowRight", "ArrowRight", "ArrowRight");
    for (let row = 1; row <= 8; row++) {
      await keys.press("Space", "ArrowRight", "Space", "ArrowLeft");
      if (row < 8) await keys.press("ArrowDown");
    }
    equal(await settledAnswer(page, "1"), "1");
    equal((await keys.stop()).name, "row 8, column 4");
    await keys.tabTo("Ask the same from a program");
    await keys.press("Enter");
    await keys.tabTo("Copy the command");

    // What a person is at and has opened stays, when another answer comes.
    await page.evaluate(`
        document.addEventListener("htmx:after:swap", () => document.body.dataset.swapped = "yes");
        document.querySelector("#try").requestSubmit();
      `);
    await page.locator("body[data-swapped]").waitFor();
    equal((await keys.stop()).name, "Copy the command");
    deepEqual(tab.complaints, []);
  });
  await Deno.remove(data);
});

testInBrowser(
  "a person types a Korean review, with the keyboard alone, and sees 긍정 or 부정",
  async () => {
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
    const keys = openKeyboard(page);
    await keys.tabTo("document");
    const reviews = [["배우가 훌륭하다. 최고!", "긍정"], ["지루하다, 최악", "부정"]] as const;
    for (const [review, label] of reviews) {
      await keys.press("Control+a");
      await keys.type(review);
      await keys.press("Enter");
      equal(await settledAnswer(page, label), label);
      await page.locator("[data-history] li strong").first().filter({ hasText: label }).waitFor();
    }
    deepEqual(
      await page.locator("[data-history] li strong").allTextContents(),
      ["부정", "긍정"],
    );
    deepEqual(tab.complaints, []);
  },
);
