import { checkText } from "./check-options.ts";
/**
 * Makes a text of any origin fit for reading: half surrogate pairs become U+FFFD; letters and their accents are composed
 * (NFC); line ends become `\n`; control characters, zero-width spaces, soft hyphens and byte order marks are removed;
 * runs of spaces become one, more than one empty line becomes one, spaces around line ends and at both ends go. Joiners and
 * direction marks, which Persian, Hindi, emoji, Arabic and Hebrew need, stay. Cleaning twice changes nothing more.
 *
 * @example
 * ```ts
 * cleanText("  The\u200b   app\r\ncrashes \ud800"); // => 'The app\ncrashes �'
 * ```
 */
export function cleanText(text: string): string {
  checkText("cleanText", text);
  return text
    .toWellFormed()
    .replace(/\r\n|[\r\u2028\u2029\u0085]/g, "\n")
    .replace(/[\u00AD\u200B\u2060\uFEFF]|[^\P{Cc}\n\t]/gu, "")
    .normalize("NFC")
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
