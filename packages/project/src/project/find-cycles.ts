/**
 * Circles in what uses what, each named from the first of its members that is come to: `[a, b, a]`. Without the members
 * named first there is none left. Loops rather than calls, for there may be ten thousand in a row.
 */
export function findCycles(uses: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  for (const first of uses.keys()) {
    const trail: { readonly name: string; readonly rest: string[] }[] = [];
    const places = new Map<string, number>();
    const enter = (name: string): void => {
      places.set(name, trail.length);
      trail.push({ name, rest: (uses.get(name) ?? []).toReversed() });
    };
    if (!done.has(first)) enter(first);
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const next = top.rest.pop();
      const start = next === undefined ? undefined : places.get(next);
      if (next === undefined) {
        trail.pop();
        places.delete(top.name);
        done.add(top.name);
      } else if (start !== undefined) {
        cycles.push([...trail.slice(start).map(({ name }) => name), next]);
      } else if (uses.has(next) && !done.has(next)) {
        enter(next);
      }
    }
  }
  return cycles;
}
