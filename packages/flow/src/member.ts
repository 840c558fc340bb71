/**
 * Whether something is at a key only because every object has it by itself, such as `constructor`: of a record it is nothing.
 *
 * @param record anything that can be asked for a key
 */
export function isInherited(record: unknown, key: string): boolean {
  return key in Object.prototype && !Object.hasOwn(record as object, key);
}

/** What reads a key of anything that can be asked for one. */
export function memberReader(key: string): (record: unknown) => unknown {
  const read = (record: unknown): unknown => (record as Readonly<Record<string, unknown>>)[key];
  if (!(key in Object.prototype)) return read;
  return (record) => {
    const value = read(record);
    return isInherited(record, key) ? undefined : value;
  };
}
