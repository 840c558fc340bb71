const trueWords = new Set(["yes", "on", "y"]);
const falseWords = new Set(["no", "off", "n"]);

/**
 * What to try where a value is of the wrong kind, which in YAML is often how it was written.
 *
 * @param written the value as it stands in the file
 * @param expected the kinds that are taken, as JSON Schema calls them
 */
export function hintForType(
  value: unknown,
  written: string | undefined,
  expected: ReadonlySet<string>,
): string | undefined {
  if (typeof value === "string") return hintForText(value, written, expected);
  if (value === null && written !== undefined && !expected.has("string")) {
    return "Nothing stands behind its colon; fill it in, or remove the key.";
  }
  if (expected.has("string") && (typeof value === "number" || typeof value === "boolean" || value === null)) {
    return written === undefined || written === ""
      ? undefined
      : `Is it a text? Then put it in quotes: "${written}".`;
  }
  return undefined;
}

/** A longer text is not shown again. */
const maxShownLength = 60;

/**
 * What to try where a text stands for a list of texts.
 *
 * @param written the text as it stands in the file
 */
export function hintForList(text: string, written: string | undefined): string {
  // Names with commas between them were meant to be several; anything else is one, and may need quotes in brackets.
  const isPlain = /^[\w./-]+(?: *, *[\w./-]+)*$/.test(text) && !/^["']/.test(written ?? "");
  if (text.length > maxShownLength) return "Write a list: put it in brackets.";
  return `Write a list: [${isPlain ? text : JSON.stringify(text)}].`;
}

function hintForText(
  value: string,
  written: string | undefined,
  expected: ReadonlySet<string>,
): string | undefined {
  if (expected.has("boolean")) {
    const word = value.toLowerCase();
    if (trueWords.has(word)) return "YAML 1.2 has only true and false; write true.";
    if (falseWords.has(word)) return "YAML 1.2 has only true and false; write false.";
    if (word === "true" || word === "false") return "Remove the quotes.";
  }
  if (expected.has("number") || expected.has("integer")) {
    if (/^-?\d+(?:\.\d+)?$/.test(value) && /^["']/.test(written ?? "")) return "Remove the quotes.";
    if (/^\d+(?::[0-5]?\d)+$/.test(value)) {
      const seconds = value.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
      return `In YAML 1.2 ${value} is a text; write the number, ${seconds}.`;
    }
    if (/^\d[\d_,']*$/.test(value)) return `Write the digits alone: ${value.replaceAll(/\D/g, "")}.`;
    const unit = /^(?<count>\d+(?:\.\d+)?)\s*(?<unit>ms|s|sec|m|min|h|d)$/.exec(value)?.groups;
    if (unit !== undefined) return "Write the number without a unit; its key says which it is.";
  }
  return undefined;
}

/** What other languages and databases call the types of values. */
const otherWords: Readonly<Record<string, readonly string[]>> = {
  text: ["string", "str", "char", "varchar", "date", "datetime", "timestamp", "time"],
  number: ["float", "double", "decimal", "numeric", "real", "num", "float64"],
  integer: ["int", "long", "bigint", "int32", "int64"],
  boolean: ["bool", "bit", "logical"],
  json: ["object", "array", "list", "struct", "any"],
};

/** The one of several types that is called otherwise elsewhere. */
export function otherWordFor(word: string, types: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  return types.find((type) => Object.hasOwn(otherWords, type) && otherWords[type]?.includes(lower));
}

/** What to do where YAML has ended a text at a comma of the text. */
export const hintForComma = "In { } and [ ] a comma ends a text of YAML: put all of it in quotes.";

/** In braces, what comes behind such a comma has become a key without a value. */
export function hintForCutText(key: string, value: unknown): string | undefined {
  return value === null && /[()[\]"']/.test(key) ? hintForComma : undefined;
}
