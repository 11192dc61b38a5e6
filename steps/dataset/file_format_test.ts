import { deepEqual } from "node:assert/strict";
import { type FileFormat, resolveFormat } from "./file_format.ts";

const csv: FileFormat = { kind: "delimited", delimiter: ",", quote: true };
const tsv: FileFormat = { kind: "delimited", delimiter: "\t", quote: false };
const jsonLines: FileFormat = { kind: "json-lines" };

const byFile: readonly { path: string; firstLine: string; format: FileFormat }[] = [
  { path: "a.csv", firstLine: "a,b", format: csv },
  { path: "A.CSV", firstLine: "a", format: csv },
  { path: "a.csv", firstLine: "a;b", format: { ...csv, delimiter: ";" } },
  { path: "a.csv", firstLine: "a;b,c", format: csv },
  { path: "a.tsv", firstLine: "a,b", format: tsv },
  { path: "ratings.txt", firstLine: "id\tdocument\tlabel", format: tsv },
  { path: "ratings.txt", firstLine: "a,b", format: csv },
  { path: "rows", firstLine: '{"a":1}', format: jsonLines },
  { path: "a.ndjson", firstLine: "", format: jsonLines },
];

for (const { path, firstLine, format } of byFile) {
  Deno.test(`resolveFormat() of ${path} with ${JSON.stringify(firstLine)}`, () => {
    deepEqual(resolveFormat({ path, format: "auto" }, firstLine), format);
  });
}

Deno.test("resolveFormat() lets what the user says win", () => {
  const firstLine = "a\tb";

  deepEqual(resolveFormat({ path: "a.csv", format: "tsv" }, firstLine), tsv);
  deepEqual(resolveFormat({ path: "a.tsv", format: "auto", quote: true }, firstLine), {
    ...tsv,
    quote: true,
  });
  deepEqual(resolveFormat({ path: "a.csv", format: "auto", delimiter: "|", quote: false }, ""), {
    kind: "delimited",
    delimiter: "|",
    quote: false,
  });
});
