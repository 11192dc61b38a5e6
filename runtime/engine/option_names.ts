import type { TrainingOptions } from "../../pipeline/engine_port.ts";
import { didYouMean } from "../../pipeline/nearest_name.ts";

const ADAM = ["learningRate", "beta1", "beta2", "epsilon", "weightDecay"];

/** What each kind may say; options often come from files, which no compiler has checked. */
const kinds: Readonly<
  Record<"loss" | "optimizer" | "schedule", Readonly<Record<string, readonly string[]>>>
> = {
  loss: {
    "cross-entropy": ["labelSmoothing", "classWeights", "ignoreIndex"],
    "binary-cross-entropy": [],
    "mean-squared-error": [],
    "huber": ["delta"],
  },
  optimizer: {
    adamw: ADAM,
    adam: ADAM,
    sgd: ["learningRate", "momentum"],
    rmsprop: ["learningRate", "alpha", "epsilon"],
    adagrad: ["learningRate", "epsilon"],
  },
  schedule: {
    "constant": [],
    "linear": ["warmup", "totalIterations"],
    "cosine": ["warmup", "totalIterations"],
    "one-cycle": ["totalIterations", "rise"],
  },
};

const names: Readonly<Record<keyof TrainingOptions, true>> = {
  ...{ loss: true, optimizer: true, schedule: true, trainable: true, unfrozenLayers: true },
  ...{ groups: true, precision: true, sparseEmbeddings: true, clipNorm: true, averageDecay: true },
  ...{ externalData: true, frozenCache: true, seed: true, checkpoint: true },
};

/** Options, kinds and numbers that there are not, and those that must be there and are not. */
export function nameProblems(options: TrainingOptions): string[] {
  const problems = unknown("options", Object.keys(options), Object.keys(names));
  for (const [part, known] of Object.entries(kinds)) {
    const given: unknown = options[part as keyof typeof kinds];
    if (given === undefined && part === "schedule") continue;
    const { kind, ...rest } = (typeof given === "object" ? given ?? {} : { kind: given }) as Record<
      string,
      unknown
    >;
    const all = Object.keys(known);
    const fields = typeof kind === "string" && Object.hasOwn(known, kind) ? known[kind] : undefined;
    if (typeof given !== "object" || given === null) {
      problems.push(`${part} is ${JSON.stringify(given)} and must be { kind: … }`);
    } else if (fields === undefined) {
      const nearest = didYouMean(String(kind), all);
      problems.push(
        `${part}.kind is ${JSON.stringify(kind)} and must be one of ${all.join(", ")}${nearest}`,
      );
    } else {
      problems.push(...unknown(part, Object.keys(rest), fields));
      if (part === "optimizer" && rest.learningRate === undefined) {
        problems.push("optimizer.learningRate is missing");
      }
    }
  }
  return problems;
}

function unknown(part: string, given: readonly string[], known: readonly string[]): string[] {
  return given.filter((name) => !known.includes(name)).map((name) =>
    `${part} has no "${name}"${didYouMean(name, known)}`
  );
}
