/** A `run` without any option that changes what is done, only which pipeline and which values. */
export interface PlainRun {
  readonly target: string | null;
  readonly config: string | null;
  readonly set: readonly string[];
  readonly engine: string;
  readonly json: boolean;
}

const ENGINES = ["auto", "webgpu", "cpu", "wasm"];

/**
 * Recognises a plain `run` without the help of a parser, which would take longer to import than the
 * whole of an unchanged run takes.
 *
 * @returns `undefined` for anything else, wrong usage included: the parser then says what it is.
 */
export function parsePlainRun(args: readonly string[]): PlainRun | undefined {
  const [name, ...words] = args;
  if (name !== "run") return undefined;
  const targets: string[] = [];
  const set: string[] = [];
  let [config, engine, json]: [string | null, string, boolean] = [null, "auto", false];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (!word.startsWith("-")) {
      targets.push(word);
      continue;
    }
    if (word === "--json") {
      json = true;
      continue;
    }
    const { flag, value, used } = valueOf(word, words[i + 1]);
    if (value === undefined) return undefined;
    i += used;
    if (flag === "--set" || flag === "-s") set.push(value);
    else if (flag === "--config" || flag === "-c") config = value;
    else if (flag === "--engine" || flag === "-e") engine = value;
    else return undefined;
  }
  if (targets.length > 1 || !ENGINES.includes(engine)) return undefined;
  return { target: targets[0] ?? null, config, set, engine, json };
}

/** `--flag value` or `--flag=value`. */
function valueOf(
  word: string,
  next: string | undefined,
): { readonly flag: string; readonly value: string | undefined; readonly used: 0 | 1 } {
  const equals = word.indexOf("=");
  if (word.startsWith("--") && equals > 0) {
    return { flag: word.slice(0, equals), value: word.slice(equals + 1), used: 0 };
  }
  return { flag: word, value: next?.startsWith("-") ? undefined : next, used: 1 };
}
