import type { EncoderArchitecture } from "../../../pipeline/architecture.ts";
import { ExplainedError, listProblems } from "../../../pipeline/explained_error.ts";

const activations: Readonly<Record<string, NonNullable<EncoderArchitecture["activation"]>>> = {
  gelu: "gelu",
  gelu_new: "gelu-tanh",
  gelu_pytorch_tanh: "gelu-tanh",
  relu: "relu",
};

/**
 * Reads a Hugging Face `config.json` of a BERT, RoBERTa, ELECTRA or DistilBERT model.
 *
 * @param config The parsed file.
 * @throws {ExplainedError} `engine/bad-config`, with every problem.
 */
export function parseEncoderConfig(config: Readonly<Record<string, unknown>>): EncoderArchitecture {
  const problems: string[] = [];
  const count = (...names: string[]): number => {
    const name = names.find((each) => config[each] !== undefined) ?? names[0]!;
    const value = config[name];
    if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
    problems.push(`${name} is ${JSON.stringify(value)} and must be a whole number >= 1`);
    return 1;
  };
  const family = familyOf(config.model_type);
  if (family === undefined) {
    problems.push(
      `model_type is ${
        JSON.stringify(config.model_type)
      } and must be bert, roberta, electra or distilbert`,
    );
  }
  const given = config.hidden_act ?? config.activation ?? "gelu";
  const activation = activations[String(given)];
  if (activation === undefined) {
    problems.push(`the activation ${JSON.stringify(given)} is not known`);
  }
  if ((config.position_embedding_type ?? "absolute") !== "absolute") {
    problems.push(`position_embedding_type is ${JSON.stringify(config.position_embedding_type)}`);
  }
  const hidden = count("hidden_size", "dim");
  const heads = count("num_attention_heads", "n_heads");
  if (hidden % heads !== 0) {
    problems.push(`a width of ${hidden} does not divide into ${heads} heads`);
  }
  const architecture: EncoderArchitecture = {
    kind: "encoder",
    family: family ?? "bert",
    layers: count("num_hidden_layers", "n_layers"),
    hidden,
    heads,
    intermediate: count("intermediate_size", "hidden_dim"),
    vocabulary: count("vocab_size"),
    positions: count("max_position_embeddings"),
    activation: activation ?? "gelu",
    ...(family === "electra" ? { embedding: count("embedding_size") } : {}),
    ...(typeof config.layer_norm_eps === "number" ? { normEpsilon: config.layer_norm_eps } : {}),
  };
  if (problems.length === 0) return architecture;
  throw new ExplainedError("engine/bad-config", {
    what: "Cannot build a model from the config.json",
    why: listProblems(problems),
    fix: "Give the config.json of a BERT, RoBERTa, ELECTRA or DistilBERT model",
  });
}

function familyOf(type: unknown): EncoderArchitecture["family"] | undefined {
  if (type === "bert" || type === "roberta" || type === "electra" || type === "distilbert") {
    return type;
  }
  return type === "xlm-roberta" ? "roberta" : undefined;
}
