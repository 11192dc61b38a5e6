/** Runs work after all work that was given before has ended, however it ended. */
export type OneAtATime = <T>(work: () => Promise<T>) => Promise<T>;

/** A queue of its own. */
export function oneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work, work);
    last = result.catch(() => {}); // told to whoever gave the work
    return result;
  };
}

/**
 * The queue of everything that onnxruntime-web does in this process: its WebAssembly is one, and two runs at once on WebGPU
 * wait for each other forever.
 */
export const onOrtWeb: OneAtATime = oneAtATime();
