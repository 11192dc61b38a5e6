import { deepEqual, equal, notEqual, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { openElementLoop } from "./element_loop.ts";

const finite = fc.float({ min: -100, max: 100, noNaN: true });

Deno.test("openElementLoop() computes in single precision, whatever the length", () => {
  const loop = openElementLoop(
    ["w", "g"],
    "let half = g / 2.0;\nw = w - s[3] * (half + sqrt(g * g));",
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), finite, finite, (length, first, step) => {
      const w = Float32Array.from({ length }, (_, i) => first + i);
      const g = Float32Array.from({ length }, (_, i) => step * i % 7);
      const f = Math.fround;
      const expected = w.map((item, i) =>
        f(item - f(f(0.1) * f(f(g[i]! / 2) + f(Math.sqrt(f(g[i]! * g[i]!))))))
      );
      loop([w, g], [0, 0, 0, 0.1]);

      deepEqual(w, expected);
    }),
    { seed: 1, numRuns: 30 },
  );
});

Deno.test("openElementLoop() works on arrays of its own where they lie, and on nothing beside them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat({ max: 9 }), (length, start) => {
      const loop = openElementLoop(["w", "g"], "w = w + g;", [60, 60]);
      const [w, g] = [loop.allocate(60), loop.allocate(60)];
      equal(w.buffer, g.buffer);
      w.fill(1);
      g.fill(2);
      loop([w, g].map((array) => array.subarray(start, start + length)), []);

      const isInside = (i: number) => i >= start && i < start + length;
      deepEqual([...w], Array.from({ length: 60 }, (_, i) => isInside(i) ? 3 : 1));
      deepEqual([...g], Array.from({ length: 60 }, () => 2));
      const other = Float32Array.from({ length: 60 }, (_, i) => i);
      loop([w, other], []);
      deepEqual([...w], Array.from({ length: 60 }, (_, i) => (isInside(i) ? 3 : 1) + i));
      notEqual(loop.allocate(1).buffer, w.buffer); // there is no more room
    }),
    { seed: 1, numRuns: 50 },
  );
});

Deno.test("openElementLoop() reaches arrays beyond the second gibibyte", () => {
  const far = 2 ** 29; // elements; takes no memory where nothing is written
  const loop = openElementLoop(["w", "g"], "w = w + g;", [far, 6, 6]);
  const [before, w, g] = [far, 6, 6].map((length) => loop.allocate(length));
  w!.fill(1);
  g!.fill(2);
  loop([w!, g!], []);

  ok(w!.byteOffset > 2 ** 31 && w!.buffer === before!.buffer);
  deepEqual([...w!], [3, 3, 3, 3, 3, 3]);
});

Deno.test("openElementLoop() gives ordinary arrays when one memory cannot hold all", () => {
  const loop = openElementLoop(["w", "g"], "w = w + g;", [2 ** 30, 6, 6]);
  const [w, g] = [6, 6].map((length) => loop.allocate(length).fill(1));
  loop([w!, g!], []);

  notEqual(w!.buffer, g!.buffer);
  deepEqual([...w!], [2, 2, 2, 2, 2, 2]);
});

Deno.test("openElementLoop() leaves alone what the rule does not set", () => {
  const [w, g] = [Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6)];
  openElementLoop(["w", "g"], "w = g;")([w, g], []);

  deepEqual([w, g], [Float32Array.of(4, 5, 6), Float32Array.of(4, 5, 6)]);
});

Deno.test("openElementLoop() refuses rules that it cannot read", () => {
  for (
    const [rule, message] of [
      ["w = v;", /"v" has no value/],
      ["v = w;", /"v" cannot be set/],
      ["let w = w;", /"w" cannot be set/],
      ["w = w", /; is expected, not the end/],
      ["w = (w;", /\) is expected, not ;/],
      ["w = * w;", /an operand is expected, not \*/],
    ] as const
  ) {
    throws(() => openElementLoop(["w"], rule), { name: "SyntaxError", message });
  }
});

Deno.test("squareSum() adds up squares in double precision, wherever the array is", () => {
  for (const length of [0, 1, 3, 7, 8, 9, 31, 32, 1000]) {
    const loop = openElementLoop(["w"], "w = w * s[0];", [3, length]);
    loop.allocate(3).fill(9); // what lies beside it does not count
    const here = loop.allocate(length);
    for (let i = 0; i < length; i++) here[i] = 1e20 * Math.sin(i + 1); // whose squares are no float32
    const expected = here.reduce((sum, item) => sum + item * item, 0);

    for (const array of [here, here.slice()]) {
      ok(Math.abs(loop.squareSum(array) - expected) <= 1e-14 * expected, `of ${length}`);
    }
    const before = here.slice();
    loop([here], [1]);
    deepEqual(here, before, "the scalars are written anew");
  }
  const loop = openElementLoop(["w"], "w = w * s[0];", [64]);
  const array = loop.allocate(64).fill(1);
  array[40] = NaN;
  ok(Number.isNaN(loop.squareSum(array)));
  array[40] = -Infinity;
  deepEqual(loop.squareSum(array), Infinity);
});
