import { resolve } from "node:path";
import { readSettings } from "../../runtime/settings.ts";
import { type Exchange, type Scenario, testContract } from "./_contract.ts";

// Every answer is MLflow 2.17's, as its reference and its own tests have it: a change of one breaks clients.

const missing = (name: string) => `Missing value for required parameter '${name}'`;
const BAD = "INVALID_PARAMETER_VALUE";
const NONE = "RESOURCE_DOES_NOT_EXIST";

const begin: readonly Exchange[] = [
  { ask: "POST experiments/create", send: { name: "trials" }, gives: { experiment_id: "$exp" } },
  {
    ask: "POST runs/create",
    send: { experiment_id: "$exp", start_time: 5, run_name: "one", user_id: "mina" },
    gives: {
      run: {
        info: {
          run_id: "$run",
          run_uuid: "$run",
          run_name: "one",
          experiment_id: "$exp",
          user_id: "mina",
          status: "RUNNING",
          start_time: 5,
          artifact_uri: "mlflow-artifacts:/$exp/$run/artifacts",
          lifecycle_stage: "active",
        },
        data: { tags: [{ key: "mlflow.runName", value: "one" }] },
        inputs: {},
      },
    },
  },
];

const refused = (
  ask: string,
  cases: readonly (readonly [unknown, string])[],
): Exchange[] => cases.map(([send, says]) => ({ ask, send, error: BAD, says }));

const scenarios: readonly Scenario[] = [
  {
    title: "makes, finds, renames, deletes and restores experiments",
    exchanges: [
      {
        ask: "GET experiments/get?experiment_id=0",
        gives: {
          experiment: {
            experiment_id: "0",
            name: "Default",
            artifact_location: "mlflow-artifacts:/0",
            lifecycle_stage: "active",
            creation_time: "*",
            last_update_time: "*",
          },
        },
      },
      {
        ask: "POST experiments/create",
        send: {
          name: "My Experiment",
          artifact_location: "s3://bucket/here",
          tags: [{ key: "key1", value: "val1" }, { key: "key2", value: "" }],
        },
        gives: { experiment_id: "$exp" },
      },
      {
        ask: "GET experiments/get-by-name?experiment_name=My%20Experiment",
        gives: {
          experiment: {
            experiment_id: "$exp",
            name: "My Experiment",
            artifact_location: "s3://bucket/here",
            lifecycle_stage: "active",
            creation_time: "*",
            last_update_time: "*",
            tags: [{ key: "key1", value: "val1" }, { key: "key2", value: "" }],
          },
        },
      },
      {
        ask: "POST experiments/create",
        send: { name: "My Experiment" },
        error: "RESOURCE_ALREADY_EXISTS",
        says: "Experiment(name=My Experiment) already exists",
      },
      {
        ask: "POST experiments/create",
        send: { name: "relative", artifact_location: "some/where" },
        gives: { experiment_id: "$relative" },
      },
      {
        ask: "GET experiments/get?experiment_id=$relative",
        gives: {
          experiment: {
            experiment_id: "$relative",
            name: "relative",
            artifact_location: resolve(readSettings().cwd, "some/where"),
            lifecycle_stage: "active",
            creation_time: "*",
            last_update_time: "*",
          },
        },
      },
      ...([
        ["s3://bucket/a/", "s3://bucket/a/$run1/artifacts"],
        ["s3://bucket/a?region=x", "s3://bucket/a/$run2/artifacts?region=x"],
        ["/srv/a?b/", "/srv/a?b/$run3/artifacts"],
      ] as const).flatMap(([place, artifacts], index): Exchange[] => [
        {
          ask: "POST experiments/create",
          send: { name: place, artifact_location: place },
          gives: { experiment_id: `$place${index + 1}` },
        },
        {
          ask: "POST runs/create",
          send: { experiment_id: `$place${index + 1}`, start_time: 1, run_name: "r" },
          gives: {
            run: {
              info: {
                run_id: `$run${index + 1}`,
                run_uuid: `$run${index + 1}`,
                run_name: "r",
                experiment_id: `$place${index + 1}`,
                user_id: "",
                status: "RUNNING",
                start_time: 1,
                artifact_uri: artifacts,
                lifecycle_stage: "active",
              },
              data: "*",
              inputs: {},
            },
          },
        },
        {
          ask: `GET experiments/get?experiment_id=$place${index + 1}`,
          gives: {
            experiment: {
              experiment_id: `$place${index + 1}`,
              name: place,
              artifact_location: place,
              lifecycle_stage: "active",
              creation_time: "*",
              last_update_time: "*",
            },
          },
        },
      ]),
      {
        ask: "GET experiments/get-by-name?experiment_name=nobody",
        status: 404,
        error: NONE,
        says: "Could not find experiment with name 'nobody'",
      },
      {
        ask: "GET experiments/get?experiment_id=77",
        status: 404,
        error: NONE,
        says: "No Experiment with id=77 exists",
      },
      { ask: "GET experiments/get?experiment_id=%21", error: BAD, says: "Invalid experiment ID" },
      {
        ask: "POST experiments/update",
        send: { experiment_id: "$exp", new_name: "Renamed" },
        gives: {},
      },
      { ask: "POST experiments/delete", send: { experiment_id: "$exp" }, gives: {} },
      {
        ask: "POST experiments/delete",
        send: { experiment_id: "$exp" },
        status: 404,
        error: NONE,
        says: "No Experiment with id=$exp exists",
      },
      {
        ask: "POST experiments/update",
        send: { experiment_id: "$exp", new_name: "Again" },
        status: 500,
        error: "INVALID_STATE",
        says: "Cannot rename a non-active experiment.",
      },
      {
        ask: "POST experiments/create",
        send: { name: "Renamed" },
        error: "RESOURCE_ALREADY_EXISTS",
      },
      {
        ask: "POST experiments/set-experiment-tag",
        send: { experiment_id: "$exp", key: "a", value: "b" },
        error: BAD,
        says: "The experiment $exp must be in the 'active' state. Current state is deleted.",
      },
      { ask: "POST runs/create", send: { experiment_id: "$exp" }, error: BAD, says: "active" },
      { ask: "POST experiments/restore", send: { experiment_id: "$exp" }, gives: {} },
      {
        ask: "POST experiments/restore",
        send: { experiment_id: "$exp" },
        status: 404,
        error: NONE,
        says: "No Experiment with id=$exp exists",
      },
      {
        ask: "POST experiments/set-experiment-tag",
        send: { experiment_id: "$exp", key: "multiline tag", value: "a\nb" },
        gives: {},
      },
      {
        ask: "POST experiments/delete-experiment-tag",
        send: { experiment_id: "$exp", key: "key1" },
        gives: {},
      },
      {
        ask: "POST experiments/delete-experiment-tag",
        send: { experiment_id: "$exp", key: "key1" },
        status: 404,
        error: NONE,
      },
      {
        ask: "GET experiments/get?experiment_id=$exp",
        gives: {
          experiment: {
            experiment_id: "$exp",
            name: "Renamed",
            artifact_location: "s3://bucket/here",
            lifecycle_stage: "active",
            creation_time: "*",
            last_update_time: "*",
            tags: [{ key: "key2", value: "" }, { key: "multiline tag", value: "a\nb" }],
          },
        },
      },
    ],
  },
  {
    title: "refuses what is no experiment",
    exchanges: [
      ...refused("POST experiments/create", [
        [{}, missing("name")],
        [{ name: "" }, missing("name")],
        [{ name: 123 }, "Invalid value 123 for parameter 'name'"],
        [{ name: "a", tags: "5" }, `Invalid value "5" for parameter 'tags'`],
        ['{"name": "a", "artifact_location": 9.0}', "Invalid value 9.0 for parameter 'artifact_"],
        [{ name: "x".repeat(501) }, "'name' exceeds the maximum length of 500 characters"],
        [{ name: "a", artifact_location: "runs:/1/a" }, "Invalid artifact location"],
        [{ name: "a", artifact_location: "http://h/a#b" }, "can't include fragments or params"],
        [{ name: "a", artifact_location: "http://h/a;b" }, "can't include fragments or params"],
        [{ name: "a", artifact_location: "s3://b/../c" }, "upward"],
        [{ name: "a", artifact_location: "s3://b/%252e%252e/c" }, "upward"],
        [{ name: "a", artifact_location: "http://h/a?b=/../c" }, "Invalid query string"],
        [{ name: "a", artifact_location: "http://h/a?b=%252e%252e" }, "Invalid query string"],
        [{ name: "a", tags: [5] }, "Invalid value [5] for parameter 'tags'"],
      ]),
      ...refused("POST experiments/set-experiment-tag", [
        [{ experiment_id: "0", value: "b" }, missing("key")],
        [{ experiment_id: "0", key: "a", value: "b".repeat(5001) }, "length of 5000 characters"],
      ]),
    ],
  },
  {
    title: "speaks JSON as MLflow does",
    exchanges: [
      ...begin,
      {
        ask: "POST experiments/create",
        send: '{"name": "a"}',
        type: "text/plain",
        error: BAD,
        says: "Bad Request. Content-Type must be one of ['application/json'].",
      },
      {
        ask: "POST experiments/create",
        send: JSON.stringify(JSON.stringify({ name: "encoded twice" })),
        gives: { experiment_id: "2" },
      },
      { ask: "POST experiments/create", send: "no JSON", error: BAD, says: missing("name") },
      {
        ask: "POST experiments/create",
        send: { name: "unknown field", surprise: 1 },
        gives: { experiment_id: "3" },
      },
      { ask: "POST runs/create", send: { experiment_id: 2 }, gives: { run: "*" } },
      {
        ask: "POST runs/log-metric",
        send: { run_uuid: "$run", key: "m", value: "1.5", timestamp: "7", step: "-2" },
        gives: {},
      },
      {
        ask: "POST runs/log-metric",
        send: `{"run_id": "$run", "key": "bare", "value": NaN, "timestamp": 1}`,
        gives: {},
      },
      {
        ask: "GET /ajax-api/2.0/mlflow/metrics/get-history?run_uuid=$run&metric_key=m",
        gives: { metrics: [{ key: "m", value: 1.5, timestamp: 7, step: -2 }] },
      },
      { ask: "POST runs/update", send: { run_id: "$run", status: "BOGUS" }, gives: "*" },
      {
        ask: "POST runs/update",
        send: { run_id: "$run", status: 3, end_time: "9" },
        gives: {
          run_info: {
            run_id: "$run",
            run_uuid: "$run",
            run_name: "one",
            experiment_id: "$exp",
            user_id: "mina",
            status: "FINISHED",
            start_time: 5,
            end_time: 9,
            artifact_uri: "mlflow-artifacts:/$exp/$run/artifacts",
            lifecycle_stage: "active",
          },
        },
      },
      { ask: "GET runs/unknown", status: 404, gives: "*" },
      { ask: "GET runs/create", status: 405, gives: "*" },
      { ask: "GET /health", gives: "OK" },
    ],
  },
  {
    title: "keeps metrics, params and tags of a run",
    exchanges: [
      ...begin,
      ...[["nan", "NaN"], ["inf", "Infinity"], ["minf", "-Infinity"], ["b", 2]].map((
        [key, value],
      ) => ({
        ask: "POST runs/log-metric",
        send: { run_id: "$run", key, value, timestamp: 1 },
        gives: {},
      })),
      {
        ask: "POST runs/log-batch",
        send: {
          run_id: "$run",
          metrics: [
            { key: "b", value: 9, timestamp: 1, step: -1 },
            { key: "b", value: 1, timestamp: 1 },
            { key: "b", value: 1, timestamp: 1 },
          ],
          params: [{ key: "p", value: "1" }, { key: "empty" }],
          tags: [{ key: "t", value: "v" }],
        },
        gives: {},
      },
      {
        ask: "POST runs/log-parameter",
        send: { run_id: "$run", key: "p", value: "1" },
        gives: {},
      },
      {
        ask: "POST runs/log-parameter",
        send: { run_id: "$run", key: "p", value: "2" },
        error: BAD,
        says: "Changing param values is not allowed. Param with key='p' was already logged with " +
          "value='1' for run ID='$run'. Attempted logging new value '2'.",
      },
      {
        ask: "POST runs/log-batch",
        send: { run_id: "$run", params: [{ key: "p", value: "3" }, { key: "empty", value: "x" }] },
        error: BAD,
        says: "Changing param values is not allowed. Params were already logged",
      },
      { ask: "POST runs/set-tag", send: { run_id: "$run", key: "e", value: "" }, gives: {} },
      {
        ask: "POST runs/set-tag",
        send: { run_id: "$run", key: "mlflow.runName", value: "two" },
        gives: {},
      },
      { ask: "POST runs/delete-tag", send: { run_id: "$run", key: "t" }, gives: {} },
      {
        ask: "POST runs/delete-tag",
        send: { run_id: "$run", key: "t" },
        status: 404,
        error: NONE,
        says: "No tag with name: t in run with id $run",
      },
      {
        ask: "GET runs/get?run_id=$run",
        gives: {
          run: {
            info: {
              run_id: "$run",
              run_uuid: "$run",
              run_name: "two",
              experiment_id: "$exp",
              user_id: "mina",
              status: "RUNNING",
              start_time: 5,
              artifact_uri: "*",
              lifecycle_stage: "active",
            },
            data: {
              metrics: [
                { key: "b", value: 2, timestamp: 1, step: 0 },
                { key: "inf", value: 1.7976931348623157e308, timestamp: 1, step: 0 },
                { key: "minf", value: -1.7976931348623157e308, timestamp: 1, step: 0 },
                { key: "nan", value: "NaN", timestamp: 1, step: 0 },
              ],
              params: [{ key: "empty", value: "" }, { key: "p", value: "1" }],
              tags: [{ key: "e", value: "" }, { key: "mlflow.runName", value: "two" }],
            },
            inputs: {},
          },
        },
      },
      {
        ask: "GET metrics/get-history?run_id=$run&metric_key=b&max_results=2",
        gives: {
          metrics: [
            { key: "b", value: 2, timestamp: 1, step: 0 },
            { key: "b", value: 9, timestamp: 1, step: -1 },
          ],
          next_page_token: "$next",
        },
      },
      {
        ask: "GET metrics/get-history?run_id=$run&metric_key=b&max_results=2&page_token=$next",
        gives: { metrics: [{ key: "b", value: 1, timestamp: 1, step: 0 }] },
      },
      { ask: "GET metrics/get-history?run_id=$run&metric_key=none", gives: {} },
      {
        ask: "GET metrics/get-history?run_id=$run&metric_key=b&page_token=x",
        error: BAD,
      },
      {
        ask: "GET metrics/get-history?run_id=nobody&metric_key=b",
        status: 404,
        error: NONE,
        says: "Run with id=nobody not found",
      },
      {
        ask: "GET /ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id=$run&metric_key=nan",
        gives: { metrics: [{ key: "nan", value: "NaN", timestamp: 1, step: 0, run_id: "$run" }] },
      },
    ],
  },
  {
    title: "refuses what cannot be logged",
    exchanges: [
      ...begin,
      ...refused("POST runs/log-metric", [
        [
          { run_id: 31, key: "m", value: 1, timestamp: 1 },
          "Invalid value 31 for parameter 'run_id'",
        ],
        [
          { run_id: "$run", key: 31, value: 1, timestamp: 1 },
          "Invalid value 31 for parameter 'key'",
        ],
        [{ run_id: "$run", value: 1, timestamp: 1 }, missing("key")],
        [{ run_id: "$run", key: "m", timestamp: 1 }, missing("value")],
        [{ run_id: "$run", key: "m", value: 1 }, missing("timestamp")],
        [{ key: "m", value: 1, timestamp: 1 }, missing("run_id")],
        [
          { run_id: "$run", key: "m", value: true, timestamp: 1 },
          "Invalid value true for parameter",
        ],
        [{ run_id: "$run", key: "m", value: "x", timestamp: 1 }, `Invalid value "x" for parameter`],
        [
          { run_id: "$run", key: "m", value: 1, timestamp: "foo" },
          `Invalid value "foo" for parameter 'timestamp' supplied`,
        ],
        [
          { run_id: "$run", key: "m", value: 1, timestamp: 1, step: "foo" },
          `Invalid value "foo" for parameter 'step' supplied`,
        ],
        [{ run_id: "$run", key: "m", value: 1, timestamp: -1 }, "nonnegative long"],
        [{ run_id: "$run", key: "a;b", value: 1, timestamp: 1 }, "Names may only contain"],
        [{ run_id: "$run", key: "/a", value: 1, timestamp: 1 }, "must not resolve to other names"],
        [{ run_id: "$run", key: "../a", value: 1, timestamp: 1 }, "would resolve to '../a'"],
        [{ run_id: "$run", key: "a//b", value: 1, timestamp: 1 }, "would resolve to 'a/b'"],
        [{ run_id: "$run", key: ".", value: 1, timestamp: 1 }, "would resolve to '.'"],
        [
          { run_id: "$run", key: "k".repeat(251), value: 1, timestamp: 1 },
          "'Metric name' exceeds the maximum length of 250 characters",
        ],
      ]),
      ...refused("POST runs/log-batch", [
        [{ run_id: "no run!" }, `Invalid value "no run!" for parameter 'run_id' supplied`],
        [
          { run_id: "$run", metrics: "foo" },
          `Invalid value "foo" for parameter 'metrics' supplied`,
        ],
        [{ run_id: "$run", params: "foo" }, `Invalid value "foo" for parameter 'params' supplied`],
        [{ run_id: "$run", tags: "foo" }, `Invalid value "foo" for parameter 'tags' supplied`],
        [{ run_id: "$run", metrics: [{ key: "m", value: 2.5 }] }, missing("metrics[0].timestamp")],
        [{ run_id: "$run", params: [{ key: "a" }, { value: "b" }] }, missing("params[1].key")],
        [{ run_id: "$run", tags: [{ key: "a" }, {}] }, missing("tags[1].key")],
        [
          { run_id: "$run", metrics: [{ key: "/m", value: 1, timestamp: 1 }] },
          "for parameter 'metrics[0].name' supplied",
        ],
        [{ run_id: "$run", params: [{ key: "a;" }] }, "for parameter 'params[0].key' supplied"],
        [
          { run_id: "$run", tags: [{ key: "a", value: 3 }] },
          "Invalid value 3 for parameter 'tags[0].value'",
        ],
        [
          { run_id: "$run", params: [{ key: "a", value: "1" }, { key: "a", value: "1" }] },
          "Duplicate parameter keys have been submitted: ['a']",
        ],
        [
          {
            run_id: "$run",
            metrics: Array.from({ length: 1001 }, (_, step) => (
              { key: "m", value: 1, timestamp: 1, step }
            )),
          },
          "A batch logging request can contain at most 1000 metrics. Got 1001 metrics.",
        ],
        [
          {
            run_id: "$run",
            params: Array.from({ length: 101 }, (_, i) => ({ key: `p${i}`, value: "" })),
          },
          "can contain at most 100 params",
        ],
        [{ run_id: "$run", tags: [{ key: "t", value: "x".repeat(1_000_001) }] }, "at most 1000000"],
      ]),
      ...refused("POST runs/log-parameter", [
        [{ run_id: 31, key: "p", value: "1" }, "Invalid value 31 for parameter 'run_id' supplied"],
        [{ run_id: "$run", key: 31, value: "1" }, "Invalid value 31 for parameter 'key' supplied"],
      ]),
      ...refused("POST runs/set-tag", [
        [
          { run_id: "$run", key: "t", value: 41 },
          "Invalid value 41 for parameter 'value' supplied",
        ],
        [{ run_id: "$run", value: "v" }, missing("key")],
      ]),
      ...refused("POST runs/create", [
        [
          { run_name: "a", tags: [{ key: "mlflow.runName", value: "b" }] },
          "Both 'run_name' argument and 'mlflow.runName' tag are specified",
        ],
        [{ start_time: "x" }, `Invalid value "x" for parameter 'start_time'`],
      ]),
      { ask: "POST runs/create", send: { experiment_id: "9" }, status: 404, error: NONE },
      {
        ask: "POST runs/log-metric",
        send: { run_id: "nobody", key: "m", value: 1, timestamp: 1 },
        status: 404,
        error: NONE,
        says: "Run with id=nobody not found",
      },
      { ask: "POST runs/delete", send: { run_id: "$run" }, gives: {} },
      { ask: "POST runs/delete", send: { run_id: "$run" }, gives: {} },
      ...["POST runs/log-parameter", "POST runs/set-tag", "POST runs/delete-tag"].map((ask) => ({
        ask,
        send: { run_id: "$run", key: "a", value: "b" },
        error: BAD,
        says: "The run $run must be in the 'active' state. Current state is deleted.",
      })),
      { ask: "POST runs/restore", send: { run_id: "$run" }, gives: {} },
      { ask: "POST runs/restore", send: { run_id: "nobody" }, status: 404, error: NONE },
    ],
  },
  {
    title: "cuts values that are too long",
    exchanges: [
      ...begin,
      {
        ask: "POST runs/log-batch",
        send: {
          run_id: "$run",
          params: [{ key: "p", value: "x".repeat(6001) }],
          tags: [{ key: "t", value: "가".repeat(8001) }],
        },
        gives: {},
      },
      {
        ask: "GET runs/get?run_id=$run",
        gives: {
          run: {
            info: "*",
            data: {
              params: [{ key: "p", value: "x".repeat(6000) }],
              tags: [{ key: "mlflow.runName", value: "one" }, {
                key: "t",
                value: "가".repeat(8000),
              }],
            },
            inputs: {},
          },
        },
      },
    ],
  },
  {
    title: "keeps inputs, and the history of logged models",
    exchanges: [
      ...begin,
      {
        ask: "POST runs/log-inputs",
        send: {
          run_id: "$run",
          datasets: [{
            tags: [{ key: "mlflow.data.context", value: "training" }],
            dataset: { name: "n", digest: "d", source_type: "local", source: "s", profile: "{}" },
          }],
        },
        gives: {},
      },
      {
        ask: "POST experiments/search-datasets",
        send: { experiment_ids: ["$exp"] },
        gives: {
          dataset_summaries: [
            { experiment_id: "$exp", name: "n", digest: "d", context: "training" },
          ],
        },
      },
      ...refused("POST experiments/search-datasets", [
        [{}, "SearchDatasets request must specify at least one experiment_id."],
        [
          { experiment_ids: Array.from({ length: 21 }, (_, i) => `${i}`) },
          "SearchDatasets request cannot specify more than 20",
        ],
      ]),
      ...refused("POST runs/log-inputs", [
        [{ datasets: [] }, missing("run_id")],
        [{ run_id: "$run" }, missing("datasets")],
        [
          {
            run_id: "no run!",
            datasets: [{ dataset: { name: "n", digest: "d", source_type: "s", source: "x" } }],
          },
          `Invalid value "no run!" for parameter 'run_id' supplied`,
        ],
        [
          { run_id: "$run", datasets: [{ dataset: { name: "n" } }] },
          missing("datasets[0].dataset.digest"),
        ],
        [
          {
            run_id: "$run",
            datasets: [{
              dataset: { name: "n", digest: "d".repeat(37), source_type: "s", source: "s" },
            }],
          },
          "'digest' exceeds the maximum length of 36 characters",
        ],
      ]),
      {
        ask: "POST runs/log-model",
        send: {
          run_id: "$run",
          model_json:
            `{"artifact_path":"model","run_id":"r","utc_time_created":"t","model_uuid":"u",
            "flavors":{"f":{"a":1,"config":{"b":2}}},"signature":{"inputs":"[]"}}`,
        },
        gives: {},
      },
      ...refused("POST runs/log-model", [
        [{ run_id: "$run", model_json: "{" }, "is not a valid JSON"],
        [
          { run_id: "$run", model_json: `{"artifact_path":"m","run_id":"r"}` },
          "Model json is missing mandatory fields: {'flavors', 'utc_time_created'}",
        ],
      ]),
      {
        ask: "GET runs/get?run_id=$run",
        gives: {
          run: {
            info: "*",
            data: {
              tags: [
                {
                  key: "mlflow.log-model.history",
                  value: '[{"run_id":"r","utc_time_created":"t","artifact_path":"model",' +
                    '"model_uuid":"u","flavors":{"f":{"a":1}}}]',
                },
                { key: "mlflow.runName", value: "one" },
              ],
            },
            inputs: {
              dataset_inputs: [{
                tags: [{ key: "mlflow.data.context", value: "training" }],
                dataset: {
                  name: "n",
                  digest: "d",
                  source_type: "local",
                  source: "s",
                  profile: "{}",
                },
              }],
            },
          },
        },
      },
    ],
  },
  {
    title: "samples histories of several runs",
    exchanges: [
      ...begin,
      {
        ask: "POST runs/log-batch",
        send: {
          run_id: "$run",
          metrics: Array.from({ length: 10 }, (_, step) => (
            { key: "m", value: 10, timestamp: 1, step }
          )),
        },
        gives: {},
      },
      {
        ask: "GET metrics/get-history-bulk-interval?run_ids=$run&metric_key=m&max_results=5",
        gives: {
          metrics: [0, 2, 4, 6, 8, 9].map((step) => (
            { key: "m", value: 10, timestamp: 1, step, run_id: "$run" }
          )),
        },
      },
      {
        ask: "GET metrics/get-history-bulk-interval?run_ids=$run&metric_key=m&max_results=5" +
          "&start_step=0&end_step=4",
        gives: {
          metrics: [0, 1, 2, 3, 4].map((step) => (
            { key: "m", value: 10, timestamp: 1, step, run_id: "$run" }
          )),
        },
      },
      {
        ask: "GET metrics/get-history-bulk?run_id=$run&metric_key=m&max_results=1",
        gives: { metrics: [{ key: "m", value: 10, timestamp: 1, step: 0, run_id: "$run" }] },
      },
      ...([
        ["bulk?metric_key=m", "must specify at least one run_id"],
        ["bulk?run_id=1", "must specify a metric_key"],
        ["bulk?metric_key=m&" + "run_id=1&".repeat(101), "cannot specify more than 100 run_ids"],
        ["bulk-interval?metric_key=m", missing("run_ids")],
        ["bulk-interval?run_ids=1", missing("metric_key")],
        ["bulk-interval?run_ids=1&metric_key=", missing("metric_key")],
        [
          "bulk-interval?metric_key=m&" + "run_ids=1&".repeat(101),
          "GetMetricHistoryBulkInterval request must specify at most 100 run_ids.",
        ],
        ["bulk-interval?run_ids=1&metric_key=m&max_results=0", "must be between 1 and 2500"],
        [
          "bulk-interval?run_ids=1&metric_key=m&start_step=1&end_step=0",
          "end_step must be greater than start_step. ",
        ],
        [
          "bulk-interval?run_ids=1&metric_key=m&start_step=1",
          "If either start step or end step are specified, both must be specified.",
        ],
      ] as const).map(([query, says]) => (
        { ask: `GET metrics/get-history-${query}`, error: BAD, says }
      )),
    ],
  },
];

testContract(scenarios);
