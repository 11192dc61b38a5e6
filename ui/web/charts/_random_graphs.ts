import fc from "fast-check";

/** Graphs of up to 30 nodes, each after some of those before it. */
export const randomGraphs: fc.Arbitrary<{ readonly id: string; readonly after: string[] }[]> = fc
  .array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { maxLength: 30 })
  .map((all) =>
    all.map((after, i) => ({
      id: `n${i}`,
      after: [...new Set(after.filter((each) => each < i))].map((each) => `n${each}`),
    }))
  );
