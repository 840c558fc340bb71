import type { JsonSchema } from "../json-schema.ts";
import { asArray, asObject } from "../vendors/vendor-object.ts";
import type { Budget } from "./budget.ts";
import type { Dialect } from "./dialect.ts";
import { meetAll, shapeUnlessEmpty } from "./meet.ts";
import { apartShapes } from "./apart.ts";
import { anything, type Blur, type End, everyShape, Node, nothing, type Shape } from "./shape.ts";

type Schema = JsonSchema | boolean;

/** Keywords that limit what is taken, and that are not looked into. */
const notRead: ReadonlySet<string> = new Set([
  "$dynamicRef",
  "$recursiveRef",
  "additionalItems",
  "contains",
  "dependencies",
  "dependentRequired",
  "dependentSchemas",
  "else",
  "if",
  "maxContains",
  "maxProperties",
  "minContains",
  "minProperties",
  "not",
  "nullable",
  "patternProperties",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
  "uniqueItems",
]);

/** Keywords read for each sort of values. A schema with none of these, and none of the others, takes anything. */
const isRead: ReadonlySet<string> = new Set([
  "$ref",
  "additionalProperties",
  "allOf",
  "anyOf",
  "const",
  "enum",
  "exclusiveMaximum",
  "exclusiveMinimum",
  "format",
  "items",
  "maxItems",
  "maxLength",
  "maximum",
  "minItems",
  "minLength",
  "minimum",
  "multipleOf",
  "oneOf",
  "pattern",
  "prefixItems",
  "properties",
  "propertyNames",
  "required",
  "type",
]);

const manyShapes = 300;

function isSchema(value: unknown): value is Schema {
  return typeof value === "boolean" || (asObject(value) !== undefined && !Array.isArray(value));
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

/** What is the greater lower end, or the lesser upper one, of `minimum` and `exclusiveMinimum` or their opposites. */
function endOf(closed: unknown, open: unknown, otherwise: number): End {
  const at = numberOf(closed, otherwise);
  const openAt = numberOf(open, otherwise);
  const isTighter = otherwise < 0 ? openAt >= at : openAt <= at;
  return isTighter && typeof open === "number" ? { at: openAt, isOpen: true } : { at, isOpen: false };
}

/** Whether an array can have this as an own key that JSON Schema sees, or that vendors see. */
function isArrayKey(key: string): boolean {
  return key === "length" || /^\d+$/.test(key) || key in Array.prototype;
}

/** Reads one JSON Schema document into nodes. */
export class Reader {
  readonly #root: Schema;
  readonly #dialect: Dialect;
  readonly #budget: Budget;

  constructor(root: Schema, dialect: Dialect, budget: Budget) {
    this.#root = root;
    this.#dialect = dialect;
    this.#budget = budget;
  }

  /** The whole document. */
  read(): Node {
    return this.#node(this.#root, []);
  }

  /** `trail`: the references that led here. One that comes again is a recursion, and is not followed. */
  #node(schema: Schema, trail: readonly string[]): Node {
    if (schema === false) return nothing;
    if (schema === true || this.#saysNothing(schema)) return anything(this.#dialect);
    return new Node(() => this.#shapes(schema, trail), this.#textOf(schema));
  }

  #saysNothing(schema: JsonSchema): boolean {
    return Object.keys(schema).every((keyword) => !isRead.has(keyword) && !notRead.has(keyword));
  }

  /** A text that is the same only for what takes the same values. */
  #textOf(schema: JsonSchema): string | undefined {
    const { name, patterns, defaultsAreValues } = this.#dialect;
    if (name === "mixed") return undefined;
    const own = JSON.stringify(schema);
    const text = `${own} ${this.#definitionsFor(own)}`;
    if (patterns === "mixed" && text.includes(`"pattern`)) return undefined;
    if (defaultsAreValues && text.includes(`"default"`)) return undefined;
    return `${name} ${text}`;
  }

  /** What a text may refer to: the definitions, where it and they refer to nothing else, or the whole document. */
  #definitionsFor(text: string): string {
    if (!/"\$(dynamicR|recursiveR|r)ef"/.test(text)) return "";
    const definitions = JSON.stringify(asObject(this.#root)?.["$defs"] ?? {});
    return /"#(\/(?!\$defs\/)|")/.test(text + definitions) ? JSON.stringify(this.#root) : definitions;
  }

  #shapes(schema: JsonSchema, trail: readonly string[]): readonly Shape[] {
    this.#budget.spend();
    const blurs: Blur[] = Object.keys(schema).flatMap((keyword) =>
      notRead.has(keyword) ? [{ keyword }] : [],
    );
    const { not } = schema;
    if (not === true || (isSchema(not) && typeof not === "object" && this.#saysNothing(not))) return [];

    let shapes = this.#ownShapes(schema, trail, blurs);
    const and = (others: readonly Shape[]): void => {
      shapes = meetAll(shapes, others, this.#budget);
      this.#budget.spend(shapes.length);
      if (shapes.length > manyShapes) this.#budget.spend(Number.POSITIVE_INFINITY);
    };
    if (typeof schema.$ref === "string") and(this.#referred(schema.$ref, trail));
    for (const part of asArray(schema.allOf)) if (isSchema(part)) and(this.#node(part, trail).shapes);
    if (Array.isArray(schema.anyOf)) and(this.#options(schema.anyOf, trail).flat());
    if (Array.isArray(schema.oneOf)) and(this.#oneOf(this.#options(schema.oneOf, trail)));
    if ("default" in schema && this.#dialect.defaultsAreValues) {
      shapes = [...shapes, { dialect: this.#dialect, blurs: [], kind: "value", value: schema.default }];
    }
    return shapes;
  }

  #options(list: readonly unknown[], trail: readonly string[]): readonly (readonly Shape[])[] {
    return list.filter(isSchema).map((option) => this.#node(option, trail).shapes);
  }

  /** Exactly one of the options: as any of them, where no value is of two. */
  #oneOf(options: readonly (readonly Shape[])[]): readonly Shape[] {
    const areApart = options.every((option, index) =>
      options.slice(index + 1).every((other) => apartShapes(option, other, this.#budget)),
    );
    const shapes = options.flat();
    return areApart
      ? shapes
      : shapes.map((shape) => ({ ...shape, blurs: [...shape.blurs, { keyword: "oneOf" }] }));
  }

  #unread(keyword: string): readonly Shape[] {
    return everyShape(this.#dialect).map((shape) => ({ ...shape, blurs: [{ keyword }] }));
  }

  #referred(reference: string, trail: readonly string[]): readonly Shape[] {
    const target = trail.includes(reference) ? undefined : this.#find(reference);
    return target === undefined ? this.#unread("$ref") : this.#node(target, [...trail, reference]).shapes;
  }

  /** What `#` or `#/$defs/Name` refers to. */
  #find(reference: string): Schema | undefined {
    if (!/^#(\/|$)/.test(reference)) return;
    let found: unknown = this.#root;
    for (const token of reference.slice(1).split("/").slice(1)) {
      const object = asObject(found);
      const names = [token, safeDecode(token)].map((name) => name.replace(/~1/g, "/").replace(/~0/g, "~"));
      const name = names.find((each) => object !== undefined && Object.hasOwn(object, each));
      if (object === undefined || name === undefined) return;
      found = object[name];
      // What is in a resource of its own has references of its own.
      if (asObject(found)?.["$id"] !== undefined) return;
    }
    return isSchema(found) ? found : undefined;
  }

  /** What the schema's own keywords take, without those that combine schemas. */
  #ownShapes(schema: JsonSchema, trail: readonly string[], blurs: readonly Blur[]): readonly Shape[] {
    const { type } = schema;
    const types: readonly unknown[] = type === undefined ? allTypes : Array.isArray(type) ? type : [type];
    const shapes = types.flatMap((each) =>
      typeof each === "string" ? this.#ofType(each, schema, trail, blurs) : this.#unread("type"),
    );
    const values = "const" in schema ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : undefined;
    if (values === undefined) return shapes;
    // Of several sorts, each value is of one at most.
    const literals = [...new Set<unknown>(values)].map(
      (value): Shape => ({ dialect: this.#dialect, blurs: [], kind: "value", value }),
    );
    const met = meetAll(literals, shapes, this.#budget);
    if (!("const" in schema) || !Array.isArray(schema.enum)) return met;
    return meetAll(
      met,
      schema.enum.map((value): Shape => ({ dialect: this.#dialect, blurs: [], kind: "value", value })),
      this.#budget,
    );
  }

  #ofType(
    type: string,
    schema: JsonSchema,
    trail: readonly string[],
    blurs: readonly Blur[],
  ): readonly Shape[] {
    const common = { dialect: this.#dialect, blurs };
    switch (type) {
      case "null":
        return [{ ...common, kind: "value", value: null }];
      case "boolean":
        return [true, false].map((value) => ({ ...common, kind: "value", value }));
      case "integer":
      case "number":
        return shapeUnlessEmpty({
          ...common,
          kind: "number",
          isInteger: type === "integer",
          low: endOf(schema["minimum"], schema["exclusiveMinimum"], Number.NEGATIVE_INFINITY),
          high: endOf(schema["maximum"], schema["exclusiveMaximum"], Number.POSITIVE_INFINITY),
          multiplesOf: typeof schema["multipleOf"] === "number" ? [schema["multipleOf"]] : [],
        });
      case "string":
        return shapeUnlessEmpty({
          ...common,
          kind: "string",
          low: numberOf(schema["minLength"], 0),
          high: numberOf(schema["maxLength"], Number.POSITIVE_INFINITY),
          patterns: typeof schema["pattern"] === "string" ? [schema["pattern"]] : [],
          formats: typeof schema.format === "string" ? [schema.format] : [],
        });
      case "array":
        return this.#array(schema, trail, blurs);
      case "object":
        return this.#object(schema, trail, blurs);
      default:
        return this.#unread("type");
    }
  }

  #array(schema: JsonSchema, trail: readonly string[], blurs: readonly Blur[]): readonly Shape[] {
    // A list under `items` is of an older draft.
    const isOlder = Array.isArray(schema.items);
    return shapeUnlessEmpty({
      dialect: this.#dialect,
      blurs: isOlder ? [...blurs, { keyword: "items" }] : blurs,
      kind: "array",
      prefix: asArray(schema.prefixItems).map((item) => this.#node(isSchema(item) ? item : true, trail)),
      rest: this.#node(!isOlder && isSchema(schema.items) ? schema.items : true, trail),
      low: numberOf(schema["minItems"], 0),
      high: numberOf(schema["maxItems"], Number.POSITIVE_INFINITY),
    });
  }

  #object(schema: JsonSchema, trail: readonly string[], blurs: readonly Blur[]): readonly Shape[] {
    const { properties, additionalProperties } = schema;
    const keys = new Map(
      Object.entries(asObject(properties) ?? {}).map(([key, value]) => [
        key,
        this.#node(isSchema(value) ? value : true, trail),
      ]),
    );
    let rest = this.#node(isSchema(additionalProperties) ? additionalProperties : true, trail);
    const own: Blur[] = [...blurs];
    // What a keyword that is wrong would take is not known.
    if (properties !== undefined && !Object.values(asObject(properties) ?? { none: null }).every(isSchema)) {
      own.push({ keyword: "properties" });
    }
    if (additionalProperties !== undefined && !isSchema(additionalProperties)) {
      own.push({ keyword: "additionalProperties" });
    }

    const names = schema["propertyNames"];
    const listed = isSchema(names) && typeof names === "object" ? this.#namesIn(names) : undefined;
    if (listed !== undefined) {
      for (const name of listed) if (!keys.has(name)) keys.set(name, rest);
      for (const name of keys.keys()) if (!listed.includes(name)) keys.set(name, nothing);
      rest = nothing;
    } else if (names !== undefined && names !== true && !this.#isAnyName(names)) {
      own.push({ keyword: "propertyNames" });
    }
    // How a pattern of keys and what is said of the other keys go together is not looked into.
    if (schema["patternProperties"] !== undefined) rest = anything(this.#dialect);
    const required = new Set(asArray(schema.required).filter((key) => typeof key === "string"));
    const object = shapeUnlessEmpty({
      dialect: this.#dialect,
      blurs: own,
      kind: "object",
      keys,
      required,
      rest,
    });
    return [...object, ...this.#arraysAsObjects(schema, keys, required, trail)];
  }

  /** The arrays that pass for objects, in dialects where some do. */
  #arraysAsObjects(
    schema: JsonSchema,
    keys: ReadonlyMap<string, Node>,
    required: ReadonlySet<string>,
    trail: readonly string[],
  ): readonly Shape[] {
    const { arraysAreObjects } = this.#dialect;
    const types = asArray(schema.type);
    if (arraysAreObjects === "no" || (schema.type !== "object" && !types.includes("object"))) return [];
    if (types.includes("array") || [...required].some((key) => !isArrayKey(key))) return [];
    const isPlain =
      arraysAreObjects === "yes" &&
      ![...keys.keys()].some(isArrayKey) &&
      schema.additionalProperties === undefined &&
      Object.keys(schema).every((keyword) => !notRead.has(keyword) && keyword !== "propertyNames");
    return this.#array({}, trail, isPlain ? [] : [{ keyword: "type" }]);
  }

  #isAnyName(names: unknown): boolean {
    const object = asObject(names);
    return (
      object !== undefined &&
      Object.entries(object).every(([key, value]) => key === "type" && value === "string")
    );
  }

  /** The names a key may have, where they are listed. */
  #namesIn(names: JsonSchema): readonly string[] | undefined {
    const list = "const" in names ? [names.const] : names.enum;
    if (list === undefined || !Object.keys(names).every((key) => ["type", "enum", "const"].includes(key)))
      return;
    return list.filter((name) => typeof name === "string");
  }
}

const allTypes = ["null", "boolean", "number", "string", "array", "object"] as const;

function safeDecode(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}
