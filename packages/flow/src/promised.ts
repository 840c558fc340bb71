/** What is said of a function that gave a promise where it has to answer at once. */
export function promised(result: Promise<unknown>): TypeError {
  // Nobody awaits it: its failure is not an unhandled one.
  result.then(undefined, () => {});
  return new TypeError("it gave a promise; what has to wait is an agent, and goes through `.through`");
}
