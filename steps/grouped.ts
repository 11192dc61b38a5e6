/** A whole number with its digits in groups of three, for people: `1 437`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, " ");
}
