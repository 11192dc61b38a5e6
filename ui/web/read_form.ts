import type { ModelSignature, SignatureInput } from "../../pipeline/mod.ts";
import { fieldName } from "./fragments/input_form.tsx";

/**
 * The row that a form sent, with values of the signature's types. What cannot be read as its type
 * stays text, so that the check of the input names it.
 */
export function readForm(
  signature: ModelSignature,
  form: URLSearchParams,
): Record<string, unknown> {
  return Object.fromEntries(
    signature.inputs.map((
      input,
    ) => [input.name, readField(input, form.get(fieldName(input.name)))]),
  );
}

function readField({ type, categories }: SignatureInput, text: string | null): unknown {
  if (text === null) return null;
  // Browsers send the lines of a box with the ends that the web once agreed on; the model learned from others.
  const lines = text.replaceAll("\r\n", "\n");
  if (type === "string") return lines === "" && !categories?.includes("") ? null : lines;
  if (text.trim() === "") return null;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}
