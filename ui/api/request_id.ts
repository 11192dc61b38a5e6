const IDS = new WeakMap<Request, string>();

/** The same for all requests of this process, different for every process. */
const PREFIX = crypto.getRandomValues(new Uint8Array(6)).toHex();
let last = 0;

/**
 * The id of a request: the one its caller gave in `x-request-id`, else a new one. It stands in the answer's header and
 * in the logs.
 */
export function requestId(request: Request): string {
  const known = IDS.get(request);
  if (known !== undefined) return known;
  const id = takeRequestId(request);
  IDS.set(request, id);
  return id;
}

/** As `requestId`, for whoever asks once and hands it on: to remember it costs more than to make it. */
export function takeRequestId({ headers }: Request): string {
  const given = headers.get("x-request-id");
  return given !== null && /^[\w.-]{1,64}$/.test(given)
    ? given
    : `${PREFIX}${(++last).toString(36).padStart(6, "0")}`;
}
