/** @jsxImportSource hono/jsx */
import type { ModelSignature, SignatureInput } from "../../../pipeline/mod.ts";
import { formatNumber } from "../format.ts";
import type { Html } from "../html.ts";
import { GridForm } from "./grid_form.tsx";

/** A row as it stands in the form. */
export type FormRow = Readonly<Record<string, unknown>>;

/** Name of the field that holds a feature, in the form and in what it sends. */
export function fieldName(feature: string): string {
  return `f.${feature}`;
}

/** What to press and fill in for one row of a model. */
export function InputForm(
  { action, signature, row, examples }: {
    readonly action: string;
    readonly signature: ModelSignature;
    readonly row: FormRow;
    /** Rows that came with the model. */
    readonly examples: readonly FormRow[];
  },
): Html {
  const isGrid = signature.form?.kind === "grid";
  return (
    <form
      id="try"
      class="try"
      method="post"
      action={action}
      hx-post={action}
      hx-target="#answer"
      hx-swap="innerMorph"
      hx-trigger="submit, drawn"
      hx-sync="this:replace"
    >
      {isGrid
        ? <GridForm signature={signature} row={row} examples={examples} />
        : (
          <div class="fields">
            {signature.inputs.map((input) => (
              <Field
                input={input}
                value={row[input.name]}
                isAlone={signature.inputs.length === 1}
              />
            ))}
          </div>
        )}
      <div class="actions">
        <button type="submit">Predict</button>
        {isGrid ? <button type="button" class="plain" data-clear hidden>Clear</button> : ""}
      </div>
    </form>
  );
}

function Field(
  { input, value, isAlone }: {
    readonly input: SignatureInput;
    readonly value: unknown;
    /** Whether it is all that the model takes: a text then has room. */
    readonly isAlone: boolean;
  },
): Html {
  const id = `field-${encodeURIComponent(input.name)}`;
  const hint = hintOf(input);
  const options = optionsOf(input);
  const isText = isAlone && input.type === "string" && options === undefined;
  const text = value === null || value === undefined ? "" : String(value);
  return (
    <div class={isText ? "field whole" : "field"}>
      <label for={id}>{input.name}</label>
      {isText
        ? (
          <textarea
            id={id}
            name={fieldName(input.name)}
            rows={3}
            required={!input.nullable}
            aria-describedby={`${id}-hint`}
            data-text
          >
            {text}
          </textarea>
        )
        : options !== undefined
        ? (
          <select id={id} name={fieldName(input.name)}>
            {input.nullable ? <option value="">(missing)</option> : ""}
            {options.map((option) => (
              <option value={option} selected={option === text}>{option}</option>
            ))}
          </select>
        )
        : (
          <input
            id={id}
            name={fieldName(input.name)}
            value={text}
            required={!input.nullable}
            aria-describedby={hint === "" ? undefined : `${id}-hint`}
            {...(input.type === "string" ? { type: "text" } : {
              type: "number",
              inputmode: "decimal",
              step: input.type === "integer" ? "1" : "any",
            })}
          />
        )}
      {isText
        ? (
          <p id={`${id}-hint`} class="hint">
            <span data-enter hidden>
              <kbd>Enter</kbd> asks, <kbd>Shift</kbd> <kbd>Enter</kbd> starts a new line
            </span>
            {hint === "" ? "" : ` ${hint}`}
          </p>
        )
        : hint === ""
        ? ""
        : <p id={`${id}-hint`} class="hint">{hint}</p>}
    </div>
  );
}

/** Values to choose from, when there are few enough. */
function optionsOf({ type, categories }: SignatureInput): readonly string[] | undefined {
  if (type === "boolean") return ["true", "false"];
  if (categories === undefined || categories.length > 200) return undefined;
  return categories.filter((category) => category !== "");
}

function hintOf({ range, nullable, type }: SignatureInput): string {
  const parts: string[] = [];
  if (range !== undefined) {
    parts.push(`${formatNumber(range[0])} to ${formatNumber(range[1])} in training`);
  }
  if (type === "integer") parts.push("a whole number");
  if (nullable) parts.push("may be empty");
  return parts.join(", ");
}
