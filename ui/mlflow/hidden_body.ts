/** Queries are short. */
const MOST_BYTES = 1_000_000;

/**
 * The body of a GET request. Deno's server receives it and hides it, as browsers never send one; old clients of
 * MLflow do. It is reached through the request that Deno keeps under a symbol; where that is not so, there is no body.
 */
export async function readHiddenBody(request: Request): Promise<string> {
  const length = Number(request.headers.get("content-length") ?? 0);
  if (length === 0 || length > MOST_BYTES) return "";
  for (const symbol of Object.getOwnPropertySymbols(request)) {
    if (symbol.description !== "request") continue;
    const inner: unknown = Reflect.get(request, symbol);
    if (typeof inner !== "object" || inner === null) continue;
    try {
      Object.defineProperty(inner, "method", { value: "POST" });
      const body: unknown = Reflect.get(inner, "body");
      if (typeof body !== "object" || body === null || !("stream" in body)) return "";
      return await new Response(body.stream as ReadableStream).text();
    } catch {
      return "";
    }
  }
  return "";
}
