import { z } from "zod";

/**
 * A schema for a path in a config. It may be absolute or relative: on the command line to where
 * the person stands, in YAML to the YAML file, as a default to the pipeline's folder. An address
 * (`https://…`) stays as it is.
 */
export function path(): z.ZodString {
  return z.string().min(1).meta({ format: PATH_FORMAT });
}

/** How a path is marked in the JSON schema of a config. */
export const PATH_FORMAT = "hanok-path";
