/** A name that is not taken yet: the agent's own, or with a number after it where several have the same. */
export function freeKey(taken: ReadonlyMap<string, unknown>, name: string): string {
  let key = name;
  for (let count = 2; taken.has(key); count++) key = `${name}-${count}`;
  return key;
}
