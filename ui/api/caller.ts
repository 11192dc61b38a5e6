import type { Role } from "../../runtime/access/mod.ts";

/** Who a request is from. */
export interface Caller {
  /** Recorded as who did something. */
  readonly user: string;
  readonly role: Role;
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
