import process from "node:process";
import type { RegistrationAnswer, RegistrationQuestion } from "../../runtime/run_options.ts";
import { CANCELLED } from "./cancel_on_signal.ts";
import { renderNumber } from "./quantity.ts";
import type { Terminal } from "./terminal.ts";
import { usageError } from "./usage_error.ts";

/** Questions go to stderr: stdout holds results only. */
const streams = { input: process.stdin, output: process.stderr };

/**
 * Fails at once where nobody can answer, instead of waiting for ever.
 *
 * @throws {ExplainedError} `cli/usage` when stdin or stderr is no terminal.
 */
export function requireKeyboard({ canAsk }: Terminal, what: string, instead: string): void {
  if (canAsk) return;
  throw usageError(`${what} asks, and nobody can answer: this is no terminal`, instead);
}

/** Asks for a yes or no. Ctrl-C and Escape mean no. */
export async function askYesNo(message: string): Promise<boolean> {
  const { confirm, isCancel } = await import("@clack/prompts");
  const answer = await confirm({ message, initialValue: false, ...streams });
  return !isCancel(answer) && answer;
}

/** Asks whether a model that passed its gates is registered, and under which alias. */
export async function askRegistration(
  question: RegistrationQuestion,
  signal: AbortSignal,
): Promise<RegistrationAnswer> {
  const { select, isCancel } = await import("@clack/prompts");
  const answer = await select({
    message: registrationMessage(question),
    options: registrationChoices(question),
    initialValue: question.promote === "auto" ? "champion" as const : "candidate" as const,
    signal,
    ...streams,
  });
  // While a question is open the terminal sends Ctrl-C as a key, not as a signal.
  if (isCancel(answer)) {
    process.kill(process.pid, "SIGINT");
    return { register: false };
  }
  return answer === "no" ? { register: false } : { register: true, alias: answer };
}

/** The question as it is shown: the model, its metrics and what it would replace. */
export function registrationMessage({ model, metrics, champion }: RegistrationQuestion): string {
  const numbers = Object.entries(metrics).slice(0, 4)
    .map(([name, value]) => `${name} ${renderNumber(value)}`);
  const present = champion === null ? "it has no champion yet" : `champion is version ${champion}`;
  return [`Register ${model}?`, [...numbers, present].join(", ")].join("\n");
}

/** The answers that can be given. */
export function registrationChoices({ champion }: RegistrationQuestion): {
  value: "champion" | "candidate" | "no";
  label: string;
  hint: string;
}[] {
  const replaced = champion === null ? "serves from now on" : `replaces version ${champion}`;
  return [
    { value: "champion", label: "Yes, as champion", hint: replaced },
    { value: "candidate", label: "Yes, as candidate", hint: "waits for `models approve`" },
    { value: "no", label: "No", hint: "the run is kept, nothing is registered" },
  ];
}

/** Exit code when a question was answered with no: nothing was done, and that was asked for. */
export const DECLINED = CANCELLED;
