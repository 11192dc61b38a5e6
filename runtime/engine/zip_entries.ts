/** A file within a zip archive. */
export interface ZipEntry {
  readonly name: string;
  /** Its bytes, where the archive stores them as they are. */
  readonly bytes: Uint8Array;
}

const END = 0x06054b50;
const DIRECTORY = 0x02014b50;
const LONGEST_COMMENT = 65_535;

/**
 * Lists the files of a zip archive whose files are stored, not compressed, as PyTorch writes it.
 *
 * @throws {RangeError | TypeError} If it is no such archive. Archives of more than 4 GB are not read.
 */
export function zipEntries(file: Uint8Array): ZipEntry[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const end = endOfDirectory(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  return Array.from({ length: count }, () => {
    if (view.getUint32(at, true) !== DIRECTORY) {
      throw new RangeError("the directory of the archive is damaged");
    }
    const method = view.getUint16(at + 10, true);
    const size = view.getUint32(at + 24, true);
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(file.subarray(at + 46, at + 46 + nameLength));
    if (method !== 0) throw new TypeError(`"${name}" is compressed`);
    const local = view.getUint32(at + 42, true);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (start + size > file.byteLength) {
      throw new RangeError(`"${name}" goes past the end of the archive`);
    }
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    return { name, bytes: file.subarray(start, start + size) };
  });
}

function endOfDirectory(view: DataView): number {
  const first = Math.max(0, view.byteLength - 22 - LONGEST_COMMENT);
  for (let at = view.byteLength - 22; at >= first; at--) {
    if (view.getUint32(at, true) === END) return at;
  }
  throw new RangeError("it has no end of a zip archive");
}
