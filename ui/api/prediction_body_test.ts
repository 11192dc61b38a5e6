import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import { predictionBody, renderPrediction } from "./prediction_body.ts";

const label = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("긍정", '"', "\n", "10", "toString"),
)
  .filter((each) => each !== "__proto__");

Deno.test("renderPrediction() is predictionBody() as JSON", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(label, { minLength: 1, maxLength: 5 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
      fc.record({ model: fc.string(), version: fc.nat(), single: fc.boolean() }),
      (labels, shares, facts) => {
        const answers = shares.map((share) => ({
          label: labels[0]!,
          confidence: share,
          probabilities: Object.fromEntries(labels.map((each, i) => [each, share / (i + 1)])),
        }));
        const prediction = { ...facts, answers, labels };

        deepEqual(
          JSON.parse(renderPrediction(prediction)),
          JSON.parse(JSON.stringify(predictionBody(prediction))),
        );
      },
    ),
    { seed: 5 },
  );
});

Deno.test("renderPrediction() leaves out a label that no object can have", () => {
  const answer = { label: "__proto__", confidence: 1, probabilities: { a: 0.25 } };
  const labels = ["__proto__", "a"];

  const text = renderPrediction({
    model: "m",
    version: 1,
    answers: [answer],
    labels,
    single: true,
  });

  deepEqual(JSON.parse(text).probabilities, { a: 0.25 });
});
