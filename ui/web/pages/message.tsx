/** @jsxImportSource hono/jsx */
import type { ErrorAnswer } from "../../api/mod.ts";
import { ErrorNotice } from "../fragments/notice.tsx";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";

/** A page that could not be shown, and what to do instead. */
export function ErrorPage(
  { status, error }: { readonly status: number; readonly error: ErrorAnswer["error"] },
): Html {
  return (
    <Layout title={error.what}>
      <h1>
        {status === 404 ? "Not found" : status < 500 ? "Not possible" : "Something went wrong"}
      </h1>
      <ErrorNotice error={error} isCalm={status === 404} />
      <p>
        <a href="/">To the first page</a>
      </p>
    </Layout>
  );
}
