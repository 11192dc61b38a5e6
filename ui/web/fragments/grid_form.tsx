/** @jsxImportSource hono/jsx */
import type { ModelSignature } from "../../../pipeline/mod.ts";
import type { Html } from "../html.ts";
import { fieldName, type FormRow } from "./input_form.tsx";

/** Levels of grey that the style knows for a cell. */
const LEVELS = 16;

/**
 * A picture as numbers, and a pad to draw it on. Without JavaScript the numbers are all there is;
 * with it the pad is shown, and what is drawn becomes the numbers that the model sees.
 */
export function GridForm(
  { signature, row, examples }: {
    readonly signature: ModelSignature;
    readonly row: FormRow;
    readonly examples: readonly FormRow[];
  },
): Html {
  const { width, height } = signature.form!;
  const most = largestValue(signature);
  const rows = Array.from(
    { length: height },
    (_, y) => signature.inputs.slice(y * width, (y + 1) * width),
  );
  return (
    <div
      class="grid-form"
      data-grid
      data-width={width}
      data-height={height}
      data-most={most}
      data-ink={inkShare(signature, examples).toFixed(3)}
    >
      <figure class="pad" data-pad hidden>
        <p class="pad-hint" data-hint aria-hidden="true">Draw here</p>
        <canvas
          width="560"
          height={Math.round(560 * height / width)}
          role="img"
          aria-label="Drawing pad for mouse, pen or finger. With a keyboard, fill in the numbers next to it instead."
        >
        </canvas>
        <figcaption>With mouse, pen or finger</figcaption>
      </figure>
      <figure
        class="cells"
        role="group"
        aria-label="What the model sees"
        aria-describedby="cells-keys"
      >
        <table aria-label={`${height} rows of ${width} numbers from 0 to ${most}`}>
          <tbody>
            {rows.map((cells, y) => (
              <tr>
                {cells.map(({ name }, x) => (
                  <td>
                    <Cell
                      name={name}
                      label={`row ${y + 1}, column ${x + 1}`}
                      most={most}
                      value={Number(row[name] ?? 0)}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        <figcaption>
          What the model sees: {width} × {height} numbers from 0 to {most}
          <span id="cells-keys" class="hint keys" data-keys hidden>
            <kbd>←</kbd> <kbd>↑</kbd> <kbd>→</kbd> <kbd>↓</kbd> to move, <kbd>Space</kbd>{" "}
            to fill or clear, digits to set
          </span>
        </figcaption>
      </figure>
    </div>
  );
}

function Cell(
  { name, label, most, value }: {
    readonly name: string;
    readonly label: string;
    readonly most: number;
    readonly value: number;
  },
): Html {
  return (
    <input
      type="number"
      inputmode="numeric"
      name={fieldName(name)}
      value={String(value)}
      min="0"
      max={String(most)}
      step="any"
      required
      aria-label={label}
      data-level={String(levelOf(value, most))}
    />
  );
}

/** The level of grey that shows a value: 0 to 16. The pad's script counts the same way. */
export function levelOf(value: number, most: number): number {
  return Math.round(Math.max(0, Math.min(1, value / most)) * LEVELS);
}

/** The largest value that any cell had in training: full ink. */
function largestValue({ inputs }: ModelSignature): number {
  return Math.max(1, ...inputs.map(({ range }) => range?.[1] ?? 1));
}

/** Share of ink in a picture when there is no example to measure it on: that of handwriting in a tight frame. */
const USUAL_INK = 0.28;

/** How much of a picture is ink, 0 to 1, in the examples that came with the model. */
export function inkShare(signature: ModelSignature, examples: readonly FormRow[]): number {
  if (examples.length === 0) return USUAL_INK;
  const values = examples.flatMap((row) => signature.inputs.map(({ name }) => Number(row[name])));
  const sum = values.reduce((total, value) => total + value, 0);
  return sum / values.length / largestValue(signature);
}
