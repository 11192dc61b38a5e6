import type {
  Batch,
  EnginePort,
  InferenceSession,
  TrainingOptions,
  TrainingSession,
} from "../../pipeline/mod.ts";

/** An engine of a few lines, and what was asked of it. */
export interface FakeEngine {
  readonly engine: EnginePort;
  readonly batches: Batch[];
  readonly options: TrainingOptions[];
  /** Sessions that are open now. */
  readonly open: () => number;
}

/**
 * An engine that learns nothing: its "model" is the number of iterations as text, and what it answers is decided by
 * `rightAfter`: the share of examples it gets right at that number of iterations.
 */
export function fakeEngine(
  rightAfter: (iterations: number) => number,
  onIterate: (iteration: number) => void = () => {},
): FakeEngine {
  const batches: Batch[] = [];
  const options: TrainingOptions[] = [];
  let open = 0;
  const engine: EnginePort = {
    name: "cpu",
    device: "fake",
    build: () => Promise.resolve(encode("0")),
    buildFiles: () => Promise.resolve({ onnx: encode("0"), externalData: {} }),
    readExternalData: () => Promise.resolve({}),
    openTraining: (_model, given) => {
      options.push(given);
      open++;
      let iteration = 0;
      const session: Pick<TrainingSession, "iterate" | "exportFiles" | typeof Symbol.asyncDispose> =
        {
          iterate: (batch) => {
            batches.push(...[batch].flat());
            onIterate(++iteration);
            return Promise.resolve({ loss: 1 / iteration, iteration, learningRate: 0.1 });
          },
          exportFiles: () => Promise.resolve({ onnx: encode(String(iteration)), externalData: {} }),
          [Symbol.asyncDispose]: () => Promise.resolve(void open--),
        };
      return Promise.resolve(session as TrainingSession);
    },
    openInference: (model) => {
      open++;
      const right = rightAfter(Number(new TextDecoder().decode(model)));
      const session: InferenceSession = {
        inputs: [{ name: "features", type: "float32", shape: [null, 1] }],
        outputs: [{ name: "logits", type: "float32", shape: [null, 2] }],
        run: ({ features }) => Promise.resolve({ logits: answer(features!.data.length, right) }),
        [Symbol.asyncDispose]: () => Promise.resolve(void open--),
      };
      return Promise.resolve(session);
    },
    openRecurrence: () => {
      throw new Error("no step that is tested with this engine trains a recurrence");
    },
  };
  return { engine, batches, options, open: () => open };
}

/** Says class 0 for the first `right` of the examples, class 1 for the rest, with a little doubt. */
function answer(count: number, right: number) {
  const data = new Float32Array(count * 2);
  for (let i = 0; i < count; i++) data[2 * i + (i < right * count ? 0 : 1)] = 2;
  return { type: "float32", shape: [count, 2], data } as const;
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
