import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { compareFeature, type DriftMethod, severityOf } from "./compare_feature.ts";
import type { CategoryValues, FeatureValues, NumberValues } from "./feature_values.ts";

/** Numbers of a bell curve, moved by `shift` standard deviations. */
function numbers(seed: number, size: number, shift = 0): NumberValues {
  const random = xoroshiro128plus(seed);
  const bell = (): number =>
    Math.sqrt(-2 * Math.log(1 - uniformFloat64(random))) *
    Math.cos(2 * Math.PI * uniformFloat64(random));
  const values = Float64Array.from({ length: size }, () => bell() + shift).sort();
  return { kind: "numbers", feature: "x", values };
}

function categories(counts: Readonly<Record<string, number>>): CategoryValues {
  return { kind: "categories", feature: "c", counts: new Map(Object.entries(counts)) };
}

const few = (size: number): NumberValues => (
  {
    kind: "numbers",
    feature: "x",
    values: Float64Array.from({ length: size }, (_, i) => i % 4).sort(),
  }
);

/** Nobody else waits. */
const alone = (): undefined => undefined;

for (
  const { title, reference, current, method } of [
    {
      title: "many numbers of a small reference",
      reference: numbers(1, 900),
      current: numbers(2, 50),
      method: "ks",
    },
    {
      title: "many numbers of a large one",
      reference: numbers(1, 1001),
      current: numbers(2, 50),
      method: "wasserstein",
    },
    {
      title: "few numbers of a small one",
      reference: few(800),
      current: few(40),
      method: "chisquare",
    },
    {
      title: "few numbers of a large one",
      reference: few(2000),
      current: few(40),
      method: "jensenshannon",
    },
    {
      title: "two categories of a small one",
      reference: categories({ yes: 40, no: 60 }),
      current: categories({ yes: 20, no: 30 }),
      method: "z",
    },
    {
      title: "three categories, one of them new",
      reference: categories({ a: 40, b: 60 }),
      current: categories({ a: 19, b: 30, c: 1 }),
      method: "chisquare",
    },
    {
      title: "two categories of a large one",
      reference: categories({ yes: 400, no: 700 }),
      current: categories({ yes: 20, no: 30 }),
      method: "jensenshannon",
    },
  ] satisfies {
    title: string;
    reference: NumberValues | CategoryValues;
    current: NumberValues | CategoryValues;
    method: DriftMethod;
  }[]
) {
  Deno.test(`compareFeature() compares ${title} by ${method}, and finds no drift where there is none`, async () => {
    const drift = await compareFeature(reference, current, alone);

    equal(drift.method, method);
    equal(drift.detected, false);
    ok(severityOf(drift) < 1);
  });
}

Deno.test("compareFeature() finds drift by every method", async () => {
  const found = await Promise.all([
    compareFeature(numbers(1, 900), numbers(2, 100, 1), alone),
    compareFeature(numbers(1, 2000), numbers(2, 100, 1), alone),
    compareFeature(categories({ yes: 40, no: 60 }), categories({ yes: 50, no: 5 }), alone),
    compareFeature(categories({ a: 40, b: 60, c: 3 }), categories({ d: 50 }), alone),
    compareFeature(categories({ a: 4000, b: 6000 }), categories({ a: 90, b: 10 }), alone),
  ]);

  deepEqual(found.map(({ method }) => method), [
    "ks",
    "wasserstein",
    "z",
    "chisquare",
    "jensenshannon",
  ]);
  for (const drift of found) ok(drift.detected && severityOf(drift) > 1, drift.method);
});

Deno.test("compareFeature() calls no distance drift that chance brings to so few values", async () => {
  const drifts = await Promise.all(
    Array.from({ length: 8 }, (_, seed) => numbers(seed, 2000)).flatMap((reference, place) =>
      Array.from(
        { length: 20 },
        (_, seed) => compareFeature(reference, numbers(100 + 20 * place + seed, 30), alone),
      )
    ),
  );

  // With the threshold of many rows, 0.1, nearly every one of these samples without drift would be called drifted.
  ok(drifts.filter(({ score }) => score >= 0.1).length > 150);
  // Now hardly one is.
  ok(drifts.filter(({ detected }) => detected).length <= 4);
});

Deno.test("compareFeature() finds no drift of values from themselves", async () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 6 }),
    fc.double({ min: -9, max: 9, noNaN: true }),
  );
  const lists = fc.array(value, { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(lists, fc.nat(1), async (list, isLarge) => {
      // Over a thousand times itself: a large reference of the same shares.
      const all = Array.from({ length: isLarge ? 1020 : 1 }, () => list).flat();
      const same = (values: readonly number[]): NumberValues => (
        { kind: "numbers", feature: "x", values: Float64Array.from(values).sort() }
      );

      const drift = await compareFeature(same(all), same(list), alone);

      ok(drift.score < 1e-9 && !drift.detected, `${drift.method} ${drift.score}`);
    }),
    { seed: 7, numRuns: 40 },
  );
});

Deno.test("compareFeature() shows how values are spread, as shares that sum to 1", async () => {
  const { bins } = await compareFeature(numbers(1, 900), numbers(2, 100, 3), alone);
  const { bins: named } = await compareFeature(
    categories(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`k${i}`, 40 - i]))),
    categories({ k0: 10, new: 30 }),
    alone,
  );

  for (const each of [bins, named]) {
    for (const side of ["reference", "current"] as const) {
      const sum = each.reduce((total, bin) => total + bin[side], 0);
      ok(Math.abs(sum - 1) < 1e-9, `${sum}`);
    }
  }
  equal(bins.length, 12);
  equal(named.length, 12);
  equal(named.at(-1)!.value, "20 more");
});

Deno.test("compareFeature() takes numbers of one value, far numbers and mixed sizes", async () => {
  const constant = (size: number, value: number): NumberValues => (
    { kind: "numbers", feature: "x", values: new Float64Array(size).fill(value) }
  );

  equal((await compareFeature(constant(50, 0), constant(50, -0), alone)).score, 0);
  equal((await compareFeature(constant(5000, 1), constant(50, 1), alone)).detected, false);
  equal((await compareFeature(constant(5000, 1), constant(50, 2), alone)).detected, true);
  const far = { ...numbers(3, 40), values: numbers(3, 40).values.map((value) => value * 5e307) };
  const sorted = { ...far, values: far.values.sort() };
  const { score, detected } = await compareFeature(numbers(1, 2000), sorted, alone);
  ok(detected && Number.isFinite(score));
  await rejects(compareFeature(constant(5, 1), categories({ a: 1 }), alone), TypeError);
});

Deno.test("compareFeature() lets others have their turn within every method that takes long", async () => {
  const turnsOf = async (reference: FeatureValues, current: FeatureValues): Promise<number> => {
    let turns = 0;
    await compareFeature(reference, current, () => void turns++);
    return turns;
  };

  // One before each of the 30 samples that show what chance does.
  equal(await turnsOf(numbers(1, 5000), numbers(2, 1000)), 30);
  equal(await turnsOf(categories({ a: 4000, b: 6000 }), categories({ a: 90, b: 10 })), 30);
  // One for every 50,000 of the 810,000 cells in which paths are counted.
  equal(await turnsOf(numbers(1, 900), numbers(2, 900)), Math.floor(900 / 55));
});
