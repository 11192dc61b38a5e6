/** @jsxImportSource hono/jsx */
import type { ModelSignature } from "../../../pipeline/mod.ts";
import type { FeatureDrift } from "../../../runtime/drift/mod.ts";
import { severityOf } from "../../../runtime/drift/mod.ts";
import { formatNumber } from "../format.ts";
import type { Html } from "../html.ts";

/** Shades of what drifted; one darker is twice as far. */
const SHADES = 4;
/** Width of the picture. */
const WIDTH = 128;

/** Where on the picture that a model takes its inputs drifted: a cell for each. */
export function DriftMap(
  { form, inputs, features }: {
    readonly form: NonNullable<ModelSignature["form"]>;
    readonly inputs: ModelSignature["inputs"];
    readonly features: readonly FeatureDrift[];
  },
): Html {
  const found = new Map(features.map((drift) => [drift.feature, drift]));
  const cell = WIDTH / form.width;
  const drifted = features.filter(({ detected }) => detected).length;
  return (
    <figure class="drift-map">
      <svg
        viewBox={`0 0 ${WIDTH} ${cell * form.height}`}
        width={WIDTH}
        height={cell * form.height}
        role="img"
        aria-label={`Where on the picture: ${drifted} of ${inputs.length} cells drifted`}
      >
        {inputs.map(({ name }, place) => (
          <rect
            class={`shade-${shadeOf(found.get(name))}`}
            x={place % form.width * cell + 0.5}
            y={Math.floor(place / form.width) * cell + 0.5}
            width={cell - 1}
            height={cell - 1}
          >
            <title>{titleOf(name, found.get(name))}</title>
          </rect>
        ))}
      </svg>
      <figcaption class="quiet-text">
        Where on the picture: the stronger the colour, the further away
      </figcaption>
    </figure>
  );
}

/** 0 for what did not drift, 1 to 4 for what did. */
export function shadeOf(drift: FeatureDrift | undefined): number {
  if (drift?.detected !== true) return 0;
  return 1 + Math.min(SHADES - 1, Math.max(0, Math.floor(Math.log2(severityOf(drift)))));
}

function titleOf(name: string, drift: FeatureDrift | undefined): string {
  if (drift === undefined) return name;
  return `${name}: distance ${formatNumber(drift.score)}, ${drift.detected ? "drifted" : "alike"}`;
}
