import { type AnyCommand, newCommand } from "../../new_command.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";

/** `runs file RUN PATH`: the bytes of a file that a run left. */
export function fileCommand(shell: Shell): AnyCommand {
  return newCommand("file", {
    summary: "a file that a run left, on stdout",
    examples: [
      ["runs file 3f9a2c train/model/README.md", "the model card"],
      ["runs file 3f9a2c train/model/model.onnx > model.onnx", ""],
    ],
  })
    .argument("<run>", "id, start of an id, or name")
    .argument("<path>", "as `runs show --files` lists it")
    .action(async (reference, path, { json }) => {
      const { getRunFile } = await import("../../../api/mod.ts");
      await using store = await openShellStore(shell);
      const { blob, run_id, size } = await getRunFile(store, reference, path);
      if (json) return printJson(shell, { run_id, path, size_bytes: size, file: blob });
      using file = await Deno.open(blob);
      await file.readable.pipeTo(Deno.stdout.writable, { preventClose: true }).catch((error) => {
        // `… | head` closes the pipe when it has read enough.
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      });
    }) as AnyCommand;
}
