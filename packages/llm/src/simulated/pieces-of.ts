/** A text in the parts in which it is streamed. */
export function piecesOf(text: string): readonly string[] {
  return text.match(/[\s\S]{1,12}/gu) ?? [];
}
