import * as z from "zod";
import { blankClass, countCharacters, skipBlank, visibleLength } from "../characters.ts";
import { mostCharacters } from "../split-text.ts";

// Patterns, not `refine` or `trim`: they show in JSON Schema, mean the same to every validator, and change no value, so that
// what a result says of places holds for the caller's own text.
const visible = new RegExp(`[^${blankClass}]`, "u");
const wellFormed = /^\P{Surrogate}*$/u;
/** `(?!…)` keeps the first part from giving back: without it a long run of blanks would be tried again from each of its places. */
const limited = new RegExp(
  `^[${blankClass}]*(?![${blankClass}])(?:[^${blankClass}](?:[\\s\\S]{0,${mostCharacters - 2}}[^${blankClass}])?)?[${blankClass}]*$`,
  "u",
);

/** Text that shows something: not empty, not only white space or zero-width characters. */
export const VisibleText = z.string().regex(visible, {
  error: "must show something: white space and invisible characters alone are no text",
});

/** Text of any length that shows something and is well-formed Unicode. */
export const LongContent = VisibleText.regex(wellFormed, {
  error: ({ input }) =>
    `must be well-formed Unicode, has half of a surrogate pair${placeOfSurrogate(input)}: clean the text first (cleanText)`,
});

/**
 * Text that an agent takes at once: it shows something, is well-formed Unicode, and has at most 10,000 characters, not
 * counting white space and invisible characters at its ends. A character is a Unicode code point: "😀" is one.
 */
export const Content = LongContent.regex(limited, {
  error: ({ input }) =>
    `must have at most ${mostCharacters} characters${besidesBlanks(input)}, has ${lengthOf(input)}: split the text (splitText) and merge the results (mergeText)`,
}).meta({
  description: "Text to process: 1 to 10,000 characters, not counting white space at its ends.",
});

function placeOfSurrogate(input: unknown): string {
  if (typeof input !== "string") return "";
  const fixed = input.toWellFormed();
  for (let at = 0; at < input.length; at++) if (input[at] !== fixed[at]) return ` at place ${at}`;
  return "";
}

/** Said only where it makes a difference: the text as it was given is longer. */
function besidesBlanks(input: unknown): string {
  if (typeof input !== "string" || lengthOf(input) === String(countCharacters(input))) return "";
  return ", not counting white space at its ends";
}

function lengthOf(input: unknown): string {
  if (typeof input !== "string") return "none";
  return String(countCharacters(input.slice(skipBlank(input, 0), visibleLength(input))));
}
