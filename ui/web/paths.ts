/** Address of a run's page. */
export function runPath(runId: string): string {
  return `/runs/${encodeURIComponent(runId)}`;
}

/** Address of the form that runs a pipeline with the values of one of its configs. */
export function pipelinePath(name: string, config?: string): string {
  const query = config === undefined ? "" : `?config=${encodeURIComponent(config)}`;
  return `/pipelines/${encodeURIComponent(name)}${query}`;
}

/** Address of the page that shows runs side by side. */
export function comparePath(runIds: readonly string[], { all = false } = {}): string {
  return `/runs/compare?${runQuery(runIds)}${all ? "&all=1" : ""}`;
}

/** Address of the picture of one metric of several runs. */
export function curvesPath(
  runIds: readonly string[],
  key: string,
  theme: "light" | "dark",
): string {
  return `/runs/compare/chart.svg?${runQuery(runIds)}&key=${
    encodeURIComponent(key)
  }&theme=${theme}`;
}

function runQuery(runIds: readonly string[]): string {
  return runIds.map((id) => `run=${encodeURIComponent(id)}`).join("&");
}

/** Address of a run's page that shows its artifacts without the first `offset` of them. */
export function filesPath(runId: string, offset: number): string {
  return `${runPath(runId)}${offset === 0 ? "" : `?files_offset=${offset}`}#files`;
}

/** Address of the page that tells why a node of a run ran. */
export function stepPath(runId: string, node: string): string {
  return `${runPath(runId)}/step?node=${encodeURIComponent(node)}`;
}

/** Address of the page of a dataset that a run made. */
export function datasetPath(runId: string, address: string): string {
  return `${runPath(runId)}/data?of=${encodeURIComponent(address)}`;
}

/** Address of the page that shows a file of a run. */
export function previewPath(runId: string, path: string): string {
  return `${runPath(runId)}/file?path=${encodeURIComponent(path)}`;
}

/** Address of the bytes of a file of a run. */
export function filePath(runId: string, path: string): string {
  return `/api/runs/${encodeURIComponent(runId)}/file?path=${encodeURIComponent(path)}`;
}

/** Address of the list of models without the first `offset` of them. */
export function modelsPath(offset: number): string {
  return offset === 0 ? "/models" : `/models?offset=${offset}`;
}

/** Address of a model's page that shows older versions, or what happened earlier. */
export function olderPath(
  name: string,
  { versions, history }: {
    /** Versions to leave out. */
    readonly versions: number;
    /** Changes to leave out. */
    readonly history: number;
  },
): string {
  const query = [
    ...(versions === 0 ? [] : [`offset=${versions}`]),
    ...(history === 0 ? [] : [`history_offset=${history}`]),
  ].join("&");
  return query === "" ? modelPath(name) : `${modelPath(name)}?${query}`;
}

/** Address of a model's page. */
export function modelPath(name: string): string {
  return `/models/${encodeURIComponent(name)}`;
}

/** Address of the form on a model's page that decides about a version. */
export function decidePath(name: string, version: number): string {
  return `${modelPath(name)}?decide=${version}#decide`;
}

/** Address of the part of a model's page that tells how far a version's requests drifted. */
export function driftPath(name: string, version: number): string {
  return `${modelPath(name)}?drift=${version}#drift`;
}

/** Address of the try-it form of a target: `digits`, `digits@candidate`, `digits/3`. */
export function tryPath(target: string): string {
  return `/?model=${encodeURIComponent(target)}`;
}

/** Address of the try-it form of a model's champion, with another version beside it. */
export function besidePath(name: string, version: number): string {
  return `${tryPath(name)}&beside=${encodeURIComponent(`${name}/${version}`)}`;
}

/** Address of the page that tells where an artifact or a model version came from. */
export function lineagePath(subject: string): string {
  return `/lineage?of=${encodeURIComponent(subject)}`;
}

/** Address of the picture of a metric over time. */
export function chartPath(runId: string, key: string, theme: "light" | "dark"): string {
  return `${runPath(runId)}/chart.svg?key=${encodeURIComponent(key)}&theme=${theme}`;
}

/** Runs that have a tag. */
export function tagPath(key: string, value: string): string {
  return `/runs?tag=${encodeURIComponent(`${key}=${value}`)}`;
}
