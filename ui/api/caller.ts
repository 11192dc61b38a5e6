import type { Role } from "../../runtime/access/mod.ts";

/** Who a request is from. */
export interface Caller {
  /** Recorded as who did something. */
  readonly user: string;
  readonly role: Role;
  /** Whether a browser's session, which can be ended, says so. */
  readonly isSession?: boolean;
}

const CALLERS = new WeakMap<Request, Caller>();

/** Notes who a request is from. */
export function setCaller(request: Request, caller: Caller): void {
  CALLERS.set(request, caller);
}

/** Who a request is from, after it was admitted. */
export function getCaller(request: Request): Caller {
  const caller = CALLERS.get(request);
  if (caller === undefined) {
    throw new TypeError("Cannot tell the caller of a request that was not admitted");
  }
  return caller;
}

/** Who a request is from; `undefined` before it was admitted, and where it was refused. */
export function findCaller(request: Request): Caller | undefined {
  return CALLERS.get(request);
}
