/** Writes rising whole numbers of 32 bits as text: LEB128 of each one's distance from the one before, as base64. */
export function encodeHashes(hashes: Uint32Array): string {
  const bytes = new Uint8Array(5 * hashes.length);
  let at = 0;
  let before = 0;
  for (let i = 0; i < hashes.length; i++) {
    let rest = hashes[i]! - before;
    before = hashes[i]!;
    while (rest >= 0x80) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
  }
  return bytes.subarray(0, at).toBase64();
}

/** Reads what `encodeHashes` wrote; `undefined` when it is not `count` different numbers of 32 bits in rising order. */
export function decodeHashes(text: string, count: number): Uint32Array | undefined {
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
  if (bytes.length < count) return undefined;
  const hashes = new Uint32Array(count);
  let at = 0;
  let before = 0;
  for (let i = 0; i < count; i++) {
    let distance = 0;
    let factor = 1;
    for (;;) {
      const byte = bytes[at++];
      if (byte === undefined || factor > 2 ** 28) return undefined;
      distance += (byte & 0x7f) * factor;
      factor *= 0x80;
      if (byte < 0x80) break;
    }
    before += distance;
    if (before > 0xffff_ffff || (distance === 0 && i > 0)) return undefined;
    hashes[i] = before;
  }
  return at === bytes.length ? hashes : undefined;
}

/** One list of all, one behind the other. */
export function joinHashes(lists: readonly Uint32Array[]): Uint32Array<ArrayBuffer> {
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}
