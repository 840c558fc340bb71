/** A text with escapes decoded, and where each of its characters stood in the text that it was made of. */
export interface Decoded {
  readonly text: string;
  /** One more than there are characters: the last is the length of the first text. */
  readonly positions: readonly number[];
}

/** How escapes are written: as in URLs, or as strings are in code and JSON. */
export type EscapeKind = "percent" | "backslash";

const escapesOf: Readonly<Record<EscapeKind, RegExp>> = {
  percent: /(?:%[0-9a-f]{2})+/gi,
  backslash: /\\(?:u[0-9a-f]{4}|x[0-9a-f]{2}|["'`\\/bfnrt])/gi,
};

const letters: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/**
 * Decodes the escapes of a kind: one layer of them, wherever they stand, and whatever stands around them. Undefined when
 * there are none.
 *
 * @param before the positions of the text, when it was decoded itself
 */
export function decodeEscapes(
  text: string,
  kind: EscapeKind,
  before?: readonly number[],
): Decoded | undefined {
  if (!text.includes(kind === "percent" ? "%" : "\\")) return undefined;
  let decoded = "";
  const positions: number[] = [];
  const positionOf = (at: number): number => (before === undefined ? at : (before[at] ?? at));
  let done = 0;
  const copyUntil = (end: number): void => {
    decoded += text.slice(done, end);
    for (let at = done; at < end; at++) positions.push(positionOf(at));
  };
  for (const { 0: escape, index } of text.matchAll(escapesOf[kind])) {
    copyUntil(index);
    done = index + escape.length;
    if (kind === "percent") {
      for (const [character, start] of ofPercent(escape)) {
        decoded += character;
        for (let unit = 0; unit < character.length; unit++) positions.push(positionOf(index + start));
      }
    } else {
      decoded += ofBackslash(escape.slice(1));
      positions.push(positionOf(index));
    }
  }
  if (done === 0) return undefined;
  copyUntil(text.length);
  positions.push(positionOf(text.length));
  return { text: decoded, positions };
}

/** The characters of `%`-escaped bytes, read as UTF-8 where they are, and where each begins. */
function* ofPercent(escaped: string): Generator<readonly [string, number]> {
  const bytes = Buffer.from(escaped.replaceAll("%", ""), "hex");
  for (let at = 0; at < bytes.length; ) {
    const length = utf8LengthAt(bytes, at);
    const character =
      length === 0 ? String.fromCharCode(bytes[at] ?? 0) : bytes.toString("utf8", at, at + length);
    yield [character, at * 3];
    at += Math.max(length, 1);
  }
}

/** How many bytes the character takes that begins at a place; 0 when none does. */
function utf8LengthAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  for (let next = at + 1; next < at + length; next++) {
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

function ofBackslash(escape: string): string {
  if (escape.length > 1) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return letters[escape] ?? escape;
}
