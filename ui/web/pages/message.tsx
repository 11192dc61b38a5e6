/** @jsxImportSource hono/jsx */
import type { ErrorAnswer } from "../../api/mod.ts";
import { ErrorNotice } from "../fragments/notice.tsx";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";

/** States in which nothing is broken. */
const TITLES: Readonly<Record<number, string>> = {
  403: "Not allowed",
  404: "Not found",
  429: "Too fast",
  503: "Busy just now",
};

/** A page that could not be shown, and what to do instead. */
export function ErrorPage(
  { status, error, back, section }: {
    readonly status: number;
    readonly error: ErrorAnswer["error"];
    /** Page of the form that could not be done. */
    readonly back?: string | undefined;
    /** The part of the site that the address lies in. */
    readonly section?: "runs" | "models" | undefined;
  },
): Html {
  return (
    <Layout title={error.what} {...(section === undefined ? {} : { section })}>
      <h1>{TITLES[status] ?? (status < 500 ? "Not possible" : "Something went wrong")}</h1>
      <ErrorNotice error={error} isCalm={status in TITLES} />
      <p>
        {back !== undefined && back !== "/"
          ? <a href={back}>Back, to try it differently</a>
          : section === undefined
          ? <a href="/">To the first page</a>
          : <a href={`/${section}`}>To the {section}</a>}
      </p>
    </Layout>
  );
}
