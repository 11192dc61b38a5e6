/** @jsxImportSource hono/jsx */
import type { RunDetail } from "../../api/mod.ts";
import { formatNumber } from "../format.ts";
import type { Html } from "../html.ts";
import { chartPath } from "../paths.ts";

/** A metric over time, as a picture that follows the reader's light or dark. */
export function Chart(
  { run, metric }: { readonly run: RunDetail; readonly metric: string },
): Html {
  const latest = run.node_metrics[metric] ?? run.metrics[metric];
  const alt = `${metric} over the iterations` +
    (latest === undefined ? "" : `, at the end ${formatNumber(latest)}`);
  // While the run goes on, the address changes with the value, so that the picture is fetched anew.
  const moment = run.status === "running" ? `&at=${encodeURIComponent(String(latest))}` : "";
  return (
    <figure class="chart">
      <figcaption>
        {metric} <span class="quiet-text">{latest === undefined ? "" : formatNumber(latest)}</span>
      </figcaption>
      <picture>
        <source
          media="(prefers-color-scheme: dark)"
          srcset={chartPath(run.run_id, metric, "dark") + moment}
        />
        <img
          src={chartPath(run.run_id, metric, "light") + moment}
          width="480"
          height="220"
          alt={alt}
          loading="lazy"
        />
      </picture>
    </figure>
  );
}
