import type { ServerEvent } from "../web/mod.ts";
import type { Paint } from "./paint.ts";
import { renderDuration } from "./quantity.ts";

/** What a server has to tell, as one line; `undefined` for what is told elsewhere. */
export function serverEventLine(event: ServerEvent, paint: Paint): string | undefined {
  switch (event.type) {
    case "server-started":
    case "server-stopped":
      return undefined;
    case "model-loaded":
      return `${paint.green("✓")} ${event.name} version ${event.version} loaded in ${
        renderDuration(event.durationMs)
      }`;
    case "model-failed":
      return `${
        paint.red("✗")
      } ${event.name} version ${event.version} cannot answer: ${event.problem}`;
    case "alias-swapped":
      return `${
        paint.cyan("↔")
      } ${event.name}@${event.alias}: version ${event.from} → ${event.to}, no request was refused`;
    case "registry-failed":
      return `${paint.yellow("!")} cannot look at the registry: ${event.problem}`;
    case "request-failed":
      return `${
        paint.red("✗")
      } ${event.method} ${event.path} failed (${event.id}): ${event.problem}`;
  }
}
