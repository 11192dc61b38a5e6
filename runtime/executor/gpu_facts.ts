import { join } from "node:path";

/** How a graphics card is used. */
export interface GpuFacts {
  /** As the driver counts them, from 0. */
  readonly index: number;
  /** Part of the time in which it worked, in per cent. */
  readonly utilization: number | null;
  readonly memoryUsedMegabytes: number | null;
  readonly memoryTotalMegabytes: number | null;
  readonly powerWatts: number | null;
}

/** Where the system tells of its cards. */
export interface GpuSources {
  /** NVIDIA's tool, which comes with its driver. @default "nvidia-smi" */
  readonly nvidia?: string;
  /** A file that is there where NVIDIA's driver is; `null` looks for none. @default "/dev/nvidiactl" on Linux */
  readonly device?: string | null;
  /** Where Linux tells of other cards. @default "/sys/class/drm" */
  readonly drm?: string;
  /** Ends the question. */
  readonly signal?: AbortSignal;
}

/** What NVIDIA's tool is asked for, in the order of its answer. */
const QUERY = "index,utilization.gpu,memory.used,memory.total,power.draw";
const MEBIBYTE = 1.048576;

/**
 * How the cards of this machine are used: NVIDIA's through its tool, AMD's through the files of its driver. None where
 * there is no card, or none that may be asked.
 */
export async function readGpus(sources: GpuSources = {}): Promise<readonly GpuFacts[]> {
  const { nvidia = "nvidia-smi", device = nvidiaDevice(), drm = "/sys/class/drm" } = sources;
  const found = device === null || await isThere(device)
    ? await askNvidia(nvidia, sources.signal)
    : [];
  return found.length > 0 ? found : await readDrm(drm);
}

/** Where the tool is not asked in vain; WSL and other systems have no such file. */
function nvidiaDevice(): string | null {
  return Deno.build.os === "linux" ? "/dev/nvidiactl" : null;
}

async function askNvidia(
  command: string,
  signal: AbortSignal | undefined,
): Promise<readonly GpuFacts[]> {
  try {
    const { success, stdout } = await new Deno.Command(command, {
      args: [`--query-gpu=${QUERY}`, "--format=csv,noheader,nounits"],
      stdin: "null",
      stderr: "null",
      ...(signal === undefined ? {} : { signal }),
    }).output();
    return success && signal?.aborted !== true ? parseNvidia(new TextDecoder().decode(stdout)) : [];
  } catch {
    return []; // no such tool, it may not be started, or nobody waits for it any more
  }
}

/** The lines of NVIDIA's tool, one a card, mebibytes and watts; what a card does not tell is `[N/A]`. */
export function parseNvidia(text: string): readonly GpuFacts[] {
  return text.split("\n").filter((line) => line.trim() !== "").map((line) => {
    const [index, utilization, used, total, power] = line.split(",").map(toNumber);
    return {
      index: index ?? 0,
      utilization: utilization ?? null,
      memoryUsedMegabytes: scaled(used, MEBIBYTE),
      memoryTotalMegabytes: scaled(total, MEBIBYTE),
      powerWatts: power ?? null,
    };
  });
}

function toNumber(text: string): number | null {
  const value = Number.parseFloat(text);
  return Number.isFinite(value) ? value : null;
}

function scaled(value: number | null | undefined, by: number): number | null {
  return value === null || value === undefined ? null : value * by;
}

/** AMD's driver writes how busy a card is, and how many bytes of its memory are taken. */
async function readDrm(folder: string): Promise<readonly GpuFacts[]> {
  const cards: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) if (/^card\d+$/.test(name)) cards.push(name);
  } catch {
    return []; // another system, or it may not be read
  }
  const facts = await Promise.all(
    cards.toSorted().map(async (card, index) => {
      const read = async (name: string): Promise<number | null> =>
        toNumber(await Deno.readTextFile(join(folder, card, "device", name)).catch(() => ""));
      const [utilization, used, total] = await Promise.all([
        read("gpu_busy_percent"),
        read("mem_info_vram_used"),
        read("mem_info_vram_total"),
      ]);
      return {
        index,
        utilization,
        memoryUsedMegabytes: scaled(used, 1e-6),
        memoryTotalMegabytes: scaled(total, 1e-6),
        powerWatts: null,
      };
    }),
  );
  return facts.filter(({ utilization }) => utilization !== null);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
