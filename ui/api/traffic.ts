import type { Answer, ServingTarget } from "../../runtime/serving/mod.ts";
import { DEFAULT_ALIAS } from "../../runtime/serving/mod.ts";
import type { Store } from "../../runtime/store/mod.ts";
import {
  chooseShare,
  listSplits,
  type PredictionSample,
  recordSamples,
  type TrafficSplit,
} from "../../runtime/traffic/mod.ts";

/** A request that was answered a moment ago, so that somebody can tell what was right. */
export interface RecentPrediction {
  readonly name: string;
  readonly version: number;
  /** One a row. */
  readonly labels: readonly string[];
}

/** A prediction, for those who look at it afterwards. */
export interface NotedPrediction {
  readonly requestId: string;
  readonly name: string;
  readonly version: number;
  readonly answers: readonly Answer[];
  readonly body: unknown;
  /** When the request came, in milliseconds since 1970. */
  readonly since: number;
}

/** Shares requests among versions, and keeps some of them. Disposing it writes what is left. */
export interface Traffic extends AsyncDisposable {
  /** The version that answers a request for a champion whose requests are shared; any other target as it is. */
  direct(target: ServingTarget, request: Request, requestId: string): ServingTarget;
  splitOf(name: string): TrafficSplit | undefined;
  note(prediction: NotedPrediction): void;
  findRecent(requestId: string): RecentPrediction | undefined;
}

/** How requests are kept. */
export interface TrafficOptions {
  /** Part of the requests whose rows and answers are kept, 0 to 1. */
  readonly sampleRate: number;
  /** Samples kept of every model. */
  readonly samplesKept: number;
  /** Time between two looks at the store, in milliseconds. */
  readonly pollMs: number;
}

/** Requests that feedback can be told of without their having been kept. */
const RECENT = 5_000;
/** A larger request is not kept as a sample. */
const LARGEST_SAMPLE = 64 * 1024;

/** Follows the splits of a store, and keeps samples in it. */
export async function openTraffic(
  store: Store,
  { sampleRate, samplesKept, pollMs }: TrafficOptions,
): Promise<Traffic> {
  let splits = new Map<string, TrafficSplit>();
  let samples: PredictionSample[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;
  const recent = openRecent();

  const look = async (): Promise<void> => {
    splits = new Map((await listSplits(store)).map((split) => [split.name, split]));
  };
  const keep = async (): Promise<void> => {
    const kept = samples;
    samples = [];
    await recordSamples(store, kept, { kept: samplesKept });
  };
  const follow = (): void => {
    if (isClosed) return;
    // A store that cannot be read or written for a while changes nothing: the requests go on as they did.
    const both = async () => await Promise.allSettled([look(), keep()]);
    timer = setTimeout(() => void both().then(follow), pollMs);
  };
  await look();
  follow();

  return {
    direct(target, { headers }, requestId) {
      if (splits.size === 0 || !("alias" in target) || target.alias !== DEFAULT_ALIAS) {
        return target;
      }
      const split = splits.get(target.name);
      if (split === undefined) return target;
      const { name } = target;
      const asked = Number(headers.get("x-hanok-version"));
      if (split.shares.some(({ version }) => version === asked)) return { name, version: asked };
      return { name, version: chooseShare(split, headers.get("x-hanok-key") ?? requestId) };
    },
    splitOf: (name) => splits.get(name),
    note({ requestId, name, version, answers, body, since }) {
      recent.add(requestId, { name, version, answers });
      if (sampleRate === 0 || Math.random() >= sampleRate) return;
      const request = JSON.stringify(body);
      if (request.length > LARGEST_SAMPLE || samples.length >= samplesKept) return;
      const short = answers.map(({ label, confidence }) => ({ label, confidence }));
      samples.push({
        requestId,
        name,
        version,
        at: since,
        durationMs: Date.now() - since,
        request,
        answers: JSON.stringify(short),
      });
    },
    findRecent: recent.find,
    async [Symbol.asyncDispose]() {
      isClosed = true;
      clearTimeout(timer);
      await keep().catch(() => {});
    },
  };
}

/**
 * The last predictions, in columns that are written over and over: an object for each would be carried through every
 * collection of garbage. Whoever looks for one looks through all, which is rare.
 */
function openRecent(): {
  add(requestId: string, of: Pick<NotedPrediction, "name" | "version" | "answers">): void;
  find(requestId: string): RecentPrediction | undefined;
} {
  const ids: string[] = [];
  const names: string[] = [];
  const versions: number[] = [];
  /** Of one row its label. */
  const labels: (string | readonly string[])[] = [];
  let place = 0;
  return {
    add(requestId, { name, version, answers }) {
      ids[place] = requestId;
      names[place] = name;
      versions[place] = version;
      labels[place] = answers.length === 1 ? answers[0]!.label : answers.map(({ label }) => label);
      place = (place + 1) % RECENT;
    },
    find(requestId) {
      const at = ids.indexOf(requestId);
      if (at < 0) return undefined;
      const [name, version, given] = [names[at]!, versions[at]!, labels[at]!];
      return { name, version, labels: typeof given === "string" ? [given] : given };
    },
  };
}
