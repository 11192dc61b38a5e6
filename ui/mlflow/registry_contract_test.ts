import { deepEqual } from "node:assert/strict";
import {
  approve,
  findChampion,
  getVersion,
  moveAlias,
  rollback,
} from "../../runtime/registry/mod.ts";
import { registerChampion } from "../../runtime/registry/_register_champion.ts";
import {
  type ContractServer,
  type Exchange,
  openContractServer,
  testContract,
} from "./_contract.ts";
import type { Scenario } from "./_contract.ts";

const missing = (name: string) => `Missing value for required parameter '${name}'`;
const BAD = "INVALID_PARAMETER_VALUE";
const NONE = "RESOURCE_DOES_NOT_EXIST";

const version = (name: string, number: number, more: object = {}): object => ({
  name,
  version: String(number),
  creation_timestamp: "*",
  last_updated_timestamp: "*",
  current_stage: "None",
  description: "",
  source: "runs:/run_id/model",
  run_id: "",
  run_link: "",
  status: "READY",
  ...more,
});

const make = (name: string, versions: number): readonly Exchange[] => [
  { ask: "POST registered-models/create", send: { name }, gives: "*" },
  ...Array.from({ length: versions }, (_, index) => ({
    ask: "POST model-versions/create",
    send: { name, source: "runs:/run_id/model" },
    gives: { model_version: version(name, index + 1) },
  })),
];

const source = (cases: readonly (readonly [string, boolean])[]): Exchange[] =>
  cases.map(([uri, isTaken]) => ({
    ask: "POST model-versions/create",
    send: { name: "m", source: uri, run_id: "$run" },
    ...(isTaken ? { gives: "*" } : { error: BAD, says: "Invalid model version source" }),
  }));

const MODEL = { name: "", creation_timestamp: "*", last_updated_timestamp: "*" };
const MORE: Readonly<Record<string, object>> = {
  a: { latest_versions: [version("a", 2)] },
  b: {
    latest_versions: [version("b", 1)],
    tags: [{ key: "mlflow.prompt.is_prompt", value: "true" }],
  },
};
function modelOf(name: string): object {
  return { ...MODEL, name, ...MORE[name] };
}

const scenarios: readonly Scenario[] = [
  {
    title: "registers, describes, renames and deletes models",
    exchanges: [
      {
        ask: "POST registered-models/create",
        send: { name: "a/b:c 한옥", tags: [{ key: "k", value: "1" }], description: "d" },
        gives: {
          registered_model: {
            name: "a/b:c 한옥",
            creation_timestamp: "*",
            last_updated_timestamp: "*",
            description: "d",
            tags: [{ key: "k", value: "1" }],
          },
        },
      },
      {
        ask: "POST registered-models/create",
        send: { name: "a/b:c 한옥" },
        status: 400,
        error: "RESOURCE_ALREADY_EXISTS",
        says: "Registered Model (name=a/b:c 한옥) already exists",
      },
      { ask: "POST registered-models/create", send: {}, error: BAD, says: missing("name") },
      {
        ask: "POST registered-models/create",
        send: { name: "" },
        error: BAD,
        says: missing("name"),
      },
      {
        ask: "POST registered-models/rename",
        send: { name: "a/b:c 한옥", new_name: "plain" },
        gives: {
          registered_model: {
            name: "plain",
            creation_timestamp: "*",
            last_updated_timestamp: "*",
            description: "d",
            tags: [{ key: "k", value: "1" }],
          },
        },
      },
      {
        ask: "PATCH registered-models/update",
        send: { name: "plain", description: "e" },
        gives: "*",
      },
      {
        ask: "POST registered-models/set-tag",
        send: { name: "plain", key: "k", value: "" },
        gives: {},
      },
      {
        ask: "POST registered-models/set-tag",
        send: { name: "plain", key: "k", value: "x".repeat(100_001) },
        error: BAD,
        says: "'value' exceeds the maximum length of 100000 characters",
      },
      { ask: "DELETE registered-models/delete-tag", send: { name: "plain", key: "no" }, gives: {} },
      {
        ask: "GET registered-models/get?name=plain",
        gives: {
          registered_model: {
            name: "plain",
            creation_timestamp: "*",
            last_updated_timestamp: "*",
            description: "e",
            tags: [{ key: "k", value: "" }],
          },
        },
      },
      {
        ask: "GET registered-models/get?name=a",
        status: 404,
        error: NONE,
        says: "Registered Model with name=a not found",
      },
      { ask: "DELETE registered-models/delete", send: { name: "plain" }, gives: {} },
      {
        ask: "DELETE registered-models/delete",
        send: { name: "plain" },
        status: 404,
        error: NONE,
        says: "Registered Model with name=plain not found",
      },
      { ask: "GET registered-models/search", gives: {} },
    ],
  },
  {
    title: "registers versions, and never gives a number twice",
    exchanges: [
      ...make("m", 2),
      {
        ask: "POST model-versions/create",
        send: {
          name: "m",
          source: "runs:/run_id/other",
          run_id: "r1",
          run_link: "http://h/r1",
          description: "third",
          tags: [{ key: "k", value: "v" }],
        },
        gives: {
          model_version: version("m", 3, {
            source: "runs:/run_id/other",
            run_id: "r1",
            run_link: "http://h/r1",
            description: "third",
            tags: [{ key: "k", value: "v" }],
          }),
        },
      },
      { ask: "DELETE model-versions/delete", send: { name: "m", version: "3" }, gives: {} },
      {
        ask: "DELETE model-versions/delete",
        send: { name: "m", version: "3" },
        status: 404,
        error: NONE,
        says: "Model Version (name=m, version=3) not found",
      },
      {
        ask: "PATCH model-versions/update",
        send: { name: "m", version: "3", description: "x" },
        status: 404,
        error: NONE,
      },
      {
        ask: "POST model-versions/create",
        send: { name: "m", source: "runs:/run_id/model" },
        gives: { model_version: version("m", 4) },
      },
      {
        ask: "PATCH model-versions/update",
        send: { name: "m", version: "4", description: "x" },
        gives: { model_version: version("m", 4, { description: "x" }) },
      },
      {
        ask: "POST model-versions/set-tag",
        send: { name: "m", version: "4", key: "t", value: "u" },
        gives: {},
      },
      {
        ask: "GET model-versions/get?name=m&version=4",
        gives: {
          model_version: version("m", 4, {
            description: "x",
            tags: [{ key: "t", value: "u" }],
          }),
        },
      },
      {
        ask: "DELETE model-versions/delete-tag",
        send: { name: "m", version: "4", key: "t" },
        gives: {},
      },
      {
        ask: "GET model-versions/get?name=m&version=word",
        error: BAD,
        says: "Model version must be an integer",
      },
      { ask: "GET model-versions/get?name=m&version=9", status: 404, error: NONE },
      {
        ask: "POST model-versions/create",
        send: { name: "nobody", source: "runs:/run_id/model" },
        status: 404,
        error: NONE,
        says: "Registered Model with name=nobody not found",
      },
      {
        ask: "GET model-versions/get-download-uri?name=m&version=1",
        gives: { artifact_uri: "runs:/run_id/model" },
      },
      {
        ask: "POST model-versions/create",
        send: { name: "m", source: "models:/m/1" },
        gives: { model_version: version("m", 5, { source: "models:/m/1" }) },
      },
      {
        ask: "GET model-versions/get-download-uri?name=m&version=5",
        gives: { artifact_uri: "runs:/run_id/model" },
      },
      {
        ask: "POST model-versions/create",
        send: { name: "m", source: "models:/m/77" },
        error: BAD,
        says: "Unable to fetch model from model URI source artifact location",
      },
    ],
  },
  {
    title: "moves aliases",
    exchanges: [
      ...make("m", 2),
      {
        ask: "POST registered-models/alias",
        send: { name: "m", alias: "blue", version: "1" },
        gives: {},
      },
      {
        ask: "POST registered-models/alias",
        send: { name: "m", alias: "blue", version: 2 },
        error: BAD,
        says: "Invalid value 2 for parameter 'version'",
      },
      {
        ask: "POST registered-models/alias",
        send: { name: "m", alias: "blue", version: "2" },
        gives: {},
      },
      {
        ask: "GET registered-models/alias?name=m&alias=blue",
        gives: { model_version: version("m", 2, { aliases: ["blue"] }) },
      },
      {
        ask: "GET registered-models/get?name=m",
        gives: {
          registered_model: {
            name: "m",
            creation_timestamp: "*",
            last_updated_timestamp: "*",
            latest_versions: [version("m", 2)],
            aliases: [{ alias: "blue", version: "2" }],
          },
        },
      },
      {
        ask: "GET registered-models/alias?name=m&alias=red",
        status: 400,
        error: BAD,
        says: "Registered model alias red not found.",
      },
      ...([
        ["a b", "Names may only contain alphanumerics"],
        ["a/b", "Names may only contain alphanumerics"],
        ["Latest", "reserved"],
        ["V12", "reserved"],
        ["a".repeat(256), "exceeds the maximum length of 255"],
        ["", missing("alias")],
      ] as const).map(([alias, says]) => ({
        ask: "POST registered-models/alias",
        send: { name: "m", alias, version: "1" },
        error: BAD,
        says,
      })),
      {
        ask: "POST registered-models/alias",
        send: { name: "m", alias: "red", version: "9" },
        status: 404,
        error: NONE,
        says: "Model Version (name=m, version=9) not found",
      },
      { ask: "DELETE registered-models/alias", send: { name: "m", alias: "blue" }, gives: {} },
      { ask: "DELETE registered-models/alias", send: { name: "m", alias: "blue" }, gives: {} },
      {
        ask: "GET model-versions/get?name=m&version=2",
        gives: { model_version: version("m", 2) },
      },
    ],
  },
  {
    title: "moves stages, of which several versions may share one",
    exchanges: [
      ...make("m", 4),
      ...([["1", "archived"], ["2", "production"], ["3", "PRODUCTION"]] as const).map((
        [version, stage],
      ) => ({
        ask: "POST model-versions/transition-stage",
        send: { name: "m", version, stage },
        gives: "*",
      })),
      {
        ask: "POST registered-models/get-latest-versions",
        send: { name: "m" },
        gives: {
          model_versions: [
            version("m", 1, { current_stage: "Archived" }),
            version("m", 3, { current_stage: "Production" }),
            version("m", 4),
          ],
        },
      },
      {
        ask: "GET registered-models/get-latest-versions?name=m&stages=None&stages=staging",
        gives: { model_versions: [version("m", 4)] },
      },
      {
        ask: "GET model-versions/get?name=m&version=2",
        gives: {
          model_version: version("m", 2, { current_stage: "Production", aliases: ["champion"] }),
        },
      },
      {
        ask: "POST model-versions/transition-stage",
        send: { name: "m", version: "4", stage: "Production", archive_existing_versions: true },
        gives: {
          model_version: version("m", 4, { current_stage: "Production", aliases: ["champion"] }),
        },
      },
      ...["2", "3"].map((number) => ({
        ask: `GET model-versions/get?name=m&version=${number}`,
        gives: { model_version: version("m", +number, { current_stage: "Archived" }) },
      })),
      {
        ask: "POST model-versions/transition-stage",
        send: { name: "m", version: "4", stage: "Live" },
        error: BAD,
        says:
          "Invalid Model Version stage: Live. Value must be one of None, Staging, Production, " +
          "Archived.",
      },
      {
        ask: "POST model-versions/transition-stage",
        send: { name: "m", version: "4", stage: "None", archive_existing_versions: true },
        error: BAD,
        says: "is not an Active stage",
      },
      {
        ask: "POST model-versions/transition-stage",
        send: { name: "m", version: "9", stage: "None" },
        status: 404,
        error: NONE,
      },
    ],
  },
  {
    title: "searches models and versions",
    exchanges: [
      ...make("b", 1),
      ...make("a", 2),
      {
        ask: "POST registered-models/set-tag",
        send: { name: "b", key: "mlflow.prompt.is_prompt", value: "true" },
        gives: {},
      },
      ...([
        ["", ["a", "b"]],
        ["name = 'a'", ["a"]],
        ["name ILIKE '%A%'", ["a"]],
        ["name LIKE '%A%'", []],
        ["tags.`mlflow.prompt.is_prompt` = 'true'", ["b"]],
        // MLflow 3's clients always ask so, and mean models without the tag too.
        ["tag.`mlflow.prompt.is_prompt` != 'true'", ["a"]],
      ] as const).map(([filter, names]) => ({
        ask: `GET registered-models/search?filter=${encodeURIComponent(filter)}`,
        gives: names.length === 0 ? {} : { registered_models: names.map((name) => modelOf(name)) },
      })),
      {
        ask: "GET registered-models/search?max_results=1&order_by=name%20DESC",
        gives: {
          registered_models: [modelOf("b")],
          next_page_token: "$next",
        },
      },
      {
        ask: "GET registered-models/search?max_results=1&order_by=name%20DESC&page_token=$next",
        gives: { registered_models: [modelOf("a")] },
      },
      ...([
        ["name = 'a'", "order_by=version_number%20ASC", [["a", 1], ["a", 2]]],
        ["name = 'a'", "order_by=version_number%20DESC", [["a", 2], ["a", 1]]],
        ["version_number >= 2", "", [["a", 2]]],
        ["source_path = 'runs:/run_id/model' AND name = 'b'", "", [["b", 1]]],
        ["run_id IN ('x')", "", []],
      ] as const).map(([filter, order, ids]) => ({
        ask: `GET model-versions/search?filter=${encodeURIComponent(filter)}&${order}`,
        gives: ids.length === 0
          ? {}
          : { model_versions: ids.map(([name, number]) => version(name, number)) },
      })),
      ...([
        ["registered-models/search?max_results=1001", "Invalid value 1001 for parameter 'max_re"],
        ["registered-models/search?filter=run_id%20%3D%20'a'", "Invalid attribute key 'run_id'"],
        ["registered-models/search?order_by=nothing", "Invalid attribute key 'nothing'"],
        ["model-versions/search?max_results=200001", "Invalid value 200001 for parameter"],
        ["model-versions/search?page_token=x", "page token"],
      ] as const).map(([path, says]) => ({ ask: `GET ${path}`, error: BAD, says })),
    ],
  },
  {
    title: "takes only sources that are what they say",
    exchanges: [
      { ask: "POST registered-models/create", send: { name: "m" }, gives: "*" },
      { ask: "POST runs/create", send: {}, gives: { run: { info: "*", data: "*", inputs: {} } } },
      {
        ask: "POST experiments/create",
        send: { name: "local", artifact_location: "file:///srv/hanok" },
        gives: { experiment_id: "$exp" },
      },
      {
        ask: "POST runs/create",
        send: { experiment_id: "$exp", start_time: 1, run_name: "r" },
        gives: {
          run: {
            info: {
              run_id: "$run",
              run_uuid: "$run",
              run_name: "r",
              experiment_id: "$exp",
              user_id: "",
              status: "RUNNING",
              start_time: 1,
              artifact_uri: "file:///srv/hanok/$run/artifacts",
              lifecycle_stage: "active",
            },
            data: "*",
            inputs: {},
          },
        },
      },
      ...source([
        ["file:///srv/hanok/$run/artifacts", true],
        ["/srv/hanok/$run/artifacts/model", true],
        ["file:///srv/hanok/$run/artifacts/model/..", true],
        ["file:///srv/hanok/$run/artifacts/.", true],
        ["file:///srv/hanok/$run/artifacts/../..", false],
        ["file:///srv/hanok/$run/artifacts/%2e%2e/x", false],
        ["/etc", false],
        ["/srv/hanok/$run/artifacts-of-others", false],
        ["mlflow-artifacts:/models", true],
        ["mlflow-artifacts:/models///", true],
        ["mlflow-artifacts:/models/foo///bar", true],
        ["mlflow-artifacts://host:9000/models/artifact/..../", true],
        ["mlflow-artifacts://host:9000/models/../../../", false],
        ["http://host:9000/models/../../../", false],
        ["s3a://my_bucket/api/2.0/mlflow-artifacts/artifacts/../../../", false],
        ["mlflow-artifacts://host:9000/models/..%2f..%2fartifacts", false],
        ["mlflow-artifacts://host:9000/models/%252e%252e/x", false],
        ["mlflow-artifacts://host:9000/models/artifact%00", false],
        ["dbfs:/$run/artifacts/a%3f/../../../../../", false],
      ]),
      {
        ask: "POST model-versions/create",
        send: { name: "m", source: "file:///srv/hanok/$run/artifacts" },
        error: BAD,
        says: "To use a local path as a model version",
      },
      {
        ask: "POST model-versions/create",
        send: { name: "m", source: "file://123.456.789.123/path", run_id: "$run" },
        status: 500,
        error: "INTERNAL_ERROR",
        says: "is not a valid remote uri",
      },
    ],
  },
];

testContract(scenarios);

const act = { user: "mina", why: "test", at: 5 };

Deno.test("a model of a pipeline and one of a client are in one registry, both ways", async () => {
  await using server = await openContractServer();
  const { store } = server;
  for (const text of ["one", "two"]) {
    await registerChampion(store, "digits", text);
  }

  deepEqual(await stages(server), [["1", "Archived", []], ["2", "Production", [
    "candidate",
    "champion",
  ]]]);
  await rollback(store, "digits", act);
  deepEqual(await stages(server), [["1", "Production", ["champion"]], [
    "2",
    "Archived",
    ["candidate"],
  ]]);

  await send(server, "model-versions/transition-stage", {
    name: "digits",
    version: "2",
    stage: "Production",
    archive_existing_versions: true,
  });
  deepEqual((await findChampion(store, "digits"))?.version, 2);
  deepEqual((await getVersion(store, "digits/1")).state, "archived");

  await send(server, "model-versions/transition-stage", {
    name: "digits",
    version: "1",
    stage: "Production",
  });
  deepEqual((await findChampion(store, "digits"))?.version, 2, "two in Production say nothing");
  await send(server, "registered-models/alias", { name: "digits", alias: "blue", version: "1" });
  deepEqual((await stages(server)).map(([, stage]) => stage), ["Production", "Production"]);

  await approve(store, { name: "digits", version: 1 }, act);
  deepEqual(await stages(server), [["1", "Production", ["blue", "champion"]], [
    "2",
    "Archived",
    [],
  ]]);
  await moveAlias(store, { name: "digits", version: 2 }, "candidate", act);
  deepEqual((await stages(server))[1], ["2", "Archived", ["candidate"]]);
});

async function stages(server: ContractServer) {
  const found = [];
  for (const number of ["1", "2"]) {
    const response = await server.request(
      `/api/2.0/mlflow/model-versions/get?name=digits&version=${number}`,
    );
    const { version, current_stage, aliases = [] } = (await response.json()).model_version;
    found.push([version, current_stage, aliases]);
  }
  return found;
}

async function send(server: ContractServer, path: string, body: object): Promise<void> {
  const response = await server.request(`/api/2.0/mlflow/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  deepEqual(response.status, 200, await response.text());
}
