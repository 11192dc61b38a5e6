/** @jsxImportSource hono/jsx */
import type { DriftBin, FeatureDrift } from "../../../runtime/drift/mod.ts";
import { formatNumber, formatShare } from "../format.ts";
import type { Html } from "../html.ts";

const WIDTH = 180;
const HEIGHT = 34;

/** How a feature is spread in the reference and in requests: two bars side by side for each of its parts. */
export function DriftBars({ drift }: { readonly drift: FeatureDrift }): Html {
  const { feature, bins } = drift;
  const most = Math.max(...bins.flatMap(({ reference, current }) => [reference, current]), 1e-9);
  const step = WIDTH / bins.length;
  const bar = Math.min(16, Math.max(1, (step - 2) / 2));
  const heightOf = (share: number): number =>
    share === 0 ? 0 : Math.max(1.5, share / most * HEIGHT);
  return (
    <svg
      class="drift-bars"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={`How ${feature} is spread: ${bins.map(partText).join("; ")}`}
    >
      {bins.map((bin, place) => {
        const middle = (place + 0.5) * step;
        const [then, now] = [heightOf(bin.reference), heightOf(bin.current)];
        return (
          <g>
            <title>{partText(bin)}</title>
            <rect
              class="then"
              x={(middle - bar).toFixed(1)}
              y={(HEIGHT - then).toFixed(1)}
              width={bar.toFixed(1)}
              height={then.toFixed(1)}
            />
            <rect
              class="now"
              x={middle.toFixed(1)}
              y={(HEIGHT - now).toFixed(1)}
              width={bar.toFixed(1)}
              height={now.toFixed(1)}
            />
          </g>
        );
      })}
      <line class="ground" x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
    </svg>
  );
}

function partText({ value, range, reference, current }: DriftBin): string {
  const part = range === null
    ? value
    : `${formatNumber(rounded(range[0]))} to ${formatNumber(rounded(range[1]))}`;
  return `${part}: trained on ${formatShare(reference)}, asked about ${formatShare(current)}`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
