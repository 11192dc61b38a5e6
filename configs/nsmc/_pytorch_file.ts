import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";

/** A float32 tensor of a state dict. */
export interface StateTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** A `pytorch_model.bin` as `torch.save(state_dict)` writes it: a zip of a pickle and one file a storage, nothing compressed. */
export function pytorchFile(
  tensors: Readonly<Record<string, StateTensor>>,
): Uint8Array<ArrayBuffer> {
  const all = Object.entries(tensors);
  return zipFile([
    ["archive/data.pkl", pickled(all)],
    ...all.map(([, { data }], key): [string, Uint8Array] => [
      `archive/data/${key}`,
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    ]),
    ["archive/version", new TextEncoder().encode("3\n")],
  ]);
}

/** Protocol 2: `OrderedDict` of `_rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())`. */
function pickled(tensors: readonly (readonly [string, StateTensor])[]): Uint8Array {
  const out: number[] = [];
  const bytes = (...values: number[]) => out.push(...values);
  const ascii = (text: string) => bytes(...new TextEncoder().encode(text));
  const int = (value: number) => bytes(0x4a, ...new Uint8Array(new Int32Array([value]).buffer)); // BININT
  const text = (value: string) => {
    const encoded = new TextEncoder().encode(value);
    bytes(0x58, ...new Uint8Array(new Uint32Array([encoded.length]).buffer), ...encoded);
  };
  const global = (module: string, name: string) => ascii(`c${module}\n${name}\n`);
  const tuple = (values: readonly number[]) => {
    ascii("(");
    values.forEach(int);
    ascii("t");
  };
  const dictionary = () => {
    global("collections", "OrderedDict");
    ascii(")R"); // EMPTY_TUPLE, REDUCE
  };
  bytes(0x80, 2); // PROTO 2
  dictionary();
  ascii("("); // MARK
  tensors.forEach(([name, { shape, data }], key) => {
    text(name);
    global("torch._utils", "_rebuild_tensor_v2");
    ascii("(("); // arguments, and the reference to the storage
    text("storage");
    global("torch", "FloatStorage");
    text(String(key));
    text("cpu");
    int(data.length);
    ascii("tQ"); // TUPLE, BINPERSID
    int(0);
    tuple(shape);
    tuple(
      shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1)),
    );
    bytes(0x89); // False
    dictionary();
    ascii("tR");
  });
  ascii("u."); // SETITEMS, STOP
  return Uint8Array.from(out);
}

/** A zip archive with stored entries. */
function zipFile(files: readonly (readonly [string, Uint8Array])[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [path, content] of files) {
    const name = Buffer.from(path);
    const facts = Buffer.alloc(26); // from "version needed" to "extra length"
    facts.writeUInt16LE(20, 0);
    facts.writeUInt32LE(crc32(content), 10);
    facts.writeUInt32LE(content.length, 14);
    facts.writeUInt32LE(content.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14); // comment length to offset
    place.writeUInt32LE(at, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00"), facts, place, name);
    const local = [Buffer.from("PK\x03\x04"), facts, name, content];
    parts.push(...local);
    at += local.reduce((sum, { length }) => sum + length, 0);
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(at, 16);
  return Uint8Array.from(Buffer.concat([...parts, ...directory, end]));
}
