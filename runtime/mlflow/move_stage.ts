import type { Transaction } from "@libsql/client";
import { type Act, removeAlias, type Stage, writeAlias, writeState } from "../registry/mod.ts";
import { invalid } from "../search/mod.ts";
import { selectRows, type Store } from "../store/mod.ts";
import { touchModel } from "./model_admin.ts";
import { changeVersion, clientAct, currentVersion } from "./version_admin.ts";

const STAGES: readonly Stage[] = ["None", "Staging", "Production", "Archived"];

/** The alias that says what a stage says. */
const ALIASES = [["Production", "champion"], ["Staging", "candidate"]] as const;

/** A stage in its own spelling, from any. @throws {MlflowError} For what is none. */
export function readStage(text: string): Stage {
  const stage = STAGES.find((each) => each.toLowerCase() === text.toLowerCase());
  if (stage !== undefined) return stage;
  throw invalid(
    `Invalid Model Version stage: ${text}. Value must be one of ${STAGES.join(", ")}.`,
  );
}

/**
 * Moves a version to a stage. Several versions may share one. Our alias follows where the stage means one version:
 * the only one in Production is the champion, the only one in Staging the candidate; Archived is archived.
 *
 * @throws {MlflowError} For an unknown version, or others to be archived out of a stage that is not active.
 */
export async function moveStage(
  store: Store,
  id: { readonly name: string; readonly version: number },
  stage: Stage,
  { archiveOthers }: { readonly archiveOthers: boolean },
): Promise<void> {
  if (archiveOthers && stage !== "Staging" && stage !== "Production") {
    throw invalid(
      "Model version transition cannot archive existing model versions because " +
        `'${stage}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
    );
  }
  const act = clientAct(`an MLflow client moved it to ${stage}`);
  await changeVersion(store, id, async (transaction) => {
    if (archiveOthers) {
      for (const other of await versionsIn(transaction, id.name, stage)) {
        if (other !== id.version) {
          await settle(transaction, { ...id, version: other }, "Archived", act);
        }
      }
    }
    await settle(transaction, id, stage, act);
    await touchModel(transaction, id.name);
  });
}

/** Sets the stage and lets aliases and state follow, which set stages themselves: the client's word is the last. */
async function settle(
  transaction: Transaction,
  id: { readonly name: string; readonly version: number },
  stage: Stage,
  act: Act,
): Promise<void> {
  const found = await currentVersion(transaction, id);
  for (const [of, alias] of ALIASES) {
    if (of !== stage && found.aliases.includes(alias)) {
      await removeAlias(transaction, id.name, alias, act);
    }
  }
  if (stage === "Archived" && found.state !== "archived") {
    await writeState(transaction, found, "archived", act);
  } else if (stage !== "Archived" && found.state === "archived") {
    await writeState(transaction, found, "registered", act);
  }
  const alias = ALIASES.find(([of]) => of === stage)?.[1];
  const isAlone = (await versionsIn(transaction, id.name, stage))
    .every((version) => version === id.version);
  if (alias !== undefined && isAlone && found.state !== "rejected") {
    await writeAlias(transaction, await currentVersion(transaction, id), alias, act);
  }
  await setStage(transaction, id, stage, act);
}

async function setStage(
  transaction: Transaction,
  { name, version }: { readonly name: string; readonly version: number },
  stage: Stage,
  { at }: Act,
): Promise<void> {
  await transaction.execute({
    sql: `UPDATE model_versions SET stage = ?, last_updated_time = ?
      WHERE name = ? AND version = ?`,
    args: [stage, at, name, version],
  });
}

async function versionsIn(
  transaction: Transaction,
  name: string,
  stage: Stage,
): Promise<readonly number[]> {
  const rows = await selectRows<{ version: number }>(
    transaction,
    "SELECT version FROM model_versions WHERE name = ? AND stage = ?",
    [name, stage],
  );
  return rows.map(({ version }) => version);
}
