import type { EnginePort, TrainingSession } from "../pipeline/mod.ts";

/** The same engine, to which every model of more bytes than this is too large for one file. */
export function withSmallFiles(engine: EnginePort, fileBytes: number): EnginePort {
  return {
    ...engine,
    buildFiles: (architecture, options) =>
      engine.buildFiles(architecture, { ...options, fileBytes }),
    async openTraining(model, options): Promise<TrainingSession> {
      const session = await engine.openTraining(model, options);
      return { ...session, exportFiles: () => session.exportFiles({ fileBytes }) };
    },
  };
}
