/** Logs points in MLflow's protocol for as long as it is to go on, each one after the answer to the one before. */
export async function writePoints(
  origin: string,
  goesOn: () => Promise<boolean>,
): Promise<{ readonly run: string; readonly written: number }> {
  const { run } = await post(origin, "runs/create", { run_name: "soak" });
  const run_id = run.info.run_id;
  let written = 0;
  while (await goesOn()) {
    const point = (): object => (
      { key: `m${written % 7}`, value: Math.random(), timestamp: written, step: written++ }
    );
    if (written % 50 === 0) {
      const metrics = Array.from({ length: 25 }, point);
      await post(origin, "runs/log-batch", { run_id, metrics });
    } else await post(origin, "runs/log-metric", { run_id, ...point() });
  }
  return { run: run_id, written };
}

/** How many points of a run the server has. */
export async function countPoints(origin: string, run: string): Promise<number> {
  let count = 0;
  for (let key = 0; key < 7; key++) {
    let token = "";
    do {
      const query = `run_id=${run}&metric_key=m${key}&max_results=25000&page_token=${token}`;
      const page = await ask(`${origin}/api/2.0/mlflow/metrics/get-history?${query}`);
      count += page.metrics?.length ?? 0;
      token = page.next_page_token ?? "";
    } while (token !== "");
  }
  return count;
}

// deno-lint-ignore no-explicit-any -- an answer of the protocol
async function post(origin: string, path: string, body: object): Promise<any> {
  return await ask(`${origin}/api/2.0/mlflow/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

// deno-lint-ignore no-explicit-any -- as above
async function ask(url: string, init?: RequestInit): Promise<any> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${new URL(url).pathname}: ${response.status} ${text}`);
  return JSON.parse(text);
}
