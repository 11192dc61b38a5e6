import { join } from "node:path";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { pytorchFile, type StateTensor } from "./_pytorch_file.ts";

/** A small BERT of the form of `beomi/kcbert-base`. */
export interface HubCheckpoint {
  readonly vocabulary: readonly string[];
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly positions: number;
}

/** The files that the hub has of such a model, with random weights under the names of `BertForMaskedLM`. */
export function checkpointFiles(
  { vocabulary, layers, hidden, heads, positions }: HubCheckpoint,
): Readonly<Record<string, string | Uint8Array<ArrayBuffer>>> {
  const config = {
    architectures: ["BertForMaskedLM"],
    model_type: "bert",
    vocab_size: vocabulary.length,
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: 4 * hidden,
    max_position_embeddings: positions,
    hidden_act: "gelu",
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
    pad_token_id: 0,
  };
  return {
    "config.json": JSON.stringify(config),
    "vocab.txt": vocabulary.map((token) => `${token}\n`).join(""),
    "tokenizer_config.json": JSON.stringify({ do_lower_case: false, model_max_length: positions }),
    "pytorch_model.bin": pytorchFile(stateOf({ layers, hidden, positions, vocabulary })),
  };
}

/** Writes a model as `huggingface_hub` keeps it: files by content, a commit that links to them, a branch that names the commit. */
export async function writeHubCache(
  cache: string,
  name: string,
  files: ReturnType<typeof checkpointFiles>,
): Promise<void> {
  const commit = "c0ffee".repeat(7).slice(0, 40);
  const model = join(cache, `models--${name.replaceAll("/", "--")}`);
  const snapshot = join(model, "snapshots", commit);
  for (const folder of [join(model, "blobs"), join(model, "refs"), snapshot]) {
    await Deno.mkdir(folder, { recursive: true });
  }
  await Deno.writeTextFile(join(model, "refs", "main"), commit);
  for (const [path, content] of Object.entries(files)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const blob = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    await Deno.writeFile(join(model, "blobs", blob), bytes);
    await Deno.symlink(join("..", "..", "blobs", blob), join(snapshot, path));
  }
}

function stateOf(
  { layers, hidden, positions, vocabulary }: Omit<HubCheckpoint, "heads">,
): Record<string, StateTensor> {
  const random = xoroshiro128plus(7);
  const even = () => 0.05 * (random.next() / 2 ** 31);
  const state: Record<string, StateTensor> = {};
  const put = (name: string, shape: readonly number[], value: () => number = even) => {
    const length = shape.reduce((product, size) => product * size, 1);
    state[name] = { shape, data: Float32Array.from({ length }, value) };
  };
  const linear = (name: string, outputs: number, inputs: number) => {
    put(`${name}.weight`, [outputs, inputs]);
    put(`${name}.bias`, [outputs], () => 0);
  };
  const norm = (name: string) => {
    put(`${name}.weight`, [hidden], () => 1);
    put(`${name}.bias`, [hidden], () => 0);
  };
  put("bert.embeddings.word_embeddings.weight", [vocabulary.length, hidden]);
  put("bert.embeddings.position_embeddings.weight", [positions, hidden]);
  put("bert.embeddings.token_type_embeddings.weight", [2, hidden]);
  norm("bert.embeddings.LayerNorm");
  for (let layer = 0; layer < layers; layer++) {
    const part = `bert.encoder.layer.${layer}`;
    for (const each of ["query", "key", "value"]) {
      linear(`${part}.attention.self.${each}`, hidden, hidden);
    }
    linear(`${part}.attention.output.dense`, hidden, hidden);
    norm(`${part}.attention.output.LayerNorm`);
    linear(`${part}.intermediate.dense`, 4 * hidden, hidden);
    linear(`${part}.output.dense`, hidden, 4 * hidden);
    norm(`${part}.output.LayerNorm`);
  }
  linear("cls.predictions.transform.dense", hidden, hidden);
  put("cls.predictions.bias", [vocabulary.length], () => 0);
  return state;
}
