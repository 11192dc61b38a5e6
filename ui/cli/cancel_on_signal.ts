/** An abort signal that follows Ctrl-C; disposing it gives the keys back. */
export interface Cancellation extends Disposable {
  readonly signal: AbortSignal;
}

/** Exit code of a cancelled command. */
export const CANCELLED = 130;

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/**
 * Turns the first SIGINT or SIGTERM into an abort, and lets the second end the process at once.
 *
 * @param onFirst Tells the person that the work is being stopped.
 * @param onSecond Ends the process.
 */
export function openCancellation(
  { onFirst, onSecond }: { readonly onFirst: () => void; readonly onSecond: () => void },
): Cancellation {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) return onSecond();
    onFirst();
    controller.abort(new DOMException("The run was cancelled", "AbortError"));
  };
  for (const name of SIGNALS) Deno.addSignalListener(name, stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of SIGNALS) Deno.removeSignalListener(name, stop);
    },
  };
}
