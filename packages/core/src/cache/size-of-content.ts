/** Roughly how many bytes a content takes in memory: two a character, eight a number, sixteen an object. */
export function sizeOfContent(value: unknown): number {
  if (typeof value === "string") return 2 * value.length;
  if (typeof value === "bigint") return String(value).length;
  if (typeof value !== "object" || value === null) return 8;
  if (value instanceof Date) return 16;
  if (value instanceof Map) return sizeOfAll([...value].flat());
  if (value instanceof Set) return sizeOfAll([...value]);
  if (Array.isArray(value)) return sizeOfAll(value);
  return sizeOfAll([...Object.keys(value), ...Object.values(value)]);
}

function sizeOfAll(parts: readonly unknown[]): number {
  let bytes = 16;
  for (const part of parts) bytes += sizeOfContent(part);
  return bytes;
}
