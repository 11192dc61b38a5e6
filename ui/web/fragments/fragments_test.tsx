/** @jsxImportSource hono/jsx */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { ModelSignature, SignatureInput } from "../../../pipeline/mod.ts";
import type { FeatureDrift } from "../../../runtime/drift/mod.ts";
import type { HistoryFacts } from "../../api/mod.ts";
import { AnswerPanel } from "./answer.tsx";
import { DriftMap } from "./drift_map.tsx";
import { inkShare, levelOf } from "./grid_form.tsx";
import { InputForm } from "./input_form.tsx";
import { groupActs, groupAlike } from "./model_parts.tsx";

function pixels(count: number): SignatureInput[] {
  return Array.from({ length: count }, (_, index) => (
    { name: `p${index}`, type: "integer", nullable: false, range: [0, 16] }
  ));
}

function signatureOf(inputs: readonly SignatureInput[], form?: ModelSignature["form"]) {
  return {
    task: "classification",
    inputs,
    labels: ["a", "b"],
    tensors: { inputs: [], outputs: [] },
    ...(form === undefined ? {} : { form }),
  } satisfies ModelSignature;
}

Deno.test("groupAlike() tells many inputs of one kind in one line", () => {
  deepEqual(groupAlike(pixels(64)).map(({ inputs }) => inputs.length), [64]);
});

Deno.test("groupAlike() tells few inputs one by one", () => {
  equal(groupAlike(pixels(5)).length, 5);
});

Deno.test("groupAlike() keeps another kind apart", () => {
  const inputs: SignatureInput[] = [
    ...pixels(15),
    { name: "plan", type: "string", nullable: false, categories: ["x"] },
    ...pixels(15),
  ];

  deepEqual(groupAlike(inputs).map(({ inputs }) => inputs.length), [15, 1, 15]);
});

Deno.test("groupActs() puts together what one act changed", () => {
  const change: HistoryFacts = {
    at: "2026-10-14T10:00:00Z",
    user: "mina",
    why: "better",
    alias: "champion",
    version: null,
    from: 1,
    to: 2,
  };

  const acts = groupActs([change, { ...change, alias: "candidate" }, { ...change, why: "worse" }]);

  deepEqual(acts.map(({ changes }) => changes.length), [2, 1]);
});

Deno.test("DriftMap() shows where on a picture inputs drifted, the further the stronger", () => {
  const drift = (place: number, score: number): FeatureDrift => ({
    ...{ feature: `p${place}`, method: "wasserstein", score, pValue: null, threshold: 0.1 },
    ...{ detected: score >= 0.1, referenceValues: 2000, currentValues: 50, bins: [] },
  });
  const scores = [0.05, 0.1, 0.25, 0.5, 40];

  const html = String(
    <DriftMap
      form={{ kind: "grid", width: 3, height: 2 }}
      inputs={pixels(6)}
      features={scores.map((score, place) => drift(place, score)).reverse()}
    />,
  );

  deepEqual([...html.matchAll(/shade-(\d)/g)].map(([, shade]) => Number(shade)), [
    0,
    1,
    2,
    3,
    4,
    0,
  ]);
  ok(html.includes("4 of 6 cells drifted"));
});

Deno.test("inkShare() measures how much of the examples is ink", () => {
  const signature = signatureOf(pixels(4));

  equal(inkShare(signature, [{ p0: 16, p1: 0, p2: 8, p3: 0 }]), 0.375);
});

Deno.test("levelOf() keeps to the levels that the style knows", () => {
  deepEqual([-3, 0, 8, 16, 99].map((value) => levelOf(value, 16)), [0, 0, 8, 16, 16]);
});

Deno.test("InputForm() gives every input a labelled field with its value", async () => {
  const signature = signatureOf([
    { name: "width", type: "number", nullable: false, range: [1, 9] },
    { name: "plan", type: "string", nullable: true, categories: ["basic", "pro"] },
    { name: "active", type: "boolean", nullable: false },
  ]);
  const row = { width: 2.5, plan: "pro", active: false };

  const html = String(
    await <InputForm action="/?model=m" signature={signature} row={row} examples={[row]} />,
  );

  ok(html.includes('<label for="field-width">width</label>'));
  ok(/<input id="field-width"[^>]*value="2.5"[^>]*type="number"/.test(html));
  ok(html.includes('<option value="pro" selected>pro</option>'));
  ok(html.includes('<option value="">(missing)</option>'));
  ok(html.includes('<option value="false" selected>false</option>'));
  ok(html.includes("1 to 9 in training"));
});

Deno.test("InputForm() gives a text room, where it is all that a model takes", async () => {
  const signature = signatureOf([{ name: "document", type: "string", nullable: false }]);
  const row = { document: "<b>좋다</b>" };

  const html = String(await <InputForm action="/" signature={signature} row={row} examples={[]} />);

  ok(/<textarea id="field-document"[^>]*>&lt;b&gt;좋다&lt;\/b&gt;<\/textarea>/.test(html), html);
});

Deno.test("InputForm() shows a picture as a grid of numbers", async () => {
  const signature = signatureOf(pixels(6), { kind: "grid", width: 3, height: 2 });
  const row = { p0: 16, p1: 0, p2: 0, p3: 0, p4: 4, p5: 0 };

  const html = String(await <InputForm action="/" signature={signature} row={row} examples={[]} />);

  equal(html.match(/<tr>/g)?.length, 2);
  equal(html.match(/<input type="number"/g)?.length, 6);
  ok(html.includes('aria-label="row 2, column 2" data-level="4"'));
});

Deno.test("AnswerPanel() shows the most probable of very many labels", async () => {
  const probabilities = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [`l${index}`, index === 29 ? 0.5 : 0.5 / 29]),
  );
  const answer = { label: "l29", confidence: 0.5, probabilities };

  const html = String(await <AnswerPanel answer={answer} model="m" version={1} />);

  equal(html.match(/<rect class="fill"/g)?.length, 12);
  ok(html.includes("and 18 less probable labels"));
});
