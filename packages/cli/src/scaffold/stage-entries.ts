/** A stage as project files have it. */
export type StageEntry = string | { readonly agent: string; readonly id: string };

/** Stages of these agents; one that is there more than once gets an id of its own each time after the first. */
export function stageEntries(names: readonly string[]): readonly StageEntry[] {
  const used = new Set(names);
  return names.map((name, index) => {
    if (names.indexOf(name) === index) return name;
    let count = 2;
    while (used.has(`${name}-${count}`)) count++;
    const id = `${name}-${count}`;
    used.add(id);
    return { agent: name, id };
  });
}
