/** A word as it must be typed in a POSIX shell; plain words stay as they are. */
export function shellQuote(word: string): string {
  return /^[\p{L}\p{N}_@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
