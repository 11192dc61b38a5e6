import type { Act } from "../../../../runtime/registry/mod.ts";
import type { Shell } from "../../shell.ts";

/** Who does it and when, for the history. */
export function actOf({ settings }: Shell, why: string): Act {
  return { user: settings.user, why, at: Date.now() };
}
