import type { JsonSchema } from "@atomic-agents/contracts";
import type { FindSchema } from "../openapi/example-value.ts";
import { isObject } from "../openapi/is-object.ts";

/** A line about a schema, or about a part of it. */
export interface SchemaRow {
  readonly depth: number;
  readonly name: string;
  readonly isRequired: boolean;
  readonly type: string;
  /** What else a value has to be: `at least 3 items`, `matches ^a`. */
  readonly notes: readonly string[];
  readonly description: string | undefined;
}

const mostRows = 400;
const mostDepth = 12;

/** Keywords that limit how much there is of something. */
const amounts: readonly (readonly [least: string, most: string, of: string])[] = [
  ["minLength", "maxLength", "character"],
  ["minItems", "maxItems", "item"],
  ["minProperties", "maxProperties", "key"],
];

/** Keywords that limit a number, and how they are said. */
const bounds: readonly (readonly [keyword: string, words: string])[] = [
  ["minimum", "≥ "],
  ["exclusiveMinimum", "> "],
  ["maximum", "≤ "],
  ["exclusiveMaximum", "< "],
  ["multipleOf", "a multiple of "],
];

/**
 * A schema as lines for a reader, each part indented below what it is a part of. A schema inside of itself is named and
 * not gone into again; what is too much is left out, and the last line says so.
 */
export function schemaRows(schema: unknown, find: FindSchema): readonly SchemaRow[] {
  const writer = new Writer(find);
  writer.write({ schema, name: "value", isRequired: false, depth: 0, trail: [] });
  const [root, ...inside] = writer.rows;
  // That the whole is an object goes without saying where its keys follow.
  const isPlainObject = root?.type === "object" && root.notes.length === 0 && root.description === undefined;
  return isPlainObject && inside.length > 0
    ? inside.map((row) => ({ ...row, depth: Math.max(0, row.depth - 1) }))
    : writer.rows;
}

interface Part {
  readonly schema: unknown;
  readonly name: string;
  readonly isRequired: boolean;
  readonly depth: number;
  /** References on the way here. */
  readonly trail: readonly string[];
}

class Writer {
  readonly rows: SchemaRow[] = [];
  readonly #find: FindSchema;

  constructor(find: FindSchema) {
    this.#find = find;
  }

  write(part: Part): void {
    const { name, depth, isRequired } = part;
    if (this.rows.length >= mostRows) {
      if (this.rows.length === mostRows) this.#row({ ...part, depth: 0, name: "…" }, "and more", {});
      return;
    }
    const { schema, trail, isAround } = this.#resolved(part.schema, part.trail);
    if (isAround || depth > mostDepth) {
      this.#row(part, `${nameOf(part.schema) ?? "…"} (as above)`, isObject(part.schema) ? part.schema : {});
      return;
    }
    this.#row({ name, depth, isRequired }, typeText(schema), isObject(schema) ? schema : {});
    if (isObject(schema)) this.#inside(schema, { depth: depth + 1, trail });
  }

  #inside(schema: JsonSchema, place: { readonly depth: number; readonly trail: readonly string[] }): void {
    const write = (inner: unknown, name: string, isRequired = false): void => {
      if (inner !== undefined) this.write({ ...place, schema: inner, name, isRequired });
    };
    const required: readonly unknown[] = Array.isArray(schema.required) ? schema.required : [];
    for (const [name, inner] of entriesOf(schema.properties)) write(inner, name, required.includes(name));
    for (const [pattern, inner] of entriesOf(schema["patternProperties"])) write(inner, `/${pattern}/`);
    if (isObject(schema.additionalProperties)) write(schema.additionalProperties, "any other key");
    for (const [index, inner] of listOf(schema.prefixItems).entries()) write(inner, `[${index}]`, true);
    const { items } = schema;
    if (isObject(items) && !isPlain(this.#resolved(items, []).schema)) write(items, "each item");
    for (const keyword of ["anyOf", "oneOf"] as const) {
      const options = listOf(schema[keyword]);
      if (options.every((option) => isPlain(option))) continue;
      for (const [index, option] of options.entries()) write(option, `option ${index + 1}`);
    }
    for (const inner of listOf(schema.allOf)) write(inner, "and also");
  }

  #row(part: Pick<Part, "name" | "depth" | "isRequired">, type: string, schema: JsonSchema): void {
    const notes = notesOf(schema);
    this.rows.push({
      name: part.name,
      depth: part.depth,
      isRequired: part.isRequired,
      type,
      notes,
      description: schema.description ?? schema.title,
    });
  }

  /** The schema with what it refers to in it. */
  #resolved(
    schema: unknown,
    trail: readonly string[],
  ): { readonly schema: unknown; readonly trail: readonly string[]; readonly isAround: boolean } {
    if (!isObject(schema) || typeof schema["$ref"] !== "string") return { schema, trail, isAround: false };
    const { $ref, ...beside } = schema as JsonSchema & { readonly $ref: string };
    if (trail.includes($ref)) return { schema, trail, isAround: true };
    const target = this.#resolved(this.#find($ref), [...trail, $ref]);
    return { ...target, schema: isObject(target.schema) ? { ...target.schema, ...beside } : target.schema };
  }
}

function notesOf(schema: JsonSchema): readonly string[] {
  const { format, pattern, default: otherwise } = schema;
  const number = (keyword: string): number | undefined => {
    const value = schema[keyword];
    // What whole numbers end at is no limit that anyone has set.
    return typeof value === "number" && Math.abs(value) !== Number.MAX_SAFE_INTEGER ? value : undefined;
  };
  const notes: string[] = [];
  if (typeof format === "string") notes.push(format);
  // A format says it better than the pattern that vendors put beside it.
  else if (typeof pattern === "string") notes.push(`matches ${pattern}`);
  for (const [least, most, of] of amounts) {
    const [from, to] = [number(least), number(most)];
    const what = `${of}${(to ?? from) === 1 ? "" : "s"}`;
    if (from !== undefined && from === to) notes.push(`${from} ${what}`);
    else if (from !== undefined && to !== undefined) notes.push(`${from} to ${to} ${what}`);
    else if (from !== undefined) notes.push(`at least ${from} ${what}`);
    else if (to !== undefined) notes.push(`at most ${to} ${what}`);
  }
  for (const [keyword, words] of bounds) {
    const value = number(keyword);
    if (value !== undefined) notes.push(`${words}${value}`);
  }
  if (otherwise !== undefined) notes.push(`default ${short(otherwise)}`);
  if (schema["deprecated"] === true) notes.push("deprecated");
  return notes;
}

/** Whether a schema's type is all that there is to say of it. */
function isPlain(schema: unknown): boolean {
  if (!isObject(schema)) return true;
  const { description, properties, items, prefixItems, anyOf, oneOf, allOf, $ref } = schema as JsonSchema;
  const parts = [description, properties, items, prefixItems, anyOf, oneOf, allOf, $ref];
  return parts.every((part) => part === undefined);
}

function typeText(schema: unknown): string {
  if (schema === false) return "nothing";
  if (!isObject(schema)) return "anything";
  const { type, enum: values, anyOf, oneOf, items, prefixItems, properties, $ref } = schema as JsonSchema;
  if ("const" in schema) return short(schema["const"]);
  if (Array.isArray(values)) return values.map(short).join(" | ");
  if ($ref !== undefined) return nameOf(schema) ?? "reference";
  const options = anyOf ?? oneOf;
  if (type === undefined && Array.isArray(options)) {
    return options.every((option) => isPlain(option))
      ? options.map(typeText).join(" | ")
      : `one of ${options.length}`;
  }
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  return types
    .map((each) => {
      if (each === "array") return prefixItems === undefined ? `array of ${itemText(items)}` : "tuple";
      if (typeof each === "string") return each;
      return properties === undefined ? ("not" in schema ? "nothing" : "anything") : "object";
    })
    .join(" | ");
}

function itemText(items: unknown): string {
  return items === undefined ? "anything" : typeText(items);
}

function nameOf(schema: unknown): string | undefined {
  const reference = isObject(schema) ? schema["$ref"] : undefined;
  return typeof reference === "string" ? reference.split("/").at(-1) : undefined;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isObject(value) ? Object.entries(value) : [];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
