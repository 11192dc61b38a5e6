import type { EncoderArchitecture } from "../../../pipeline/architecture.ts";

/** How a family names its weights, and what it does differently. */
export interface Family {
  readonly layer: (index: number) => string;
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly attended: string;
  readonly attentionNorm: string;
  readonly up: string;
  readonly down: string;
  readonly outputNorm: string;
  /** RoBERTa's positions begin behind the padding id. */
  readonly firstPosition: number;
  readonly types: boolean;
  /** Layers between the first token and the logits. */
  readonly pooler: string;
  readonly poolerActivation: "Tanh" | "Gelu" | "Relu";
  readonly classifier: string;
}

const bert: Family = {
  layer: (index) => `encoder.layer.${index}.`,
  query: "attention.self.query",
  key: "attention.self.key",
  value: "attention.self.value",
  attended: "attention.output.dense",
  attentionNorm: "attention.output.LayerNorm",
  up: "intermediate.dense",
  down: "output.dense",
  outputNorm: "output.LayerNorm",
  firstPosition: 0,
  types: true,
  pooler: "pooler.dense",
  poolerActivation: "Tanh",
  classifier: "classifier",
};

/** By name. */
export const families: Readonly<Record<EncoderArchitecture["family"], Family>> = {
  bert,
  roberta: {
    ...bert,
    firstPosition: 2,
    pooler: "classifier.dense",
    classifier: "classifier.out_proj",
  },
  electra: {
    ...bert,
    pooler: "classifier.dense",
    poolerActivation: "Gelu",
    classifier: "classifier.out_proj",
  },
  distilbert: {
    layer: (index) => `transformer.layer.${index}.`,
    query: "attention.q_lin",
    key: "attention.k_lin",
    value: "attention.v_lin",
    attended: "attention.out_lin",
    attentionNorm: "sa_layer_norm",
    up: "ffn.lin1",
    down: "ffn.lin2",
    outputNorm: "output_layer_norm",
    firstPosition: 0,
    types: false,
    pooler: "pre_classifier",
    poolerActivation: "Relu",
    classifier: "classifier",
  },
};
