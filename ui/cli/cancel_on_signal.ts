/** An abort signal that follows Ctrl-C; disposing it gives the keys back. */
export interface Cancellation extends Disposable {
  readonly signal: AbortSignal;
}

/** Exit code of a cancelled command. */
export const CANCELLED = 130;

/**
 * A terminal sends Ctrl-C to `deno task` and to us, and `deno task` passes it on: signals that come
 * together are one press of the key.
 */
const ONE_PRESS_MS = 400;

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/** What follows a press of Ctrl-C. */
export interface PressHandlers {
  /** Tells the person that the work is being stopped. */
  readonly onFirst: () => void;
  /** Ends the process. */
  readonly onSecond: () => void;
}

/** Turns the first SIGINT or SIGTERM into an abort, and lets the second end the process at once. */
export function openCancellation(handlers: PressHandlers): Cancellation {
  const controller = new AbortController();
  const press = pressCounter({
    onFirst: () => {
      handlers.onFirst();
      controller.abort(new DOMException("The run was cancelled", "AbortError"));
    },
    onSecond: handlers.onSecond,
  });
  const listener = (): void => press(performance.now());
  for (const name of SIGNALS) Deno.addSignalListener(name, listener);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of SIGNALS) Deno.removeSignalListener(name, listener);
    },
  };
}

/** Counts presses of a key from signals, given their times in milliseconds. */
export function pressCounter({ onFirst, onSecond }: PressHandlers): (at: number) => void {
  let pressedAt: number | undefined;
  return (at) => {
    if (pressedAt === undefined) {
      pressedAt = at;
      onFirst();
    } else if (at - pressedAt > ONE_PRESS_MS) onSecond();
  };
}
