/**
 * A place below a URI or a path on the disk. What a URI asks for after `?` stays at its end:
 * `s3://bucket/a?region=x` and `1/artifacts` give `s3://bucket/a/1/artifacts?region=x`.
 *
 * @param below A relative path.
 */
export function appendToUri(uri: string, below: string): string {
  const isPath = !/^[a-z][a-z0-9+.-]*:/i.test(uri);
  const mark = isPath ? -1 : uri.indexOf("?");
  const place = mark === -1 ? uri : uri.slice(0, mark);
  const query = mark === -1 ? "" : uri.slice(mark);
  return `${place}${place.endsWith("/") ? "" : "/"}${below}${query}`;
}
