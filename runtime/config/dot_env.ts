import { join } from "node:path";
import { parseEnv } from "node:util";
import type { SecretSource } from "./secrets.ts";

/**
 * Secrets from the environment, else from the `.env` file of the project. The environment wins,
 * so that a deployment can override a file left in a checkout.
 */
export function openSecrets(projectFolder: string): SecretSource {
  let fromFile: Record<string, string | undefined> | undefined;
  return (name) => {
    const set = Deno.env.get(name);
    if (set !== undefined) return set;
    fromFile ??= readDotEnv(join(projectFolder, ".env"));
    return fromFile[name];
  };
}

function readDotEnv(path: string): Record<string, string | undefined> {
  try {
    return parseEnv(Deno.readTextFileSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}
