import { type Kind, kind, kindOf } from "./content.ts";

/**
 * Content as a text that is JSON. What JSON knows is written as JSON; anything else as an object whose only key is `~`,
 * such as `{"~":["date",0]}`. An object that has such a key of its own is written as its pairs.
 */

const mark = "~";

/** How the keys of objects are put: `sorted` writes the same content the same way, `kept` keeps their order. */
export type KeyOrder = "sorted" | "kept";

/** Writes content; whoever calls knows that it is some. Keys are sorted by UTF-16 code units. */
export function contentText(value: unknown, order: KeyOrder): string {
  switch (typeof value) {
    case "string":
      // Escapes what is half of a surrogate pair, too: such texts would become the same in UTF-8.
      return JSON.stringify(value);
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? String(value)
        : marked("number", numberText(value));
    case "boolean":
      return value ? "true" : "false";
    case "bigint":
      return marked("bigint", JSON.stringify(String(value)));
    case "object":
      return value === null ? "null" : textOfObject(value, order);
    default:
      return marked("undefined");
  }
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '"-0"' : JSON.stringify(String(value));
}

function marked(what: string, text?: string): string {
  return text === undefined ? `{"${mark}":["${what}"]}` : `{"${mark}":["${what}",${text}]}`;
}

function textOfObject(value: object, order: KeyOrder): string {
  // What comes here is content, whose kinds these are.
  switch (kindOf(value) as Exclude<Kind, typeof kind.none>) {
    case kind.array:
      return textOfList(value as unknown[], order);
    case kind.date:
      return marked("date", contentText((value as Date).getTime(), order));
    case kind.map:
      return marked("map", textOfList([...(value as Map<unknown, unknown>)], order));
    case kind.set:
      return marked("set", textOfList([...(value as Set<unknown>)], order));
    case kind.object:
      return textOfFields(value as Record<string, unknown>, order);
  }
}

function textOfList(list: readonly unknown[], order: KeyOrder): string {
  return `[${list.map((item) => contentText(item, order)).join(",")}]`;
}

function textOfFields(value: Readonly<Record<string, unknown>>, order: KeyOrder): string {
  const keys = Object.keys(value);
  if (order === "sorted") keys.sort();
  if (keys.includes(mark)) {
    return marked(
      "object",
      textOfList(
        keys.map((key) => [key, value[key]]),
        order,
      ),
    );
  }
  return `{${keys.map((key) => `${JSON.stringify(key)}:${contentText(value[key], order)}`).join(",")}}`;
}

/**
 * Makes the content that a text was written of, in place of what JSON.parse has made of that text.
 *
 * @throws whatever reading another text comes to
 */
export function readContent(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) value[index] = readContent(value[index]);
    return value;
  }
  const fields = value as Record<string, unknown>;
  if (Object.hasOwn(fields, mark)) return readMarked(fields[mark]);
  // The keys are own ones, so that writing to one named `__proto__` does no more than that.
  for (const key of Object.keys(fields)) fields[key] = readContent(fields[key]);
  return fields;
}

function readMarked(marking: unknown): unknown {
  if (!Array.isArray(marking)) throw new TypeError("a mark without its array");
  const [what, given] = marking as unknown[];
  switch (what) {
    case "undefined":
      return undefined;
    case "number":
      return Number(given);
    case "bigint":
      return BigInt(given as string);
    case "date":
      return new Date(readContent(given) as number);
    case "map":
      return new Map(readContent(given) as [unknown, unknown][]);
    case "set":
      return new Set(readContent(given) as unknown[]);
    case "object":
      // Makes keys even of names such as `__proto__`.
      return Object.fromEntries(readContent(given) as [string, unknown][]);
    default:
      throw new TypeError("an unknown mark");
  }
}
