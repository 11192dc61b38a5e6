/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file jsx-key -- a page is rendered once; a key would be written into its HTML
import { useContext } from "hono/jsx";
import type { ModelDetail, VersionFacts } from "../../api/mod.ts";
import type { Html } from "../html.ts";
import { ReaderContext, readerMay } from "../reader.ts";
import { modelPath } from "../paths.ts";

/** What can be decided, in the words of a person. */
const DECISIONS = [
  ["approve", "approve as champion"],
  ["reject", "reject for good"],
  ["archive", "put into the archive"],
  ["candidate", "make it the candidate"],
] as const;

/** A decision about a version, with the reason that is kept in the history. */
export function DecideForm(
  { model, offered, first = model.aliases.candidate ?? model.versions.items[0]?.version }: {
    readonly model: ModelDetail;
    /** Versions to choose from, newest first. */
    readonly offered: readonly VersionFacts[];
    /** The version that is chosen before somebody chooses. @default the candidate */
    readonly first?: number | undefined;
  },
): Html {
  if (!readerMay(useContext(ReaderContext), "admin")) {
    return <p class="quiet-text">Those who have logged in with the token of an admin decide.</p>;
  }
  const champion = model.aliases.champion;
  const path = `${modelPath(model.name)}/decide`;
  return (
    <div class="decide">
      <form method="post" action={path}>
        <div class="field">
          <label for="decide-version">Version</label>
          <select id="decide-version" name="version">
            {offered.map(({ version, state }) => (
              <option value={String(version)} selected={version === first}>
                {version} ({version === champion ? "champion" : state})
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="decide-action">Decision</label>
          <select id="decide-action" name="action">
            {DECISIONS.map(([value, text]) => <option value={value}>{text}</option>)}
          </select>
        </div>
        <div class="field wide">
          <label for="decide-why">Reason</label>
          <input id="decide-why" name="why" type="text" required maxlength={500} />
        </div>
        <button type="submit">Decide</button>
      </form>
      {offered.length >= model.version_count ? "" : (
        <p class="quiet-text below">
          A version that is not offered here is on its page of the list.
        </p>
      )}
      {!model.can_roll_back ? "" : (
        <form method="post" action={path}>
          <input type="hidden" name="action" value="rollback" />
          <div class="field wide">
            <label for="rollback-why">Reason to go back to the champion before this one</label>
            <input id="rollback-why" name="why" type="text" required maxlength={500} />
          </div>
          <button type="submit" class="plain">Roll back</button>
        </form>
      )}
    </div>
  );
}
