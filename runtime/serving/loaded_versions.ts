import type { ModelServerOptions, ServedVersion } from "./model_server.ts";
import { renderTarget } from "./serving_target.ts";

/** Versions that nobody's alias needs, but that stay loaded because somebody asked for them lately. */
const KEPT_VERSIONS = 4;

/** Versions that are loaded or being loaded, each once however many ask for it. */
export class LoadedVersions implements AsyncDisposable {
  readonly #options: ModelServerOptions;
  /** In the order in which they were last asked for. */
  readonly #versions = new Map<string, Promise<ServedVersion>>();
  /** Those that have been loaded. */
  readonly #ready = new Map<string, ServedVersion>();
  #found = 0;
  readonly #releasing = new Set<Promise<void>>();

  constructor(options: ModelServerOptions) {
    this.#options = options;
  }

  /** Those that answer now. */
  ready(): Iterable<ServedVersion> {
    return this.#ready.values();
  }

  /** A version that has been loaded, and is marked as asked for now and then. */
  find(name: string, version: number): ServedVersion | undefined {
    const key = renderTarget({ name, version });
    const served = this.#ready.get(key);
    // The order of those asked for last need not be exact: to keep it costs more than to find.
    if (served !== undefined && ++this.#found % 64 === 0) void this.open(name, version);
    return served;
  }

  has(name: string, version: number): boolean {
    return this.#versions.has(renderTarget({ name, version }));
  }

  /** Loads a version, or joins those who wait for it. One that failed is tried again when it is asked for again. */
  open(name: string, version: number): Promise<ServedVersion> {
    const key = renderTarget({ name, version });
    const known = this.#versions.get(key);
    const loading = known ?? this.#load(name, version);
    // Deleted and set anew, it becomes the last in the order.
    this.#versions.delete(key);
    this.#versions.set(key, loading);
    if (known === undefined) {
      loading.catch(() => {
        if (this.#versions.get(key) === loading) this.#versions.delete(key);
      });
    }
    return loading;
  }

  /** Lets go of all but the needed versions and the last few others, when they have answered what they took. */
  releaseAllBut(needed: readonly { readonly name: string; readonly version: number }[]): void {
    const keep = new Set(needed.map(({ name, version }) => renderTarget({ name, version })));
    const others = [...this.#versions.keys()].filter((key) => !keep.has(key));
    const many = Math.max(0, others.length - KEPT_VERSIONS);
    for (const key of others.slice(0, many)) this.#release(key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const key of [...this.#versions.keys()]) this.#release(key);
    await Promise.all(this.#releasing);
  }

  async #load(name: string, version: number): Promise<ServedVersion> {
    const { catalog, load, onEvent } = this.#options;
    const start = performance.now();
    try {
      const model = await load(await catalog.openFiles(name, version), { name, version });
      onEvent({ type: "model-loaded", name, version, durationMs: performance.now() - start });
      const served = { name, version, model };
      this.#ready.set(renderTarget(served), served);
      return served;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      onEvent({ type: "model-failed", name, version, problem });
      throw error;
    }
  }

  #release(key: string): void {
    const loading = this.#versions.get(key);
    this.#versions.delete(key);
    this.#ready.delete(key);
    if (loading === undefined) return;
    const released: Promise<void> = loading
      .then(({ model }) => model[Symbol.asyncDispose](), () => {})
      .finally(() => this.#releasing.delete(released));
    this.#releasing.add(released);
  }
}
