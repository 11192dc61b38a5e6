import process from "node:process";
import type { RegistrationAnswer, RegistrationQuestion } from "../../runtime/run_options.ts";
import { headlineMetrics } from "./headline_metrics.ts";
import type { Terminal } from "./terminal.ts";
import { usageError } from "./usage_error.ts";

/** Questions go to stderr: stdout holds results only. */
function openStreams(): { input: typeof process.stdin; output: typeof process.stderr } {
  const { stdin: input, stderr: output } = process;
  // Terminals of editors and pipes tell no size: the question would be one letter wide.
  if (!(output.columns > 0)) output.columns = 80;
  if (!(output.rows > 0)) output.rows = 24;
  return { input, output };
}

/**
 * Fails at once where nobody can answer, instead of waiting for ever.
 *
 * @throws {ExplainedError} `cli/usage` when stdin or stderr is no terminal.
 */
export function requireKeyboard({ canAsk }: Terminal, what: string, instead: string): void {
  if (canAsk) return;
  throw usageError(`${what} asks, and nobody can answer: this is no terminal`, instead);
}

/** Asks for a yes or no; `undefined` after Ctrl-C or Escape. */
export async function askYesNo(message: string): Promise<boolean | undefined> {
  const { confirm, isCancel } = await import("@clack/prompts");
  const answer = await confirm({ message, initialValue: false, ...openStreams() });
  return isCancel(answer) ? undefined : answer;
}

/**
 * Asks whether a model that passed its gates is registered, and under which alias. Ctrl-C cancels
 * the run.
 */
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
    ...openStreams(),
  });
  if (isCancel(answer)) {
    await pressCtrlC(signal);
    return { register: false };
  }
  return answer === "no" ? { register: false } : { register: true, alias: answer };
}

/** While a question is open the terminal sends Ctrl-C as a key, not as a signal. */
async function pressCtrlC(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const aborted = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => aborted.resolve(), { once: true });
  process.kill(process.pid, "SIGINT");
  await aborted.promise;
}

/** The question as it is shown: the model, its metrics and what it would replace. */
export function registrationMessage({ model, metrics, champion }: RegistrationQuestion): string {
  const present = champion === null ? "it has no champion yet" : `version ${champion} is champion`;
  return `Register ${model}?\n${
    [headlineMetrics(metrics, 3), present].filter((part) => part !== "").join(" · ")
  }`;
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
