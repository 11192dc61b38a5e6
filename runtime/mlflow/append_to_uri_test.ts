import { equal } from "node:assert/strict";
import { appendToUri } from "./append_to_uri.ts";

Deno.test("appendToUri() goes below a place, and leaves its query at the end", () => {
  for (
    const [uri, expected] of [
      ["s3://bucket", "s3://bucket/1/artifacts"],
      ["s3://bucket/a/", "s3://bucket/a/1/artifacts"],
      ["s3://bucket/a?region=x&b=/c", "s3://bucket/a/1/artifacts?region=x&b=/c"],
      ["mlflow-artifacts:", "mlflow-artifacts:/1/artifacts"],
      ["mlflow-artifacts:/0", "mlflow-artifacts:/0/1/artifacts"],
      ["file:///", "file:///1/artifacts"],
      ["/srv/what?/here", "/srv/what?/here/1/artifacts"],
    ] as const
  ) equal(appendToUri(uri, "1/artifacts"), expected);
});
