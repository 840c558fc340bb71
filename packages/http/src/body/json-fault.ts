/** Where a text is no JSON. */
export interface JsonFault {
  /** From 0; the length of the text where it ends too early. */
  readonly offset: number;
  /** What should stand there. */
  readonly expected: string;
}

const value = "a value";
const name = "a name in double quotes";
const numberForm = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const wordForm = /true|false|null/y;

/**
 * Finds where a text stops being JSON (RFC 8259), for the parser's own message may quote it. Undefined for what is JSON.
 * It needs no stack, however deep the text is nested.
 */
export function jsonFault(text: string): JsonFault | undefined {
  /** Whether the arrays and objects that are open are objects, from outermost to innermost. */
  const open: boolean[] = [];
  let expected = value;
  let at = 0;
  for (;;) {
    at = afterBlanks(text, at);
    const char = text[at];
    const isObject = open.at(-1);
    const ends = endsIn(isObject);
    if (expected === ends) {
      if (char === undefined && isObject === undefined) return undefined;
      if (isObject !== undefined && char === ",") expected = isObject ? name : value;
      else if (isObject !== undefined && char === (isObject ? "}" : "]")) {
        open.pop();
        expected = endsIn(open.at(-1));
      } else return { offset: at, expected };
      at++;
    } else if (expected === '":"') {
      if (char !== ":") return { offset: at, expected };
      expected = value;
      at++;
    } else if ((expected.endsWith('"}"') && char === "}") || (expected.endsWith('"]"') && char === "]")) {
      open.pop();
      expected = endsIn(open.at(-1));
      at++;
    } else if (expected.startsWith(name)) {
      if (char !== '"') return { offset: at, expected };
      const end = afterString(text, at);
      if (typeof end !== "number") return end;
      at = end;
      expected = '":"';
    } else if (char === "{" || char === "[") {
      open.push(char === "{");
      expected = char === "{" ? `${name} or "}"` : `${value} or "]"`;
      at++;
    } else {
      const end = char === '"' ? afterString(text, at) : afterWord(text, at);
      if (end === undefined) return { offset: at, expected };
      if (typeof end !== "number") return end;
      at = end;
      expected = ends;
    }
  }
}

function endsIn(isObject: boolean | undefined): string {
  return isObject === undefined ? "the end" : isObject ? '"," or "}"' : '"," or "]"';
}

function afterBlanks(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at;
    at++;
  }
}

function afterWord(text: string, at: number): number | undefined {
  for (const form of [numberForm, wordForm]) {
    form.lastIndex = at;
    if (form.test(text)) return form.lastIndex;
  }
  return undefined;
}

const escapeForm = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** The end of the string that begins at a place, or what is wrong within it. */
function afterString(text: string, from: number): number | JsonFault {
  let at = from + 1;
  for (;;) {
    const code = text.charCodeAt(at);
    if (Number.isNaN(code)) return { offset: at, expected: "a double quote that ends the string" };
    if (code === 34) return at + 1;
    if (code < 32) return { offset: at, expected: "an escape, such as \\n, and no control character" };
    if (code === 92) {
      escapeForm.lastIndex = at;
      if (!escapeForm.test(text)) return { offset: at, expected: "an escape of JSON, such as \\n" };
      at = escapeForm.lastIndex;
    } else at++;
  }
}

/** Where a fault is and what should stand there, without a word of the text itself. */
export function faultText(text: string, { offset, expected }: JsonFault): string {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf("\n");
  const column = `column ${offset - lastBreak}`;
  const place = text.includes("\n") ? `line ${before.split("\n").length}, ${column}` : column;
  return `${offset >= text.length ? "it ends at" : "at"} ${place}, where ${expected} was expected`;
}
