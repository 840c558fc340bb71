/**
 * The form under which two spellings of a word count as one: lower case, straight apostrophes, no invisible characters,
 * NFC; in English also without possessive and plural `s` (the S stemmer of Harman, "How effective is suffixing?",
 * JASIS 42, 1991) and without an `e` after a hissing sound, where "buses" and "cases" differ. For comparing, not for
 * showing.
 */
export function foldWord(word: string, language: string): string {
  const folded = word
    .normalize("NFC")
    .toLowerCase()
    .replaceAll("’", "'")
    .replace(/\u00AD|\u200C|\u200D|\u2060/g, "");
  if (language !== "en") return folded;
  return withoutPluralS(folded.replace(/'s$/, "")).replace(/(?<=s|x|z|ch|sh)e$/, "");
}

function withoutPluralS(word: string): string {
  if (word.length < 4 || !word.endsWith("s")) return word;
  if (word.endsWith("ies")) return /[ae]ies$/.test(word) ? word : `${word.slice(0, -3)}y`;
  if (word.endsWith("es")) return /[aeo]es$/.test(word) ? word : word.slice(0, -1);
  return /[us]s$/.test(word) ? word : word.slice(0, -1);
}
