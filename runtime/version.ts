import config from "../deno.json" with { type: "json" };

/** Version of the framework. */
export const VERSION: string = config.version;
