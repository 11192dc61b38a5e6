import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import type { ModelSignature } from "../../pipeline/mod.ts";
import { scoringCsv, scoringRows } from "./scoring_rows.ts";

const SIGNATURE: ModelSignature = {
  task: "classification",
  inputs: [
    { name: "a", type: "number", nullable: false },
    { name: "b", type: "string", nullable: true },
  ],
  labels: ["no", "yes"],
  tensors: { inputs: [], outputs: [] },
};

const ROWS = [{ a: 1, b: "x" }, { a: 2.5, b: null }];

for (
  const { title, body } of [
    {
      title: "dataframe_split, columns in any order, others left out",
      body: {
        dataframe_split: {
          columns: ["b", "z", "a"],
          index: [7, 8],
          data: [["x", 9, 1], [null, 9, 2.5]],
        },
      },
    },
    { title: "dataframe_records", body: { dataframe_records: [{ a: 1, b: "x" }, { a: 2.5 }] } },
    { title: "instances by name", body: { instances: ROWS } },
    { title: "inputs by column", body: { inputs: { a: [1, 2.5], b: ["x", null] } } },
  ]
) {
  Deno.test(`scoringRows() takes ${title}`, () => {
    deepEqual(scoringRows(SIGNATURE, { ...body, params: { k: 1 } }), {
      rows: ROWS,
      params: { k: 1 },
      isWrapped: true,
    });
  });
}

Deno.test("scoringRows() keeps rows by place as they are", () => {
  deepEqual(scoringRows(SIGNATURE, { instances: [[1, "x"], 3] }).rows, [[1, "x"], [3]]);
  deepEqual(scoringRows(SIGNATURE, { inputs: [[1, "x"]] }).rows, [[1, "x"]]);
});

Deno.test("scoringRows() takes the text of a completion client, and does not wrap its answer", () => {
  deepEqual(scoringRows(SIGNATURE, { prompt: "hello" }), {
    rows: ["hello"],
    params: {},
    isWrapped: false,
  });
});

for (
  const { title, body, message } of [
    { title: "a list", body: [1], message: /exactly one of the input fields/ },
    { title: "two fields", body: { instances: [], inputs: [] }, message: /exactly one/ },
    { title: "an unknown field", body: { instances: [], more: 1 }, message: /'more'/ },
    {
      title: "a line too short",
      body: { dataframe_split: { columns: ["a", "b"], data: [[1]] } },
      message: /row 1/,
    },
    {
      title: "columns of different length",
      body: { inputs: { a: [1], b: [] } },
      message: /one length/,
    },
    { title: "params that are a list", body: { instances: [], params: [] }, message: /params/ },
  ]
) {
  Deno.test(`scoringRows() refuses ${title}`, () => {
    throws(() => scoringRows(SIGNATURE, body), { errorCode: "BAD_REQUEST", message });
  });
}

Deno.test("scoringRows() names the inputs that are missing, in MLflow's words", () => {
  throws(() => scoringRows(SIGNATURE, { dataframe_records: [{ b: "x" }] }), {
    errorCode: "INVALID_PARAMETER_VALUE",
    message: /Model is missing inputs \['a'\]/,
  });
});

Deno.test("scoringCsv() reads values as the signature's types", async () => {
  deepEqual((await scoringCsv(SIGNATURE, "b,a\r\nx,1\n,2.5\n")).rows, ROWS);
  const { rows: [row] } = await scoringCsv(SIGNATURE, 'a,b\nwide,"x, y"\n');
  deepEqual(row, { a: "wide", b: "x, y" });
  equal((await scoringCsv(SIGNATURE, "a\nnan\n")).rows.length, 1);
});

Deno.test("scoringCsv() refuses what is no table", async () => {
  await rejects(scoringCsv(SIGNATURE, ""), { errorCode: "BAD_REQUEST" });
  await rejects(scoringCsv(SIGNATURE, 'a,b\n"1'), { errorCode: "BAD_REQUEST" });
});
