import type { JsonSchema } from "@atomic-agents/contracts";
import { isRecord, type Keywords, mapValues, requiredOf, takesNull } from "./keywords.ts";
import { Restorer } from "./restorer.ts";
import { spelledOut } from "./spelled-out.ts";

/** A schema as models are given it, and what turns their answers back. */
export interface Dialect {
  /** For providers that take any keyword. */
  readonly plain: JsonSchema;
  /** For strict providers: what they refuse stands in the descriptions. */
  readonly strict: JsonSchema;
  /** Whether strict providers can hold a model to it; not where it has open maps, or parts of any shape. */
  readonly canBeStrict: boolean;
  /** Whether the answer stands under a key of its own, because it is no object. */
  readonly isWrapped: boolean;
  /** Takes away the nulls that stand for optional properties, and the key around what is no object. Always a copy. */
  readonly restore: (value: unknown) => unknown;
}

/** The key around an answer that is no object: providers want objects. */
const wrapKey = "value";

/**
 * Makes the dialect of a schema (draft 2020-12, its root spelt out). Objects are closed and all of their properties
 * required, the optional ones null instead of left out.
 */
export function dialectOf(document: JsonSchema): Dialect {
  const { $schema: _, ...root } = spelledOut(document) as JsonSchema;
  const isWrapped = !isObjectSchema(root);
  const wrapped = isWrapped ? wrap(root) : root;
  const plain = new Translator(false);
  const strict = new Translator(true);
  const dialect = {
    plain: plain.translate(wrapped) as JsonSchema,
    strict: strict.translate(wrapped) as JsonSchema,
  };
  const restorer = new Restorer(wrapped);
  return {
    ...dialect,
    canBeStrict: strict.canBeStrict,
    isWrapped,
    restore: (value) => {
      if (!isWrapped) return restorer.restore(value, wrapped);
      // A model that left out the key around its answer has answered all the same.
      return restorer.restore(isWrapper(value) ? value[wrapKey] : value, answerOf(wrapped));
    },
  };
}

/** Says whether a value is the object around an answer that is none. */
export function isWrapper(value: unknown): value is { readonly [wrapKey]: unknown } {
  return isRecord(value) && Object.hasOwn(value, wrapKey) && Object.keys(value).length === 1;
}

function answerOf({ properties }: Keywords): unknown {
  return isRecord(properties) ? properties[wrapKey] : undefined;
}

function isObjectSchema(schema: Keywords): boolean {
  return schema["type"] === "object" && !("anyOf" in schema) && !("oneOf" in schema) && !("allOf" in schema);
}

/** References to the root and to its definitions keep their meaning. */
function wrap(root: Keywords): Keywords {
  const { $defs, ...rest } = root;
  const definitions = isRecord($defs) ? $defs : {};
  if (!JSON.stringify(rest).includes('"$ref":"#"') && !JSON.stringify(definitions).includes('"$ref":"#"')) {
    return {
      type: "object",
      properties: { [wrapKey]: rest },
      required: [wrapKey],
      ...(isRecord($defs) && { $defs }),
    };
  }
  let name = "Answer";
  while (Object.hasOwn(definitions, name)) name += "_";
  const moved = renamed({ ...definitions, [name]: rest }, `#/$defs/${name}`);
  return {
    type: "object",
    properties: { [wrapKey]: { $ref: `#/$defs/${name}` } },
    required: [wrapKey],
    $defs: moved,
  };
}

/** The same schema, with references to the root going elsewhere. */
function renamed(schema: unknown, target: string): unknown {
  if (Array.isArray(schema)) return schema.map((part) => renamed(part, target));
  if (!isRecord(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, part]) => [
      key,
      key === "$ref" && part === "#" ? target : renamed(part, target),
    ]),
  );
}

/** Keywords whose values strict providers hold a model to. */
const strictKeywords = new Set([
  "type",
  "description",
  "enum",
  "const",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minItems",
  "maxItems",
]);

/** Formats that strict providers know. */
const strictFormats = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid",
]);

/** What strict providers do not take of patterns. */
const lookAround = /\(\?<?[=!]/;

/** Keywords that tell a model nothing. */
const silent = new Set([
  "default",
  "title",
  "examples",
  "$id",
  "$comment",
  "$anchor",
  "deprecated",
  "readOnly",
  "writeOnly",
]);

/** Keywords of an object's shape that are translated with it. */
const shape = new Set([
  "properties",
  "required",
  "additionalProperties",
  "items",
  "anyOf",
  "oneOf",
  "$defs",
  "$ref",
]);

class Translator {
  canBeStrict = true;
  readonly #isStrict: boolean;

  constructor(isStrict: boolean) {
    this.#isStrict = isStrict;
  }

  translate(schema: unknown): unknown {
    if (!isRecord(schema)) {
      this.canBeStrict = false;
      return schema;
    }
    // Closing the parts of an intersection would let nothing through.
    if (
      "allOf" in schema ||
      "not" in schema ||
      "if" in schema ||
      "patternProperties" in schema ||
      "prefixItems" in schema
    ) {
      this.canBeStrict = false;
      return withoutSilent(schema);
    }
    const moved: Record<string, unknown> = {};
    const result: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(schema)) {
      if (shape.has(key) || silent.has(key) || isNoise(key, value, schema)) continue;
      if (!this.#isStrict || this.#isTaken(key, value)) result[key] = value;
      else moved[key] = value;
    }
    this.#translateShape(schema, result);
    if (Object.keys(moved).length > 0) {
      const constraint = `It must satisfy ${JSON.stringify(moved)}.`;
      const { description } = result;
      result["description"] = typeof description === "string" ? `${description}\n${constraint}` : constraint;
    }
    return result;
  }

  #isTaken(key: string, value: unknown): boolean {
    if (strictKeywords.has(key)) return true;
    if (typeof value !== "string") return false;
    return key === "pattern" ? !lookAround.test(value) : key === "format" && strictFormats.has(value);
  }

  #translateShape(schema: Keywords, result: Record<string, unknown>): void {
    const { $ref, $defs, items } = schema;
    const options = schema["anyOf"] ?? schema["oneOf"];
    if (typeof $ref === "string") result["$ref"] = $ref;
    if (Array.isArray(options)) result["anyOf"] = options.map((option) => this.translate(option));
    if (items !== undefined) result["items"] = this.translate(items);
    if (schema["type"] === "object" || isRecord(schema["properties"])) this.#translateObject(schema, result);
    else if (!["type", "$ref", "enum", "const", "anyOf", "oneOf"].some((key) => key in schema)) {
      this.canBeStrict = false;
    }
    if (schema["type"] === "array" && items === undefined) this.canBeStrict = false;
    if (isRecord($defs)) result["$defs"] = mapValues($defs, (part) => this.translate(part));
  }

  #translateObject(schema: Keywords, result: Record<string, unknown>): void {
    const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
    const required = requiredOf(schema);
    const rest = schema["additionalProperties"];
    const isOpen = rest === true || isRecord(rest) || (rest === undefined && !isRecord(schema["properties"]));
    if (isOpen) {
      this.canBeStrict = false;
      result["additionalProperties"] = isRecord(rest) ? this.translate(rest) : true;
    } else result["additionalProperties"] = false;
    result["properties"] = mapValues(properties, (part, key) => {
      const translated = this.translate(part);
      return required.has(key) || takesNull(part) ? translated : orNull(translated);
    });
    result["required"] = Object.keys(properties);
  }
}

/** Takes nothing away that a validator needs, only what tells a model nothing. */
function withoutSilent(schema: Keywords): Keywords {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !silent.has(key)));
}

/** What schema libraries write beside what is meant. */
function isNoise(key: string, value: unknown, schema: Keywords): boolean {
  if (key === "pattern") return typeof schema["format"] === "string" && strictFormats.has(schema["format"]);
  if (key === "propertyNames") return isRecord(value) && Object.keys(value).every((part) => part === "type");
  return (
    (key === "minimum" && value === Number.MIN_SAFE_INTEGER) ||
    (key === "maximum" && value === Number.MAX_SAFE_INTEGER)
  );
}

/** The description is of the property, null or not. */
function orNull(schema: unknown): unknown {
  if (!isRecord(schema)) return schema;
  const { description, ...rest } = schema;
  const options = Object.keys(rest).length === 1 && Array.isArray(rest["anyOf"]) ? rest["anyOf"] : [rest];
  return { ...(description !== undefined && { description }), anyOf: [...options, { type: "null" }] };
}
