import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Settings } from "../../runtime/settings.ts";
import type { PlainOptions } from "./server_messages.ts";

/** The framework's folder. */
const SOURCE = fileURLToPath(new URL("../../", import.meta.url));

/** What decides about the folders and addresses that a server needs. */
export interface ServerPlaces {
  readonly options: Pick<PlainOptions, "host" | "port" | "storeUrl" | "artifactRoot">;
  readonly settings: Pick<Settings, "deploymentsTarget">;
  readonly storeFolder: string;
  /** Where packages lie, with the native add-ons among them. */
  readonly packages: readonly string[];
}

/**
 * The flags of `deno run` for a server of one store: it reads and writes that folder, listens at its address, and starts
 * no program. What it reads of the environment and the system stands in the permission set `server` of `deno.json`.
 */
export function serverFlags(places: ServerPlaces): string[] {
  const { options, settings: { deploymentsTarget }, packages } = places;
  const { host = "127.0.0.1", port = 8000, storeUrl } = options;
  const remote = storeUrl?.startsWith("file:") ? undefined : storeUrl;
  const addresses = [remote, deploymentsTarget].flatMap((url) => url ? [addressOf(url)] : []);
  return [
    ...storeFlags(places),
    flag("net", [`${host.includes(":") ? `[${host}]` : host}:${port}`, ...addresses]),
    flag("ffi", packages),
  ];
}

/** The flags for a command that opens the store and nothing else. */
export function commandFlags(places: ServerPlaces): string[] {
  const { storeUrl } = places.options;
  const remote = storeUrl?.startsWith("file:") ? undefined : storeUrl;
  return [
    ...storeFlags(places),
    ...(remote ? [flag("net", [addressOf(remote)])] : []),
    flag("ffi", places.packages),
  ];
}

/** Folders of the source that are read while the server runs: migrations, and what is imported into a worker. */
const READ_SOURCE = ["runtime", "pipeline"];

/** What is imported outside of workers needs no permission. */
function storeFlags({ storeFolder, options: { artifactRoot, storeUrl } }: ServerPlaces): string[] {
  const file = storeUrl?.startsWith("file:") ? [fileURLToPath(new URL(".", storeUrl))] : [];
  const root = artifactRoot?.startsWith("file:") ? [fileURLToPath(artifactRoot)] : [];
  const own = [...new Set([storeFolder, ...file, ...root].flatMap(asWrittenAndReal))];
  const source = READ_SOURCE.map((folder) => resolve(SOURCE, folder));
  return [flag("read", [...own, ...source]), flag("write", own)];
}

/** A folder may be a link to another disk. */
function asWrittenAndReal(folder: string): string[] {
  try {
    return [resolve(folder), Deno.realPathSync(folder)];
  } catch {
    return [resolve(folder)]; // it is not there yet
  }
}

function flag(name: string, values: readonly string[]): string {
  return `--allow-${name}=${values.map(withoutComma).join(",")}`;
}

/** Commas part the paths, and cannot be escaped: the folder around one that has a comma is taken. */
function withoutComma(path: string): string {
  return path.includes(",") ? withoutComma(dirname(path)) : path;
}

/** Host and port of an address. */
function addressOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const usual = protocol === "http:" || protocol === "ws:" ? "80" : "443";
  return `${hostname}:${port === "" ? usual : port}`;
}

/** Where Deno keeps packages on this machine, and the project's own folder of them if it has one. */
export async function packageFolders(project: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("deno", {
    args: ["info", "--json"],
    stderr: "null",
  }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout)) as { npmCache: string };
  const own = [resolve(project, "node_modules"), resolve(SOURCE, "node_modules")];
  const there = await Promise.all(
    own.map((path) => Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false)),
  );
  return [npmCache, ...own.filter((_, index) => there[index])];
}
