/** An address as messages and records of runs show it: without what may be a key. */
export function shownAddress(address: string): string {
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}
