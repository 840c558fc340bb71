/**
 * What was begun and not waited for has thrown: the error to show for it. One of the framework's says itself where it is
 * from; of others nobody would know.
 */
export function strayError(thrown: unknown): unknown {
  if (thrown instanceof Error && "toJSON" in thrown) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const error = new Error(`Something that was begun, and that nobody waited for, failed: ${message}`, {
    cause: thrown,
  });
  return Object.assign(error, {
    hint: "Await what an agent begins, or catch its error; --verbose shows where it was thrown.",
  });
}
