import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { createRun, finishRun, openStore, recordStepRun } from "../../runtime/store/mod.ts";
import {
  check,
  LOOKS,
  openBrowser,
  openPictures,
  openTab,
  PHONE,
  seriousFaults,
  settledAnswer,
  testInBrowser,
} from "./_browser.ts";
import { openTestStore, post } from "./_served_store.ts";

/** Strokes of a 3 and of a 1, in parts of the pad. */
const THREE: Stroke[] = [[
  [0.34, 0.2],
  [0.5, 0.16],
  [0.64, 0.22],
  [0.64, 0.36],
  [0.48, 0.47],
  [0.64, 0.56],
  [0.68, 0.7],
  [0.58, 0.82],
  [0.42, 0.84],
  [0.32, 0.78],
]];
const ONE: Stroke[] = [[[0.2, 0.15], [0.2, 0.5]]];

type Stroke = readonly (readonly [x: number, y: number])[];

testInBrowser("pages in a browser: draw, type, look", async (test) => {
  await using pictures = await openPictures();
  await using store = await openTestStore();
  await store.cli("run", "iris");
  await store.cli("run", "digits");
  await using server = await store.serve("--sample-rate", "1");
  await using browser = await openBrowser();

  await test.step("a drawn digit is recognised, wherever and however small it is drawn", async () => {
    await using tab = await openTab(browser, server);
    const { page } = tab;
    await page.goto("/?model=digits");
    ok(await inkOnPad(page) > 0, "the pad shows the model's own example");

    await draw(page, THREE);
    equal(await settledAnswer(page, "3"), "3");
    await page.getByRole("button", { name: "Clear" }).click();
    equal(await page.locator("#answer output").count(), 0);
    equal(await inkOnPad(page), 0);
    await draw(page, ONE);
    equal(await settledAnswer(page, "1"), "1");

    deepEqual(tab.complaints, []);
  });

  await test.step("a digit is drawn with a finger", async () => {
    await using tab = await openTab(browser, server, PHONE);
    const { page } = tab;
    await page.goto("/?model=digits");

    await drawByTouch(page, THREE[0]!);

    equal(await settledAnswer(page, "3"), "3");
  });

  await test.step("a digit is set with the keyboard alone", async () => {
    await using tab = await openTab(browser, server);
    const { page } = tab;
    await page.goto("/?model=digits");
    await page.getByRole("button", { name: "Clear" }).click();
    await page.locator('[aria-label="row 1, column 5"]').focus();

    for (let row = 1; row <= 8; row++) {
      await page.keyboard.press("Space");
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("Space");
      await page.keyboard.press("ArrowRight");
      if (row < 8) await page.keyboard.press("ArrowDown");
    }

    equal(await settledAnswer(page, "1"), "1");
    equal(await page.locator('[aria-label="row 8, column 4"]').inputValue(), "16");
    equal(
      await page.evaluate('document.activeElement.getAttribute("aria-label")'),
      "row 8, column 5",
    );
  });

  await test.step("numbers are typed, and the answer comes without a new page", async () => {
    await using tab = await openTab(browser, server);
    const { page } = tab;
    await page.goto("/?model=iris");
    await page.evaluate('document.body.dataset.kept = "yes"');

    await page.getByLabel("petal_length").fill("5.6");
    await page.getByLabel("petal_width").fill("2.2");
    await page.keyboard.press("Enter");

    equal(await settledAnswer(page, "virginica"), "virginica");
    equal(await page.evaluate("document.body.dataset.kept"), "yes");
    await page.getByLabel("petal_length").fill("1.4");
    await page.getByLabel("petal_width").fill("0.2");
    await page.keyboard.press("Enter");
    equal(await settledAnswer(page, "setosa"), "setosa");
    const past = await page.locator("[data-history] li strong").allTextContents();
    deepEqual(past, ["setosa", "virginica"]);
    deepEqual(tab.complaints, []);
  });

  await test.step("without JavaScript the same forms work", async () => {
    await using tab = await openTab(browser, server, { javaScriptEnabled: false });
    const { page } = tab;
    await page.goto("/?model=iris");

    await page.getByLabel("petal_length").fill("5.6");
    await page.getByLabel("petal_width").fill("2.2");
    await page.getByRole("button", { name: "Predict" }).click();
    equal(await page.locator("#answer output").textContent(), "virginica");

    await page.goto("/?model=digits");
    equal(await page.locator("canvas").isVisible(), false);
    await page.locator('[aria-label="row 1, column 1"]').fill("1");
    await page.getByRole("button", { name: "Predict" }).click();
    match(await page.locator("#answer output").textContent() ?? "", /^\d$/);
  });

  await test.step("a run that goes on shows its progress without a reload", async () => {
    await using tab = await openTab(browser, server);
    const { page } = tab;
    await using opened = await openStore({ folder: store.folder });
    const runId = "e".repeat(32);
    await createRun(opened, { runId, experiment: "slow", user: "mina", startTime: Date.now() });
    await page.goto(`/runs/${runId}`);
    await page.getByText("running").waitFor();
    await page.evaluate('document.body.dataset.kept = "yes"');

    await recordStepRun(opened, {
      runId,
      node: "train",
      step: "train",
      status: "succeeded",
      attempt: 1,
      startedAt: Date.now(),
      endedAt: Date.now(),
      durationMs: 12,
      cacheKey: null,
      reason: "first run",
      summary: "loss 0.1",
      error: null,
    });
    await page.getByText("loss 0.1").waitFor();
    await finishRun(opened, runId, { status: "FINISHED", endTime: Date.now() });
    await page.locator("h1 + .facts").getByText("succeeded").waitFor();

    equal(await page.evaluate("document.body.dataset.kept"), "yes");
    equal(await page.locator("main[data-live]").count(), 0);
    deepEqual(tab.complaints, []);
  });

  await test.step("a person finds the way from the run to the model and its data", async () => {
    await using tab = await openTab(browser, server);
    const { page } = tab;
    await page.goto("/runs?pipeline=digits");
    await page.locator("tbody a").first().click();
    await page.getByText("train/loss").first().waitFor();
    await page.click("text=digits version 1");
    await page.click("text=lineage");
    await page.getByRole("heading", { name: "Lineage of digits/1" }).waitFor();

    ok(await page.getByText("digits.csv").first().isVisible());
    deepEqual(tab.complaints, []);
  });

  await test.step("a person decides about a version with the keyboard alone", async () => {
    await using tab = await openTab(browser, server);
    const { page } = tab;
    await page.goto("/models/iris");
    const tabTo = async (name: string) => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press("Tab");
        const focused = await page.evaluate(
          "document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent",
        );
        if (focused === name) return;
      }
      throw new Error(`Tab does not lead to "${name}"`);
    };

    await tabTo("Skip to the content");
    await tabTo("Decide about a version");
    await page.keyboard.press("Enter");
    await tabTo("Reason");
    await page.keyboard.type("checked by hand");
    await page.keyboard.press("Enter");

    await page.getByText("Version 1 is approved, and the champion").waitFor();
    deepEqual(tab.complaints, []);
  });

  await test.step("a run is started from its page, and followed to its end without a reload", async () => {
    await using tab = await openTab(browser, server);
    const { page } = tab;
    await page.goto("/runs?pipeline=iris");
    await page.locator("tbody a").first().click();
    await page.getByLabel("without the cache").check();
    await page.getByRole("button", { name: "Run again" }).click();
    await page.locator("main[data-live]").waitFor();
    await page.evaluate('document.body.dataset.kept = "yes"');

    await page.locator("h1 + .facts").getByText("succeeded").waitFor();

    equal(await page.evaluate("document.body.dataset.kept"), "yes");
    deepEqual(tab.complaints, []);
  });

  await test.step("a person sees that requests are not what the model was trained on", async () => {
    await using tab = await openTab(browser, server);
    const { page } = tab;
    const example = Object.fromEntries(
      Array.from({ length: 64 }, (_, i) => [`pixel_${Math.floor(i / 8)}_${i % 8}`, i % 17]),
    );
    for (let requests = 0; requests < 4; requests++) {
      const rows = Array.from({ length: 10 }, () => example);
      equal((await post(`${server.origin}/models/digits/predict`, { rows })).status, 200);
    }

    const address = `${server.origin}/api/models/digits/versions/1/drift`;
    const start = performance.now();
    while ((await (await fetch(address)).json()).status !== "compared") {
      ok(performance.now() - start < 20_000, "the requests were not kept");
    }

    await page.goto("/models/digits");
    ok(await page.getByText("is asked about other data than it was trained on").isVisible());
    await page.getByText("more features").click();
    ok(await page.getByRole("region", { name: "Drift of the other features" }).isVisible());

    deepEqual(tab.complaints, []);
  });

  for (const [look, options] of Object.entries(LOOKS)) {
    await test.step(`all pages are sound ${look}`, async () => {
      await using tab = await openTab(browser, server, options);
      const { page } = tab;
      const { runs } = await (await fetch(`${server.origin}/api/runs?pipeline=digits`))
        .json() as {
          runs: { run_id: string }[];
        };
      const { runs: iris } = await (await fetch(`${server.origin}/api/runs?pipeline=iris`))
        .json() as { runs: { run_id: string }[] };
      await page.goto(`/runs/${runs[0]!.run_id}`);
      const data = (await page.locator('a[href*="/data?of="]').first().getAttribute("href"))!;
      const addresses = {
        predict: "/?model=digits",
        numbers: "/?model=iris",
        runs: "/runs",
        run: `/runs/${runs[0]!.run_id}`,
        models: "/models",
        model: "/models/digits",
        lineage: "/lineage?of=digits/1",
        compare: `/runs/compare?run=${runs[0]!.run_id}&run=${iris[0]!.run_id}`,
        docs: "/docs",
        step: `/runs/${runs[0]!.run_id}/step?node=train`,
        data,
        file: `/runs/${runs[0]!.run_id}/file?path=train/model/README.md`,
      };
      for (const [name, address] of Object.entries(addresses)) {
        await page.goto(address, { waitUntil: "load" });
        await check(page, "showPictures");
        await page.screenshot({
          path: join(pictures.folder, `${name} ${look}.png`),
          fullPage: true,
        });
        equal(await check(page, "sidewaysScroll"), 0, `${name} scrolls sideways`);
        deepEqual(
          await check(page, "unnamedControls"),
          [],
          `${name} has controls without a name`,
        );
        deepEqual(await seriousFaults(page), [], `${name} is hard to use for some`);
        deepEqual(
          await check(page, "faintTexts"),
          [],
          `${name} has texts of too little contrast`,
        );
      }
      deepEqual(tab.complaints, []);
    });
  }
});

async function draw(page: Page, strokes: readonly Stroke[]): Promise<void> {
  const box = (await page.locator("canvas").boundingBox())!;
  for (const stroke of strokes) {
    for (const [index, [x, y]] of stroke.entries()) {
      await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 3 });
      if (index === 0) await page.mouse.down();
    }
    await page.mouse.up();
  }
}

/** How many pixels of the pad are painted. */
async function inkOnPad(page: Page): Promise<number> {
  return await page.evaluate(`(() => {
    const pad = document.querySelector("canvas");
    const copy = new OffscreenCanvas(pad.width, pad.height)
      .getContext("2d", { willReadFrequently: true });
    copy.drawImage(pad, 0, 0);
    const { data } = copy.getImageData(0, 0, pad.width, pad.height);
    return data.filter((value, index) => index % 4 === 3 && value > 0).length;
  })()`);
}

async function drawByTouch(page: Page, stroke: Stroke): Promise<void> {
  const box = (await page.locator("canvas").boundingBox())!;
  const session = await page.context().newCDPSession(page);
  const send = (type: "touchStart" | "touchMove" | "touchEnd", [x, y]: Stroke[number]) =>
    session.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: type === "touchEnd"
        ? []
        : [{ x: box.x + x * box.width, y: box.y + y * box.height }],
    });
  await send("touchStart", stroke[0]!);
  for (const place of stroke) await send("touchMove", place);
  await send("touchEnd", stroke.at(-1)!);
}
