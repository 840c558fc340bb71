/** Each circle in what uses what, once, named from its first member in the order given: `[a, b, a]`. */
export function findCycles(uses: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const onTrail = new Map<string, number>();
  const walk = (name: string): void => {
    const start = onTrail.get(name);
    if (start !== undefined) {
      cycles.push([...trail.slice(start), name]);
      return;
    }
    if (done.has(name)) return;
    onTrail.set(name, trail.length);
    trail.push(name);
    for (const next of uses.get(name) ?? []) if (uses.has(next)) walk(next);
    trail.pop();
    onTrail.delete(name);
    done.add(name);
  };
  for (const name of uses.keys()) walk(name);
  return cycles;
}
