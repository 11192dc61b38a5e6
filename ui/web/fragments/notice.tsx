/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file jsx-key -- a page is rendered once; a key would be written into its HTML
import type { PropsWithChildren } from "hono/jsx";
import type { Html } from "../html.ts";
import type { ErrorAnswer } from "../../api/mod.ts";
import { WithCode } from "./with_code.tsx";

/** What could not be done, why, and what to do: the same texts as in the terminal. */
export function ErrorNotice(
  { error, isCalm = false }: {
    readonly error: ErrorAnswer["error"];
    /** Nothing is broken, something is only not there. */
    readonly isCalm?: boolean;
  },
): Html {
  const { what, why, fix, code, problems = [], id } = error;
  return (
    <div class={isCalm ? "notice" : "notice bad"} role="alert">
      <p class="notice-title">{what}</p>
      {problems.length > 1
        ? <ul>{problems.map((problem) => <li>{problem}</li>)}</ul>
        : <p class="wrap">{problems[0] ?? why}</p>}
      <p>
        <WithCode text={fix} />
      </p>
      <p class="quiet-text">
        <code>{code}</code>
        {id === undefined ? "" : (
          <>
            {" "}id <code>{id}</code>
          </>
        )}
      </p>
    </div>
  );
}

/** What a page shows when there is nothing yet: why it is empty, and what to do next. */
export function EmptyState(
  { title, command, children }: PropsWithChildren<{
    readonly title: string;
    /** What to type in a terminal. */
    readonly command?: string;
  }>,
): Html {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
      {command === undefined ? "" : <Copyable text={command} label="Copy the command" />}
    </div>
  );
}

/** Text to be copied into a terminal or a program. */
export function Copyable(
  { text, label }: { readonly text: string; readonly label: string },
): Html {
  return (
    <div class="copyable">
      <pre tabindex={0}><code>{text}</code></pre>
      <button type="button" class="plain" data-copy aria-label={label} hidden>Copy</button>
    </div>
  );
}
