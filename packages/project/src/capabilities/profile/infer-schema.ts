import type { JsonSchema } from "@atomic-agents/contracts";
import { checkKeys, optionError } from "../check-options.ts";
import { type Budget, FieldNode, type ValueSort, valueSorts } from "./field-node.ts";

/** How narrow an inferred schema is. */
export interface InferOptions {
  /** Whether other keys, and numbers, texts and lists out of the range that was seen are refused; false. */
  readonly strict?: boolean | undefined;
}

const maxFields = 2_000;
/** A list of values stands for all of them where each was seen so often on average. */
const mostChoices = 10;
const leastRepeats = 4;

const typeNames: Readonly<Record<Exclude<ValueSort, "other">, string>> = {
  null: "null",
  boolean: "boolean",
  integer: "integer",
  number: "number",
  text: "string",
  list: "array",
  object: "object",
};

/**
 * A JSON Schema (draft 2020-12) of records that are there, with the evidence: each `$comment` says how many values there were
 * and of which types, `examples` shows some. It takes every record that it was made of. A text gets a `format` where all are
 * of it (`date`, `date-time`, `uuid`, `email`, `uri`), and an `enum` where they are few that come again and again.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * const { type, required, properties } = inferSchema([{ id: 1, day: "2026-01-31" }, { id: 2.5 }]);
 * console.log(type, required); // => object [ 'id' ]
 * console.log(JSON.stringify(properties?.["id"]));
 * // => {"$comment":"in 2 of 2: 1 integer, 1 number","type":"number","examples":[1,2.5]}
 * ```
 */
export function inferSchema(records: Iterable<unknown>, options: InferOptions = {}): JsonSchema {
  const inference = new SchemaInference();
  for (const record of records) inference.add(record);
  return inference.schema(options);
}

/** Gathers what a schema is inferred from, record by record, in bounded memory. */
export class SchemaInference {
  readonly #budget: Budget = { fieldsLeft: maxFields, untold: 0, hasSketches: false };
  readonly #root = new FieldNode(this.#budget);

  get records(): number {
    return this.#root.count;
  }

  add(record: unknown): void {
    this.#root.add(record === undefined ? null : record);
  }

  /** @throws AtomicError `CONFIG` */
  schema(options: InferOptions = {}): JsonSchema {
    checkKeys("inferSchema", options, ["strict"]);
    const { strict = false } = options;
    if (typeof strict !== "boolean") throw optionError("inferSchema", "strict", "true or false", strict);
    const $schema = "https://json-schema.org/draft/2020-12/schema";
    if (this.#root.count === 0) return { $schema, $comment: "there were no records" };
    const { count } = this.#root;
    const { $comment: _, ...schema } = schemaOf(this.#root, count, strict);
    return { $schema, $comment: `of ${count} ${count === 1 ? "record" : "records"}`, ...schema };
  }

  /** Columns of texts that are all written as something else: what `types` of a CSV file can say. */
  columnTypes(): Readonly<Record<string, "integer" | "number" | "boolean">> {
    const types: [string, "integer" | "number" | "boolean"][] = [];
    for (const [name, { texts, count }] of this.#root.objects?.fields ?? []) {
      if (texts === undefined || texts.count < count || texts.blanks === texts.count) continue;
      if (texts.areIntegers) types.push([name, "integer"]);
      else if (texts.areNumbers) types.push([name, "number"]);
      else if (texts.areBooleans) types.push([name, "boolean"]);
    }
    return Object.fromEntries(types);
  }
}

/** @param around how many objects there are that could have it */
function schemaOf(node: FieldNode, around: number, strict: boolean): JsonSchema {
  const $comment = evidenceOf(node, around);
  // Of what JSON has not, and of what was not looked into, nothing is to be said.
  if (node.sortCount("other") > 0 || node.isDeep || node.count === 0) return { $comment };
  const types = typesOf(node);
  const choices = choicesOf(node);
  const { texts, numbers, lists } = node;
  return {
    $comment,
    type: types.length === 1 ? (types[0] ?? "null") : types,
    ...(choices !== undefined && { enum: choices }),
    ...(texts?.formats[0] !== undefined && choices === undefined && { format: texts.formats[0] }),
    ...(strict && texts !== undefined && { minLength: texts.minLength, maxLength: texts.maxLength }),
    ...(strict && numbers !== undefined && { minimum: numbers.min, maximum: numbers.max }),
    ...objectKeywords(node, strict),
    ...(lists !== undefined &&
      lists.items.count > 0 && { items: schemaOf(lists.items, lists.items.count, strict) }),
    ...(strict && lists !== undefined && { minItems: lists.minItems, maxItems: lists.maxItems }),
    ...(node.examples.length > 0 && choices === undefined && { examples: [...node.examples] }),
  };
}

function typesOf(node: FieldNode): readonly string[] {
  const types = new Set<string>();
  for (const sort of valueSorts) if (sort !== "other" && node.sorts.has(sort)) types.add(typeNames[sort]);
  // What takes whole numbers takes no more of them than JSON carries exactly.
  if (types.has("integer") && (node.numbers?.inexact ?? 0) > 0) types.add("number");
  if (types.has("number")) types.delete("integer");
  return [...types];
}

/** The values, where they are texts, few, and come again and again. */
function choicesOf({ values, texts, sorts, count }: FieldNode): readonly (string | null)[] | undefined {
  if (values === undefined || texts === undefined || values.size > mostChoices) return undefined;
  const nulls = sorts.get("null") ?? 0;
  if (texts.count + nulls < count || texts.count < values.size * leastRepeats || texts.count < 10)
    return undefined;
  // Only texts were counted.
  const choices = [...values.keys()].map(String).toSorted();
  return nulls > 0 ? [...choices, null] : choices;
}

function objectKeywords({ objects }: FieldNode, strict: boolean): JsonSchema {
  if (objects === undefined) return {};
  const { fields, rest, count } = objects;
  const properties = [...fields].map(([key, field]) => [key, schemaOf(field, count, strict)] as const);
  const required = [...fields].filter(([, field]) => field.count === count).map(([key]) => key);
  return {
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
    ...(required.length > 0 && { required }),
    ...(strict && { additionalProperties: rest === undefined ? false : schemaOf(rest, rest.count, strict) }),
    // A schema that lists keys counts as complete, and this one lists some of many.
    ...(!strict && rest !== undefined && { additionalProperties: true }),
  };
}

function evidenceOf(node: FieldNode, around: number): string {
  const sorts = valueSorts
    .filter((sort) => node.sorts.has(sort))
    .map((sort) => `${node.sortCount(sort)} ${sort === "other" ? "not JSON" : typeNames[sort]}`);
  const inexact = node.numbers?.inexact ?? 0;
  return `in ${node.count} of ${around}: ${sorts.join(", ")}${inexact === 0 ? "" : `; ${inexact} beyond 2^53 - 1`}`;
}
