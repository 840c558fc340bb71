/** A piece of a simple pattern: one character or a class of them, and how often. */
const piece = /(\\[dwsDWS]|\\.|\[[^\]\\]*(?:\\.[^\]\\]*)*\]|[^\\[\](){}|*+?^$])(\{(\d+)(?:,\d*)?\}|[*+?])?/uy;

/** Tried for a class of characters, in this order. */
const characters = ["a", "A", "1", "-", "_", " ", ".", "/", ":", "@", "#", "b", "é"];

/**
 * A text that a simple pattern matches: a sequence of characters and classes with their counts. Undefined for a pattern
 * with groups or alternatives, or when what was found does not match after all.
 */
export function patternExample(pattern: string): string | undefined {
  const body = pattern.replace(/^\^/, "").replace(/\$$/, "");
  let text = "";
  for (let at = 0; at < body.length; at = piece.lastIndex) {
    piece.lastIndex = at;
    const [, one, quantifier, count] = piece.exec(body) ?? [];
    const character = one === undefined ? undefined : characterOf(one);
    if (character === undefined) return undefined;
    const least = quantifier === "*" || quantifier === "?" ? 0 : Number(count ?? 1);
    // A class that may stand once or more often looks like a word then.
    text += character.repeat(Math.min(quantifier === "+" ? 3 : least, 200));
  }
  return matches(pattern, text) ? text : undefined;
}

function characterOf(one: string): string | undefined {
  if (/^\\[^\w]$/u.test(one)) return one.slice(1);
  if (!/^[\\[.]/.test(one)) return one;
  return characters.find((character) => matches(`^${one}$`, character));
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return false;
  }
}
