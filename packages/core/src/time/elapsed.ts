/** How long something took: never less than nothing, also by a clock that has stepped back. */
export function elapsedMs(startMs: number, endMs: number): number {
  return endMs > startMs ? endMs - startMs : 0;
}
