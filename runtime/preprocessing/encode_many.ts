import { isTextFeature, type Preprocessor, type RowList, type Tensor } from "../../pipeline/mod.ts";
import { inOrder } from "./ordered_workers.ts";

/** Lists that are encoded without a worker: to ready the n-grams there takes longer. */
const FEW_LISTS = 16;

/**
 * Encodes lists of rows, those of texts on all cores, and gives them back with their tensors in the order of the lists.
 *
 * @throws {ExplainedError} What `Preprocessor.encode` throws of the first list that has a refused value.
 */
export async function* encodeMany<List extends RowList>(
  preprocessor: Preprocessor,
  lists: AsyncIterable<List>,
): AsyncGenerator<readonly [List, Record<string, Tensor>], void, undefined> {
  const alone = ({ rows, firstRow = 0 }: List) => preprocessor.encode(rows, { firstRow });
  const text = preprocessor.fitted.features.find(isTextFeature)?.column;
  if (text === undefined) {
    // Numbers are encoded faster than they could be sent.
    for await (const list of lists) yield [list, alone(list)];
    return;
  }
  const work = {
    few: FEW_LISTS,
    module: new URL("./encode_worker.ts", import.meta.url),
    setup: preprocessor.fitted,
    // Texts alone: objects take longer to be sent.
    question: ({ rows }: List) => rows.map((row) => row[text]),
    alone: (list: List): Record<string, Tensor> | null => alone(list),
  };
  for await (const [list, tensors] of inOrder(lists, work)) yield [list, tensors ?? alone(list)];
}
