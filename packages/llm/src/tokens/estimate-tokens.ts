/** What kind of character stands at a place of a text. */
type Kind = "lower" | "upper" | "digit" | "space" | "line" | "sign" | "other";

/** Letters that the first token of a word takes in, and each further one. */
const firstLetters = 3;
const lettersPerToken = 4.3;
const capitalsPerToken = 2.8;

/** Digits that make a token. */
const digitsPerToken = 2.2;

/** Signs often come in pairs that are one token, such as `":`. */
const tokensPerSign = 0.7;

/** Scripts that have tokens of their own, and what a character costs: last code point, tokens. */
const scripts: readonly (readonly [last: number, tokens: number])[] = [
  // Latin with marks.
  [0x02_4f, 0.8],
  // Greek, Cyrillic, Armenian, Hebrew, Arabic.
  [0x07_4f, 0.55],
  // Syriac, Thaana, N'Ko.
  [0x08_ff, 1.5],
  // Scripts of India, Thai, Lao, Tibetan, Burmese, Georgian.
  [0x10_ff, 0.7],
  // Hangul letters, Ethiopic, Cherokee, Khmer, Mongolian and others that are rare.
  [0x1d_ff, 2.2],
  // Latin with marks, more of it, and Greek.
  [0x1f_ff, 0.8],
  // Punctuation and symbols.
  [0x2f_ff, 1],
  // Kana.
  [0x30_ff, 0.9],
  // Ideographs.
  [0x9f_ff, 1.1],
  // Rare ones.
  [0xab_ff, 2.2],
  // Hangul.
  [0xd7_ff, 0.8],
  // Halves of characters, most of them emoji.
  [0xdf_ff, 1.4],
  [0xff_ff, 1.5],
];

/**
 * Estimates how many tokens a text is, for today's tokenizers and without one of them: rather too many than too few.
 *
 * Beside `o200k_base` of OpenAI it gives 1 to 1.7 times as many for prose in Latin letters, code, JSON and tables, 1.1 to
 * 2.2 times for other scripts. It gives too few only for what has no words: four fifths for base64, half for letters at
 * random. Providers tell the true count with the answer.
 *
 * @example
 * ```ts
 * console.log(estimateTokens("How many tokens are these words?")); // => 9
 * console.log(estimateTokens("")); // => 0
 * ```
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  let before: Kind = "line";
  let run = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const kind = kindOf(code);
    // A capital begins a word and belongs to it.
    const isNew = kind !== before && !(kind === "lower" && before === "upper");
    run = isNew ? 1 : run + 1;
    before = kind;
    tokens += kind === "other" ? tokensOfScript(code) : tokensIn(kind, run);
  }
  return Math.ceil(tokens);
}

/** What the nth character of a run adds. */
function tokensIn(kind: Kind, nth: number): number {
  switch (kind) {
    case "lower":
      return nth === 1 ? 1 : nth <= firstLetters ? 0 : 1 / lettersPerToken;
    case "upper":
      return nth === 1 ? 1 : 1 / capitalsPerToken;
    case "digit":
      return nth === 1 ? 1 : nth <= digitsPerToken ? 0 : 1 / digitsPerToken;
    case "sign":
      return tokensPerSign;
    case "line":
      return nth === 1 ? 1 : 0;
    default:
      // One space belongs to the word after it, more of them are a token.
      return nth === 2 ? 1 : 0;
  }
}

function kindOf(code: number): Kind {
  if (code > 127) return "other";
  if (code >= 97 && code <= 122) return "lower";
  if (code >= 65 && code <= 90) return "upper";
  if (code >= 48 && code <= 57) return "digit";
  if (code === 32 || code === 9) return "space";
  return code === 10 || code === 13 ? "line" : "sign";
}

function tokensOfScript(code: number): number {
  for (const [last, tokens] of scripts) {
    if (code <= last) return tokens;
  }
  return 0;
}
