/**
 * About how many bytes become one text. Texts of twice the size are what V8 never moves: those that outlive a short
 * collection, as one always does, stay until a long one, and make it ask for more room for what is short-lived.
 */
export const pieceBytes = 65_536;

/** Gives what is read in pieces, each of which holds until the next is asked for. */
export function inPieces(read: () => Promise<Buffer | undefined>): () => Promise<Buffer | undefined> {
  let left: Buffer | undefined;
  return async () => {
    if (left === undefined || left.length === 0) left = await read();
    const piece = left?.subarray(0, pieceBytes);
    left = left?.subarray(pieceBytes);
    return piece;
  };
}
