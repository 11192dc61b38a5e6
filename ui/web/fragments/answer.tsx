/** @jsxImportSource hono/jsx */
import type { Html } from "../html.ts";
import type { Answer } from "../../../runtime/serving/mod.ts";
import { formatShare } from "../format.ts";

/** A prediction as the page shows it. */
export interface AnswerView {
  readonly answer: Answer;
  readonly model: string;
  readonly version: number;
}

/** Labels shown at most; a model of a thousand classes is not read to its end. */
const SHOWN_LABELS = 12;

/** The label, how sure the model is, and the probabilities as bars. */
export function AnswerPanel({ answer, model, version }: AnswerView): Html {
  const { label, confidence } = answer;
  const all = Object.entries(answer.probabilities);
  const shown = all.length <= SHOWN_LABELS
    ? all
    : all.toSorted(([, a], [, b]) => b - a).slice(0, SHOWN_LABELS);
  return (
    <div class="answer">
      <p class="answer-label">
        <span class="quiet-text">Prediction</span>
        <output class={label.length > 12 ? "long" : ""}>{label}</output>
        <span>{formatShare(confidence)} sure</span>
      </p>
      <table class="bars">
        <caption class="visually-hidden">Probability of every label</caption>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Label</th>
            <th scope="col">Bar</th>
            <th scope="col">Probability</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(([name, share]) => (
            <tr class={name === label ? "best" : ""}>
              <th scope="row" title={name}>{name}</th>
              <td>
                <Bar share={share} />
              </td>
              <td class="number">{formatShare(share)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {all.length > shown.length
        ? <p class="quiet-text">and {all.length - shown.length} less probable labels</p>
        : ""}
      <p class="quiet-text">
        answered by {model}, version {version}
      </p>
    </div>
  );
}

/** Drawn with attributes, because the pages allow no inline style. */
function Bar({ share }: { readonly share: number }): Html {
  const width = (Math.max(0, Math.min(1, share)) * 100).toFixed(2);
  return (
    <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width="100" height="10" />
      <rect class="fill" width={width} height="10" />
    </svg>
  );
}
