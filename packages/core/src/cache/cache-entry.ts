import type { CacheEntry } from "./cache-store.ts";
import { contentText, readContent } from "./content-text.ts";

/**
 * An entry as a text, for stores that keep texts. It is JSON; what JSON does not know, such as a date, is marked.
 *
 * @example
 * ```ts
 * const text = cacheEntryToText({ output: { on: new Date(0), left: 3n }, storedAtMs: 1_000, expiresAtMs: 2_000 });
 * text; // => '{"storedAtMs":1000,"expiresAtMs":2000,"output":{"on":{"~":["date",0]},"left":{"~":["bigint","3"]}}}'
 * cacheEntryFromText(text)?.output; // => { on: 1970-01-01T00:00:00.000Z, left: 3n }
 * ```
 */
export function cacheEntryToText({ output, storedAtMs, expiresAtMs }: CacheEntry): string {
  return `{"storedAtMs":${storedAtMs},"expiresAtMs":${expiresAtMs},"output":${contentText(output, "kept")}}`;
}

/**
 * The entry that a text was made of; undefined for any other text. Never throws.
 *
 * @example
 * ```ts
 * cacheEntryFromText('{"storedAtMs":1000,"expiresAtMs":2000,"output":"hello"}')?.output; // => 'hello'
 * cacheEntryFromText("half a te"); // => undefined
 * ```
 */
export function cacheEntryFromText(text: string): CacheEntry | undefined {
  try {
    const entry: unknown = JSON.parse(text);
    if (!isCacheEntry(entry)) return undefined;
    const { storedAtMs, expiresAtMs } = entry;
    return { output: readContent(entry.output), storedAtMs, expiresAtMs };
  } catch {
    return undefined;
  }
}

/** Whether a value has the form of an entry; what its output and times are remains to be seen. */
export function isCacheEntry(value: unknown): value is CacheEntry {
  if (typeof value !== "object" || value === null) return false;
  const { storedAtMs, expiresAtMs } = value as Partial<CacheEntry>;
  return typeof storedAtMs === "number" && typeof expiresAtMs === "number" && "output" in value;
}
