let unsafe: RegExp | undefined;

/** Whether there are controls, invisible format characters (direction marks, zero-width), lone surrogates, or line separators. */
function isUnsafe(text: string): boolean {
  // V8 looks up the characters of a literal as soon as it reads the code around it, which all that import this would wait for.
  unsafe ??= new RegExp(String.raw`[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]`, "u");
  return unsafe.test(text);
}

const shortEscapes: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
};

function escapeCharacter(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  if (!isUnsafe(character)) return character;
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return hex.length <= 4 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}

/**
 * The beginning of `text`, at most `maxLength` UTF-16 units and an ellipsis where more follows, with everything that
 * could break a log line or hide itself escaped as in a JavaScript string. Never cuts a character in two, and reads
 * no further than it shows.
 */
export function printable(text: string, maxLength: number): string {
  let shown = "";
  for (const character of text) {
    const piece = escapeCharacter(character);
    if (shown.length + piece.length > maxLength) return `${shown}…`;
    shown += piece;
  }
  return shown;
}

/** As `printable`, in double quotes. */
export function quoted(text: string, maxLength: number): string {
  return `"${printable(text, maxLength)}"`;
}

/** A message on one line: escaped, but quotes and backslashes left as the vendor wrote them. */
export function oneLine(text: string, maxLength: number): string {
  // Most are as they shall be.
  if (text.length <= maxLength && !isUnsafe(text)) return text;
  let shown = "";
  for (const character of text) {
    const piece = character === '"' || character === "\\" ? character : escapeCharacter(character);
    if (shown.length + piece.length > maxLength) return `${shown}…`;
    shown += piece;
  }
  return shown;
}

const singulars: Readonly<Record<string, string>> = { entries: "entry" };

/** `1 item`, `2 items`; the unit is given in the plural. */
export function countOf(count: unknown, units: string): string {
  const isOne = String(count) === "1";
  return `${String(count)} ${isOne ? (singulars[units] ?? units.replace(/s$/, "")) : units}`;
}
