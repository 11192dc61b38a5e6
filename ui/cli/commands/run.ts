import type { RunSummary } from "../../../runtime/executor/run_summary.ts";
import type { RunOptions } from "../../../runtime/run_options.ts";
import type { ManifestKey } from "../../../runtime/unchanged/manifest.ts";
import { findServer } from "../../server_address.ts";
import { CANCELLED, openCancellation } from "../cancel_on_signal.ts";
import { closingCard } from "../closing_card.ts";
import { openReporter, type RunReporter } from "../live_reporter.ts";
import { type AnyCommand, collect, newCommand } from "../new_command.ts";
import { askRegistration, requireKeyboard } from "../prompts.ts";
import { engineOption, type RunFlags, runOptions } from "../run_flags.ts";
import { printJson, type Shell } from "../shell.ts";
import { manifestKey } from "../try_unchanged.ts";
import { usageError } from "../usage_error.ts";

interface Flags extends RunFlags {
  readonly json?: true | undefined;
  readonly trace?: true | undefined;
  readonly interactive?: true | undefined;
  readonly watch?: true | undefined;
}

/** `run [target]`: runs a pipeline. */
export function command(shell: Shell): AnyCommand {
  return newCommand("run", {
    summary: "run a pipeline; what did not change comes from the cache",
    about: "The target is a name in configs/, a path to a .ts file, or nothing: then it is the\n" +
      "pipeline.ts where you stand, else the default pipeline (digits).\n" +
      "Exit codes: 0 done, 1 a step failed, 2 wrong usage or config, 3 a gate said no, 130 cancelled.",
    examples: [
      ["run", "the pipeline of this folder"],
      ["run iris --set epochs=100", "another one, with one value changed"],
      ["run iris --config fast", "values of configs/iris/fast.yaml"],
      ["run --from train", "everything from train on anew"],
      ["run --interactive", "asks before a model is registered"],
      ["run --watch", "again whenever a file changes"],
    ],
  })
    .argument("[target]", "pipeline to run")
    .option("-c, --config <file>", "YAML file with values, or its name beside the pipeline")
    .option("-s, --set <key=value>", "change one value of the config; repeatable", collect)
    .option(
      "--only <node>",
      "run only this node; what it needs must be cached; repeatable",
      collect,
    )
    .option("--from <node>", "run this node and all after it anew; repeatable", collect)
    .option("--force <node>", "run this node anew; repeatable", collect)
    .option("--no-cache", "take nothing from the cache")
    .option("--verify", "check the bytes of cached results before they are used")
    .addOption(engineOption())
    .option("-i, --interactive", "ask before a model is registered")
    .option("-w, --watch", "run again when a file changes; Ctrl-C ends")
    .option("--name <name>", "name of the run, instead of a random one")
    .option("--note <text>", "a note kept with the run")
    .option("--tag <key=value>", "a tag kept with the run; repeatable", collect)
    .action(async (target, flags) => {
      if (flags.interactive) {
        requireKeyboard(shell.terminal, "--interactive", "Leave --interactive out");
      }
      if (flags.watch && flags.json) {
        throw usageError("--watch runs again and again, and --json is one document", "Choose one");
      }
      if (flags.watch) {
        const { watchRun } = await import("../watch_run.ts");
        shell.exitCode = await watchRun(shell, target, flags);
        return;
      }
      await runOnce(shell, target, flags);
    }) as AnyCommand;
}

const STOPPING = "Stopping: what is finished is kept. Ctrl-C again ends at once.";

async function runOnce(shell: Shell, target: string | undefined, flags: Flags): Promise<void> {
  const { terminal, settings } = shell;
  const asked = runOptions(flags);
  const { loadPipeline, runPipeline } = await import("../../../runtime/mod.ts");
  const reporter = openReporter(terminal.err, { trace: flags.trace === true });
  using cancellation = openCancellation({
    onFirst: () => reporter.say([STOPPING]),
    onSecond: () => Deno.exit(CANCELLED),
  });
  try {
    const loaded = await loadPipeline(target, settings);
    const questions = { asked: 0 };
    const options = { ...asked, ...hooks(flags, reporter, cancellation.signal, questions) };
    const how = { settings, ...repeatable(shell, target, flags) };
    const { summary, card, exitCode } = await runPipeline(loaded, options, how);
    reporter[Symbol.dispose]();
    if (flags.interactive && questions.asked === 0) terminal.err.lines(unasked(summary));
    shell.exitCode = exitCode;
    if (flags.json) return printJson(shell, summary);
    const { out } = terminal;
    const server = await findServer(settings.storeFolder);
    out.lines(closingCard(summary, card, { paint: out.paint, width: out.width(), server }));
  } finally {
    reporter[Symbol.dispose]();
  }
}

/** Who asked to be asked is told why there was no question. */
function unasked({ model, steps }: RunSummary): readonly string[] {
  const cached = steps.find(({ step, status }) => step === "register" && status === "cached");
  if (cached === undefined) return [];
  const version = model === null ? "the model" : `${model.name} version ${model.version}`;
  return [
    `Nothing was asked: ${version} is registered already, "${cached.node}" came from the cache.`,
    `Ask again: --interactive --force ${cached.node}`,
  ];
}

/** A run without options that change what is done can be repeated on the short way. */
function repeatable(
  { settings }: Shell,
  target: string | undefined,
  flags: Flags,
): { readonly repeatAs?: ManifestKey } {
  const { config = null, set = [], engine = "auto", cache, ...others } = flags;
  const plain = Object.keys(others).every((name) => name === "json") && cache;
  if (!plain) return {};
  return { repeatAs: manifestKey({ target: target ?? null, config, set, engine }, settings) };
}

function hooks(
  { interactive }: Flags,
  reporter: RunReporter,
  signal: AbortSignal,
  questions: { asked: number },
): Pick<RunOptions, "onEvent" | "signal" | "interactive"> {
  return {
    onEvent: (event) => reporter.take(event),
    signal,
    ...(interactive
      ? {
        interactive: (question, until) => {
          questions.asked++;
          return reporter.aside(() => askRegistration(question, until.signal));
        },
      }
      : {}),
  };
}
