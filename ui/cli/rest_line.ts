/** Says that a list was cut and how to see more of it; nothing when it is whole. */
export function restLine(
  what: string,
  { shown, all }: { readonly shown: number; readonly all: number },
): string[] {
  return shown >= all ? [] : [`${shown} of ${all} ${what}; --limit shows more`];
}
