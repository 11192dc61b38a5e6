import { findStop, stopSentence, type StopWish, type Store } from "../store/mod.ts";

/** Why a signal was aborted: somebody asked the run to stop. */
export class RunStopped extends DOMException {
  readonly wish: StopWish;

  constructor(wish: StopWish) {
    super(stopSentence(wish), "AbortError");
    this.wish = wish;
  }
}

/** Looks whether somebody wants a run to stop. Disposing it ends the looking. */
export interface StopWatch extends Disposable {
  /** Aborted with `RunStopped` soon after somebody asked. */
  readonly signal: AbortSignal;
}

/** Time between two looks, in milliseconds: one small query each. The first second of a run has none. */
const LOOK_MS = 1000;

/**
 * Looks for the wish in the store: the only thing that a run shares with whoever wants it to stop, on this machine or
 * another one, whatever that one may do to processes.
 *
 * @param onStop Told once, before the signal is aborted.
 */
export function watchStop(
  store: Pick<Store, "client">,
  runId: string,
  { onStop, everyMs = LOOK_MS }: {
    readonly onStop: (wish: StopWish) => void;
    readonly everyMs?: number;
  },
): StopWatch {
  const stopping = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const look = async (): Promise<void> => {
    // A look that fails must not harm the run; the next one may work.
    const wish = await findStop(store.client, runId).catch(() => undefined);
    if (isOver) return;
    if (wish === undefined) return wait();
    try {
      onStop(wish);
    } finally {
      stopping.abort(new RunStopped(wish));
    }
  };
  const wait = (): void => {
    timer = setTimeout(() => void look().catch(() => {}), everyMs);
    Deno.unrefTimer(timer);
  };
  wait();
  return {
    signal: stopping.signal,
    [Symbol.dispose]() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

/** Why what was going on is cancelled, for the record of a step. */
export function whyCancelled({ reason }: AbortSignal): string {
  return reason instanceof RunStopped ? reason.message : "the run was cancelled";
}
