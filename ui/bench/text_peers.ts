import { join } from "node:path";

/** What another program reached on the same files. */
export interface TextPeer {
  readonly name: string;
  readonly accuracy: number;
  /** From reading the files to the last prediction. */
  readonly seconds: number;
}

/** Debian's own Python, which knows Debian's packages; else the first on the path. */
async function pythonPath(): Promise<string> {
  const debian = "/usr/bin/python3";
  return await Deno.stat(debian).then(() => debian, () => "python3");
}

/** The programs that are installed, each run once. @param data Folder of the files. */
export async function measureTextPeers(
  data: string,
  scratch: string,
): Promise<readonly TextPeer[]> {
  const peers: TextPeer[] = [];
  for (const name of ["scikit-learn", "fastText"]) {
    const script = join(import.meta.dirname!, "text_peers.py");
    const { code, stdout } = await new Deno.Command(await pythonPath(), {
      args: [script, name, data, scratch],
      stdin: "null",
      stderr: "null",
    }).output().catch(() => ({ code: 127, stdout: new Uint8Array() }));
    if (code !== 0) continue; // not installed
    const found = JSON.parse(new TextDecoder().decode(stdout)) as Omit<TextPeer, "name">;
    peers.push({ name, ...found });
  }
  return peers;
}
