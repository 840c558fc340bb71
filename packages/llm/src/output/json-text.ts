import { maxDepth } from "../history/plain-copy.ts";

/** What a text of JSON holds, or why it holds nothing that is taken. */
export type JsonRead =
  | { readonly value: unknown }
  | {
      readonly problem: string;
      /** Whether it is JSON, and was refused for what is in it. */
      readonly isRefused: boolean;
    };

/**
 * Reads JSON that somebody else wrote. The key `__proto__` is refused, because a copy of such an object has another
 * prototype; so is what nests too deep to be walked.
 */
export function readJson(text: string): JsonRead {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return { problem: `is no JSON: ${message}`, isRefused: false };
  }
  // A value nests at most half as deep as its text is long, and a key stands in the text, if perhaps with escapes.
  const mayBeHostile = text.length > maxDepth * 2 || text.includes("__proto__") || /\\u005f/i.test(text);
  const problem = mayBeHostile ? hostility(value) : undefined;
  return problem === undefined ? { value } : { problem, isRefused: true };
}

/** Why a value that was made of JSON is not taken; undefined where it is. */
export function hostility(value: unknown): string | undefined {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return `nests deeper than ${maxDepth}`;
    const next: unknown[] = [];
    for (const one of level) {
      if (typeof one !== "object" || one === null) continue;
      if (Object.hasOwn(one, "__proto__")) return 'has the key "__proto__"';
      for (const member of Object.values(one)) next.push(member);
    }
    level = next;
  }
  return undefined;
}
