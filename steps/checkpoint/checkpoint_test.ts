import { deepEqual, equal, rejects } from "node:assert/strict";
import { ExplainedError } from "../../pipeline/mod.ts";
import { openFakeContext, runStep } from "../_fake_context.ts";
import { checkpoint } from "./checkpoint.ts";

const HUB = "https://huggingface.co/beomi/kcbert-base/resolve/main";
const FILES = {
  "config.json": "{}",
  "tokenizer_config.json": '{ "do_lower_case": false }',
  "vocab.txt": "[PAD]\n[UNK]\n[CLS]\n[SEP]\n",
  "pytorch_model.bin": "weights",
};

/** A hub of some files; every other one is not there. */
async function openHub(files: Readonly<Record<string, string>>) {
  const fake = await openFakeContext();
  const asked: string[] = [];
  const download = async (address: string): Promise<string> => {
    asked.push(address);
    const content = files[address];
    if (content !== undefined) return await fake.file(`download-${asked.length}`, content);
    const facts = { what: "Cannot download", why: "the server answers 404", fix: "Correct it" };
    throw new ExplainedError("download/not-there", facts);
  };
  return { fake, asked, context: Object.assign(fake.context, { download }) };
}

Deno.test("checkpoint fetches what the hub has of it, the first of two that say the same", async () => {
  const served = Object.fromEntries(
    Object.entries(FILES).map(([path, text]) => [`${HUB}/${path}`, text]),
  );
  const { fake, asked, context } = await openHub(served);
  await using _ = fake;

  const { checkpoint: folder } = await runStep(checkpoint, context, {
    inputs: {},
    params: { name: "beomi/kcbert-base" },
  });

  deepEqual(folder.paths, Object.keys(FILES).sort());
  equal(new TextDecoder().decode(await folder.read("pytorch_model.bin")), "weights");
  deepEqual(asked.map((address) => address.slice(HUB.length + 1)), [
    ...[
      "config.json",
      "tokenizer_config.json",
      "vocab.txt",
      "model.safetensors",
      "pytorch_model.bin",
    ],
  ]);
});

Deno.test("checkpoint says everything that the hub lacks", async () => {
  const { fake, context } = await openHub({ [`${HUB}/config.json`]: "{}" });
  await using _ = fake;

  await rejects(
    () => runStep(checkpoint, context, { inputs: {}, params: { name: "beomi/kcbert-base" } }),
    {
      code: "checkpoint/missing-file",
      why: /no vocab.txt and tokenizer.json[\s\S]*no model.safetensors and pytorch_model.bin/,
    },
  );
});

Deno.test("checkpoint passes on that there is no network", async () => {
  await using fake = await openFakeContext();
  const facts = { what: "Cannot download", why: "no route to host", fix: "Look at the network" };
  const context = Object.assign(fake.context, {
    download: () => Promise.reject(new ExplainedError("download/unreachable", facts)),
  });

  await rejects(
    () => runStep(checkpoint, context, { inputs: {}, params: { name: "beomi/kcbert-base" } }),
    { code: "download/unreachable" },
  );
});
