import { ExplainedError } from "../../../pipeline/explained_error.ts";
import { oneAtATime } from "./one_at_a_time.ts";

/** Work of one session: each part after the last one, and none after the session was released. */
export interface SessionLine {
  /** @throws {ExplainedError} `engine/closed` */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Waits for what was given before, then releases; a second time does nothing. */
  close(release: () => Promise<void>): Promise<void>;
}

/** @param what What the session does, for people: "training". */
export function openSessionLine(what: string): SessionLine {
  const inLine = oneAtATime();
  let isOpen = true;
  return {
    run: (work) =>
      inLine(() => {
        if (!isOpen) return Promise.reject(closed(what));
        return work();
      }),
    close: (release) =>
      inLine(() => {
        if (!isOpen) return Promise.resolve();
        isOpen = false;
        return release();
      }),
  };
}

/** What is said to whoever uses a session that was released. */
export function closed(what: string): ExplainedError {
  return new ExplainedError("engine/closed", {
    what: `Cannot go on with the ${what}`,
    why: "its session was released",
    fix: "Use it within the block of its `await using`, or open another one",
  });
}
