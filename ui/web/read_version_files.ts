import { MODEL_FILES } from "../../pipeline/mod.ts";
import {
  checkInput,
  exampleBody,
  parseSignature,
  type ServingTarget,
} from "../../runtime/serving/mod.ts";
import type { ErrorAnswer, ServerContext, VersionFacts } from "../api/mod.ts";
import type { VersionFiles } from "./pages/model.tsx";
import { renderMarkdown } from "./render_markdown.ts";
import {
  curlCommand,
  javaScriptCode,
  pythonCode,
  type ServerAddress,
  typeScriptCode,
} from "./request_text.ts";

/** Reads what a page shows of a version, without loading the model. */
export async function readVersionFiles(
  { catalog }: ServerContext,
  { model: name, version, aliases }: VersionFacts,
  { address, explain }: {
    readonly address: ServerAddress;
    readonly explain: (error: unknown) => ErrorAnswer;
  },
): Promise<VersionFiles> {
  try {
    const files = await catalog.openFiles(name, version);
    const signature = parseSignature(await files.readJson(MODEL_FILES.signature));
    const example = await files.readJson(MODEL_FILES.inputExample).catch(() => undefined);
    const checked = checkInput(signature, example);
    const row = exampleBody(signature, checked.ok ? checked.rows[0] : undefined);
    const target: ServingTarget = aliases.includes("champion")
      ? { name, alias: "champion" }
      : { name, version };
    const card = await files.read(MODEL_FILES.card).catch(() => null);
    return {
      kind: "read",
      signature,
      card: card === null ? null : await renderMarkdown(new TextDecoder().decode(card)),
      code: {
        curl: curlCommand(address, { target, signature, row }),
        javaScript: javaScriptCode(address, { target, signature, row }),
        python: pythonCode(address, { target, signature, row }),
        typeScript: typeScriptCode({ target, signature, row }),
      },
    };
  } catch (error) {
    return { kind: "failed", error: explain(error).error };
  }
}
