import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import type { EngineName } from "../../../pipeline/engine_port.ts";
import type { Tensor } from "../../../pipeline/tensor.ts";
import { evaluate } from "../evaluate.ts";
import type { Input, Value } from "../graph.ts";
import { graphToModel } from "../graph_to_model.ts";
import { writeModel } from "../onnx/write_model.ts";
import { draw } from "../operators/_drawn_case.ts";
import { gradientCases } from "../operators/_gradient_cases.ts";
import { emit, operators } from "../operators/mod.ts";
import { rewriteGraph } from "../rewrite_graph.ts";
import { chooseEngine } from "./choose_device.ts";
import { openDevice } from "./open_device.ts";

const CASES_IN_ONE_GRAPH = 16;
const DRAWS = 3;

/** Operators and gradients as a device computes them, against the double-precision rules. */
export function operatorCases(
  name: EngineName,
  { ignore = false, except = [] }: { ignore?: boolean; except?: readonly string[] } = {},
): void {
  const titles = Object.keys(gradientCases).filter((title) => !except.includes(title));
  for (let start = 0; start < titles.length; start += CASES_IN_ONE_GRAPH) {
    const together = titles.slice(start, start + CASES_IN_ONE_GRAPH);
    Deno.test({
      name: `${name} device computes ${together.join(", ")} and their gradients${
        ignore ? " (skipped: no WebGPU adapter)" : ""
      }`,
      ignore,
      fn: () => compare(name, together),
    });
  }
}

async function compare(name: EngineName, titles: readonly string[]): Promise<void> {
  await using device = await openDevice(await chooseEngine(name, { threads: 1 }), { threads: 1 });
  const outputs: Record<string, Value> = {};
  const given = new Map<Input, Float64Array>();
  const expected: Record<string, Float64Array> = {};
  for (const title of titles) {
    fc.sample(gradientCases[title]!, { numRuns: DRAWS, seed: 11 }).forEach((gradientCase, i) => {
      const { numbers, loss, gradients } = draw(gradientCase, i, `${title}:${i}:`);
      const rounded = new Map(
        numbers.entries().map(([x, data]) => [x, Float64Array.from(new Float32Array(data))]),
      );
      const values = [loss, ...gradients];
      evaluate(operators, values, rounded).forEach((data, k) => {
        outputs[`${title} #${i} ${k === 0 ? "value" : `gradient ${k}`}`] = values[k]!;
        expected[`${title} #${i} ${k === 0 ? "value" : `gradient ${k}`}`] = data;
      });
      for (const [x, data] of rounded) given.set(x as Input, data);
    });
  }

  const results = await runGraph(device, outputs, given);

  const wrong = Object.entries(expected).flatMap(([title, data]) => {
    const found = results[title]!.data as Float32Array;
    const at = data.findIndex((item, i) =>
      !(Math.abs(found[i]! - item) <= 2e-4 * (1 + Math.abs(item)))
    );
    return at === -1 ? [] : [`${title}[${at}] is ${found[at]}, not ${data[at]}`];
  });
  deepEqual(wrong, []);
}

async function runGraph(
  device: Awaited<ReturnType<typeof openDevice>>,
  outputs: Readonly<Record<string, Value>>,
  given: ReadonlyMap<Input, Float64Array>,
): Promise<Record<string, Tensor>> {
  const values = Object.values(outputs);
  const lowered = device.lower === undefined ? values : rewriteGraph(emit, values, device.lower);
  const names = Object.keys(outputs);
  const model = graphToModel({
    inputs: [...given.keys()],
    outputs: Object.fromEntries(names.map((name, i) => [name, lowered[i]!])),
  });
  await using graph = await device.load(writeModel(model), { strict: true });
  return await graph.run(Object.fromEntries(
    given.entries().map(([{ name, shape }, data]) =>
      [name, { type: "float32", shape, data: Float32Array.from(data) }] as const
    ),
  ));
}
