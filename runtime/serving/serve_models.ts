import { LoadedVersions } from "./loaded_versions.ts";
import type { AliasRow } from "./model_catalog.ts";
import type {
  ModelServer,
  ModelServerOptions,
  ServedAlias,
  ServedVersion,
} from "./model_server.ts";
import { explainUnknown, type ServingTarget } from "./serving_target.ts";

/** Opens the models of a registry and starts to follow its aliases. */
export async function openModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const server = new Server(options);
  await server.refresh();
  server.follow();
  return server;
}

interface Slot {
  readonly name: string;
  readonly alias: string;
  wanted: number;
  served: ServedVersion | undefined;
  problem: string | null;
}

class Server implements ModelServer {
  readonly #options: ModelServerOptions;
  readonly #versions: LoadedVersions;
  readonly #slots = new Map<string, Slot>();
  readonly #swapping = new Set<Promise<void>>();
  #looking: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: ModelServerOptions) {
    this.#options = options;
    this.#versions = new LoadedVersions(options);
  }

  async open(target: ServingTarget): Promise<ServedVersion> {
    if ("version" in target) return await this.#openVersion(target);
    const slot = await this.#slotOf(target);
    if (slot.served !== undefined) return slot.served;
    try {
      const served = await this.#versions.open(slot.name, slot.wanted);
      slot.served ??= served;
      slot.problem = null;
    } catch (error) {
      slot.problem = messageOf(error);
      throw error;
    }
    // The alias may have moved while its version was being loaded.
    this.#startSwap(slot);
    return slot.served;
  }

  find(target: ServingTarget): ServedVersion | undefined {
    if ("version" in target) return this.#versions.find(target.name, target.version);
    return this.#slots.get(slotKey(target))?.served;
  }

  async refresh(): Promise<void> {
    await this.#look();
    await Promise.all(this.#swapping);
  }

  /** One look after the other, for as long as the server is open. Loading a model delays none of them. */
  follow(): void {
    if (this.#closed) return;
    const next = () => void this.#look().then(() => this.follow());
    this.#timer = setTimeout(next, this.#options.pollMs);
  }

  queued(): readonly (readonly [string, number, number])[] {
    return [...this.#versions.ready()]
      .map(({ name, version, model }) => [name, version, model.waitingRows] as const);
  }

  status(): readonly ServedAlias[] {
    return [...this.#slots.values()]
      .map(({ served, ...slot }) => ({ ...slot, serving: served?.version ?? null }))
      .sort((a, b) => a.name < b.name || (a.name === b.name && a.alias < b.alias) ? -1 : 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all(this.#swapping);
    this.#slots.clear();
    await this.#versions[Symbol.asyncDispose]();
  }

  async #slotOf(target: { readonly name: string; readonly alias: string }): Promise<Slot> {
    const known = this.#slots.get(slotKey(target));
    if (known !== undefined) return known;
    await this.#look();
    const found = this.#slots.get(slotKey(target));
    if (found === undefined) throw await explainUnknown(target, this.#options.catalog);
    return found;
  }

  async #openVersion(
    target: { readonly name: string; readonly version: number },
  ): Promise<ServedVersion> {
    const { name, version } = target;
    const { catalog } = this.#options;
    if (!this.#versions.has(name, version) && !await catalog.hasVersion(name, version)) {
      throw await explainUnknown(target, catalog);
    }
    const served = await this.#versions.open(name, version);
    this.#releaseUnneeded();
    return served;
  }

  #look(): Promise<void> {
    this.#looking ??= this.#followAliases().finally(() => this.#looking = undefined);
    return this.#looking;
  }

  /** A registry that cannot be read changes nothing: what answers goes on answering. */
  async #followAliases(): Promise<void> {
    try {
      const rows = await this.#options.catalog.listAliases();
      const present = new Set(rows.map(slotKey));
      for (const key of this.#slots.keys()) if (!present.has(key)) this.#slots.delete(key);
      for (const row of rows) this.#want(row);
      this.#releaseUnneeded();
    } catch (error) {
      this.#options.onEvent({ type: "registry-failed", problem: messageOf(error) });
    }
  }

  #want({ name, alias, version }: AliasRow): void {
    const slot = this.#slots.get(slotKey({ name, alias }));
    if (slot === undefined) {
      const fresh = { name, alias, wanted: version, served: undefined, problem: null };
      this.#slots.set(slotKey(fresh), fresh);
    } else if (slot.wanted !== version) {
      slot.wanted = version;
      slot.problem = null;
      this.#startSwap(slot);
    }
  }

  /** Nothing to do for an alias that nobody has asked for yet: its version is not loaded either. */
  #startSwap(slot: Slot): void {
    if (slot.served === undefined || slot.served.version === slot.wanted) return;
    const swapping: Promise<void> = this.#swap(slot, slot.served)
      .finally(() => this.#swapping.delete(swapping));
    this.#swapping.add(swapping);
  }

  /** Loads the wanted version beside the one that answers, and only then lets it answer. */
  async #swap(slot: Slot, { version: from }: ServedVersion): Promise<void> {
    const { name, alias, wanted } = slot;
    try {
      const next = await this.#versions.open(name, wanted);
      if (slot.wanted !== wanted) return;
      slot.served = next;
      slot.problem = null;
      this.#options.onEvent({ type: "alias-swapped", name, alias, from, to: wanted });
      this.#releaseUnneeded();
    } catch (error) {
      if (slot.wanted === wanted) slot.problem = messageOf(error);
    }
  }

  #releaseUnneeded(): void {
    this.#versions.releaseAllBut(
      [...this.#slots.values()].flatMap(({ name, wanted, served }) => [
        { name, version: wanted },
        ...(served === undefined ? [] : [served]),
      ]),
    );
  }
}

/** Neither a name nor an alias holds a line break. */
function slotKey({ name, alias }: { readonly name: string; readonly alias: string }): string {
  return `${name}\n${alias}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
