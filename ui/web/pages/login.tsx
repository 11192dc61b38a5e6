/** @jsxImportSource hono/jsx */
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";

/** Where a browser shows its token once, and is known by a cookie from then on. */
export function LoginPage(
  { next, isWrong }: { readonly next: string; readonly isWrong: boolean },
): Html {
  return (
    <Layout title="Log in">
      <h1>Log in</h1>
      <p class="lead">This server is open to other machines, so it asks who you are.</p>
      <form method="post" action="/login" class="login">
        <input type="hidden" name="next" value={next} />
        <div class="field">
          <label for="token">Token</label>
          <input
            id="token"
            name="token"
            type="password"
            autocomplete="current-password"
            required
            aria-describedby="token-hint"
          />
          <p id="token-hint" class="hint">
            Made with <code>deno task serve token create</code>, where the server runs.
          </p>
        </div>
        {isWrong
          ? (
            <div class="notice bad" role="alert">
              <p class="notice-title">This token is not valid</p>
              <p>It may be mistyped, or revoked.</p>
            </div>
          )
          : ""}
        <button type="submit">Log in</button>
      </form>
    </Layout>
  );
}
