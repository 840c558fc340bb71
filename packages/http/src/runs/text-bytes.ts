/** How far errors within errors are looked at. */
const maxDepth = 8;

/** About how many bytes the texts of an error have, and of those that it was caused by. */
export function textBytes(error: unknown): number {
  let bytes = 0;
  let at = error;
  for (let depth = 0; depth < maxDepth && at instanceof Error; depth++) {
    bytes += at.message.length;
    at = at.cause;
  }
  return bytes;
}
