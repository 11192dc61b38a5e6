let turn: Promise<void> | undefined;

/** Settles when the event loop comes round; all who ask in one turn are told at once. */
export function nextTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}
