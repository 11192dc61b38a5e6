import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { assembleModule, defineFunction, type WasmFunction } from "./assemble.ts";
import { countDown, countUp, f32, f32x4, i32, unless } from "./instructions.ts";

/** Compiles one function and gives it a memory of `words` whole numbers. */
function compiled(written: WasmFunction, words: number) {
  const module = new WebAssembly.Module(assembleModule(words * 4, [written]));
  const { memory, ...functions } = new WebAssembly.Instance(module).exports;
  const { buffer } = memory as WebAssembly.Memory;
  return {
    call: functions[written.name] as (...given: number[]) => void,
    words: new Int32Array(buffer, 0, words),
    floats: new Float32Array(buffer, 0, words),
  };
}

Deno.test("assembleModule() writes whole numbers of any size", () => {
  fc.assert(
    fc.property(fc.integer(), (number) => {
      const { call, floats } = compiled(
        defineFunction("keep", [], () => f32.store(i32.of(4), f32.ofInteger(i32.of(number)))),
        2,
      );
      call();
      equal(floats[1], Math.fround(number));
    }),
    { seed: 1, numRuns: 100 },
  );
});

Deno.test("countUp() and countDown() visit every step", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), (count) => {
      const marked = (direction: "up" | "down") =>
        compiled(
          defineFunction("mark", ["i32"], (newLocal, end) => {
            const [at, turn] = [newLocal("i32"), newLocal("f32")];
            const body = [
              ...turn.set(f32.add(turn.get, f32.of(1))),
              ...f32.store(at.get, turn.get),
            ];
            return direction === "up"
              ? countUp(at, { from: i32.of(0), end: end!.get, step: 4, body })
              : countDown(at, { from: i32.sub(end!.get, i32.of(4)), step: 4, body });
          }),
          300,
        );
      const [up, down] = [marked("up"), marked("down")];
      up.call(4 * count);
      down.call(4 * count);
      const expected = Array.from({ length: 300 }, (_, i) => i < count ? i + 1 : 0);
      deepEqual([...up.floats], expected);
      deepEqual([...down.floats.subarray(0, count)].reverse(), expected.slice(0, count));
    }),
    { seed: 1, numRuns: 20 },
  );
});

Deno.test("unless() leaves out what its condition forbids", () => {
  const { call, floats } = compiled(
    defineFunction(
      "set",
      ["i32"],
      (_, given) => unless(i32.isZero(given!.get), f32.store(i32.of(0), f32.of(1))),
    ),
    1,
  );
  call(0);
  equal(floats[0], 0);
  call(7);
  equal(floats[0], 1);
});

Deno.test("f32x4.total() adds four numbers", () => {
  const { call, floats } = compiled(
    defineFunction("add", [], (newLocal) => {
      const four = newLocal("v128");
      return [
        ...four.set(f32x4.load(i32.of(0))),
        ...f32.store(i32.of(16), f32x4.total(four.get)),
      ];
    }),
    5,
  );
  floats.set([1, 20, 300, 4000]);
  call();
  equal(floats[4], 4321);
});

Deno.test("assembleModule() keeps what a function may not read out of reach", () => {
  const { call } = compiled(
    defineFunction("far", [], () => f32.store(i32.of(65536), f32.of(1))),
    1,
  );
  throws(() => call(), WebAssembly.RuntimeError);
});
