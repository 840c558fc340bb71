/**
 * What shows nothing: white space, control characters, everything Unicode calls Default_Ignorable_Code_Point (zero-width
 * space and joiners, soft hyphen, variation selectors, Hangul fillers) and the empty Braille pattern. The inside of a
 * regular expression's brackets, for the flag `u`.
 */
export const blankClass = String.raw`\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800`;

const visible = new RegExp(`[^${blankClass}]`, "u");
const blankRun = new RegExp(`[${blankClass}]*`, "uy");

/**
 * Says whether a text shows nothing at all: empty, white space, control characters or zero-width characters only.
 *
 * @example
 * ```ts
 * isBlank(" \n\u200b"); // => true
 * isBlank("😀"); // => false
 * ```
 */
export function isBlank(text: string): boolean {
  return !visible.test(text);
}

/**
 * Counts characters: Unicode code points, so that "😀" is one. A lone surrogate counts as one.
 *
 * @example
 * ```ts
 * countCharacters("naïve 😀"); // => 7
 * ```
 */
export function countCharacters(text: string): number {
  let count = text.length;
  for (let index = 1; index < text.length; index++) {
    if (isLowSurrogate(text.charCodeAt(index)) && isHighSurrogate(text.charCodeAt(index - 1))) count--;
  }
  return count;
}

/** Where the first character that shows something is, from `from` on; the text's length when there is none. */
export function skipBlank(text: string, from: number): number {
  blankRun.lastIndex = from;
  blankRun.test(text);
  return blankRun.lastIndex;
}

/** The length of a text without the blank characters at its end. */
export function visibleLength(text: string): number {
  let end = text.length;
  while (end > 0) {
    // A pair is two units of one character.
    const width =
      end > 1 && isLowSurrogate(text.charCodeAt(end - 1)) && isHighSurrogate(text.charCodeAt(end - 2))
        ? 2
        : 1;
    if (visible.test(text.slice(end - width, end))) return end;
    end -= width;
  }
  return 0;
}

/** Says whether a UTF-16 unit is the first half of a pair. */
export function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** Says whether a UTF-16 unit is the second half of a pair. */
export function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
