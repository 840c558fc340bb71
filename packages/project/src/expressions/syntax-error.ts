import type { ParseError } from "@marcbachmann/cel-js";
import { ExpressionError } from "./expression-error.ts";
import { limits } from "./limits.ts";

const signs: Readonly<Record<string, string>> = {
  EOF: "the end",
  NUMBER: "a number",
  STRING: "a text",
  BOOLEAN: "true or false",
  NULL: "null",
  IDENTIFIER: "a name",
  PLUS: "+",
  MINUS: "-",
  MULTIPLY: "*",
  DIVIDE: "/",
  MODULO: "%",
  EQ: "==",
  NE: "!=",
  LT: "<",
  LE: "<=",
  GT: ">",
  GE: ">=",
  AND: "&&",
  OR: "||",
  NOT: "!",
  IN: "in",
  LPAREN: "(",
  RPAREN: ")",
  LBRACKET: "[",
  RBRACKET: "]",
  LBRACE: "{",
  RBRACE: "}",
  DOT: ".",
  COMMA: ",",
  COLON: ":",
  QUESTION: "?",
  BYTES: "bytes",
};

const limitWords: Readonly<Record<string, string>> = {
  maxAstNodes: `the expression has more than ${limits.nodes} parts`,
  maxDepth: `the expression is nested more than ${limits.depth} levels deep`,
  maxListElements: `the list has more than ${limits.elements} elements`,
  maxMapEntries: `the object has more than ${limits.elements} keys`,
  maxCallArguments: `the call has more than ${limits.elements} arguments`,
};

/** What other languages write, at the place where the parser gave up, and what is written here. */
const habits: readonly (readonly [RegExp, string])[] = [
  [/^=>/, "there are no functions of one's own"],
  [/^=/, "write == to compare; nothing is assigned in an expression"],
  [/^&/, "write && for and"],
  [/^\|/, "write || for or"],
  [/^and\b/i, "write && for and"],
  [/^or\b/i, "write || for or"],
  [/^not\b/i, "write ! for not"],
  [/^is\b/i, "write == to compare"],
  [/^like\b/i, 'write contains(text, "part"), or matches(text, "pattern")'],
  [/^(then|else|if)\b/i, "write condition ? one : other"],
  [/^\?\?/, 'write get(record, "key", otherwise)'],
  [/^\?\.|^\?/, 'where something may be missing, write get(record, "a.b", otherwise)'],
  [/^[`“”‘’´„«»]/, 'a text stands in straight quotes: "text"'],
  [/^[$#@]/, "a variable is written by its name alone"],
  [/^;/, "an expression is one value, with nothing after it"],
  [/^\^|^\*\*/, "there are no powers; write x * x"],
];

/** What the parser found wrong, in plain words. */
export function syntaxError(source: string, error: ParseError): ExpressionError {
  const offset = Math.min(error.range?.start ?? 0, source.length);
  const length = Math.max(0, Math.min(error.range?.end ?? offset, source.length) - offset);
  const { message, hint } = describe(source, error, offset);
  return new ExpressionError({ message, phase: "syntax", source, offset, length, hint });
}

interface Described {
  readonly message: string;
  readonly hint?: string | undefined;
}

function describe(source: string, error: ParseError, offset: number): Described {
  const { code, summary } = error;
  const rest = source.slice(offset);
  const found = source.slice(offset, Math.max(offset + 1, error.range?.end ?? 0)).slice(0, 40);
  const hint = hintFor(source, offset, rest);
  switch (code) {
    case "limit_exceeded":
      return { message: limitWords[/max\w+/.exec(summary)?.[0] ?? ""] ?? "the expression is too large" };
    case "expected_token": {
      const [, expected = "", got = ""] = /Expected (\w+), got (\w+)/.exec(summary) ?? [];
      const came = got === "EOF" ? "the expression ends" : `${quoted(found)} comes`;
      const member =
        expected === "IDENTIFIER" ? `a field that is called ${found} is read by ["${found}"]` : hint;
      return {
        message: `expected ${quoted(signs[expected] ?? expected)}, but ${came}`,
        hint: got === "EOF" || !/^\w/.test(found) ? hint : member,
      };
    }
    case "unexpected_token":
      if (source.trim() === "") return { message: "the expression is empty" };
      if (rest.trim() === "") return { message: "the expression ends where a value is expected" };
      return { message: `expected a value, but ${quoted(found)} comes`, hint };
    case "unexpected_character":
      return { message: `${quoted(found)} is not expected here`, hint };
    case "reserved_identifier":
      return { message: `${quoted(found)} is a reserved word, and cannot be a variable` };
    case "unterminated_string":
    case "unterminated_triple_quoted_string":
      return { message: "the text has no closing quote" };
    case "newline_in_string":
      return { message: "a text in single quotes ends on its line", hint: 'write \\n, or quote it by """' };
    case "invalid_number":
      return { message: "the number is too large" };
    case "invalid_macro_argument":
      return {
        message: "the first argument has to be a name of your choice for each element",
        hint: "as in record.items.filter(item, item.price > 1)",
      };
    default:
      return { message: summary.slice(0, 1).toLowerCase() + summary.slice(1, 200), hint };
  }
}

function hintFor(source: string, offset: number, rest: string): string | undefined {
  // "===": the parser takes the first two.
  if (source.slice(0, offset).endsWith("==")) return "write == to compare";
  const before = source.slice(Math.max(0, offset - 1));
  return (
    habits.find(([pattern]) => pattern.test(rest))?.[1] ??
    (/^\?[?.]/.test(before) ? habits.find(([pattern]) => pattern.test(before))?.[1] : undefined)
  );
}

/** Signs in quotes, words as they are. */
function quoted(text: string): string {
  return /^(a |the |true or)/.test(text) ? text : `"${text}"`;
}
