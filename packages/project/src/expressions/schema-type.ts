import { kinds, kindOf, kindsOfSchemaType, schemaTypes } from "./kinds.ts";
import { isForeign, type Schema, SchemaDocument, schemasIn, type SchemaWriter } from "./schema-document.ts";
import type { Scalar } from "./tree.ts";
import {
  anyType,
  derivedType,
  type Field,
  intersectionOf,
  narrowed,
  nothingType,
  type Type,
  unionOf,
} from "./type.ts";

/** The type of what is valid for a JSON Schema. Keywords that are not looked into make it wider, never narrower. */
export function typeOfSchema(schema: Schema | undefined): Type {
  if (schema === undefined) return anyType;
  return read(new SchemaDocument(schema), schema, []);
}

/** `trail`: the references that led here; one that comes again is not followed. */
function read(document: SchemaDocument, schema: Schema, trail: readonly string[]): Type {
  if (schema === false) return nothingType;
  if (schema === true || (schema !== document.root && isForeign(schema)) || !document.spend()) return anyType;
  const options = [schema.anyOf, schema.oneOf]
    .filter((list) => Array.isArray(list))
    .map((list) => schemasIn(list).map((option) => read(document, option, trail)));
  const members = [
    ownKeywords(document, schema),
    ...referred(document, schema.$ref, trail),
    ...schemasIn(schema.allOf).map((part) => read(document, part, trail)),
    ...options.map((types) => unionOf(types)),
  ].filter((member) => member !== anyType);
  if (members.length === 0 && Object.keys(schema).length === 0) return anyType;

  const type: Type = derivedType(intersectionOf(members.length === 0 ? [anyType] : members), {
    only: (set) => {
      if ((type.kinds & ~set) === 0) return type;
      const [only, ...others] = options;
      // The branches one by one say it shorter, and closer.
      if (only !== undefined && others.length === 0 && members.length === 1 && only.length > 0) {
        return unionOf(only.map((option) => option.only(set)));
      }
      return narrowedSchema(document, schema, { type, set, trail });
    },
    write: (writer) => writer.part(document, schema),
  });
  return type;
}

function narrowedSchema(
  document: SchemaDocument,
  schema: Exclude<Schema, boolean>,
  { type, set, trail }: { readonly type: Type; readonly set: number; readonly trail: readonly string[] },
): Type {
  const left = type.kinds & set;
  if (left === 0) return nothingType;
  const reference = schema.$ref;
  if (typeof reference === "string" && Object.keys(schema).length === 1 && !trail.includes(reference)) {
    const target = document.find(reference) ?? true;
    const followed = read(document, target, [...trail, reference]);
    if (followed.kinds === type.kinds) return followed.only(set);
  }
  const others = narrowed(type, set);
  const isPlain = schema.$ref === undefined && schema.allOf === undefined && !("const" in schema);
  if (!isPlain || schema.anyOf !== undefined || schema.oneOf !== undefined) return others;
  const made: Type = derivedType(others, {
    only: (next) =>
      (left & ~next) === 0 ? made : narrowedSchema(document, schema, { type, set: left & next, trail }),
    write: (writer: SchemaWriter) => {
      const written = writer.part(document, schema);
      if (typeof written === "boolean") return written;
      const types = schemaTypes(left);
      const { enum: values, ...rest } = written;
      return {
        ...rest,
        type: types.length === 1 ? (types[0] ?? "") : types,
        ...(values === undefined ? {} : { enum: values.filter((value) => kindOf(value) & left) }),
      };
    },
  });
  return made;
}

function referred(document: SchemaDocument, reference: unknown, trail: readonly string[]): readonly Type[] {
  if (typeof reference !== "string" || trail.includes(reference)) return [];
  const target = document.find(reference);
  return target === undefined ? [] : [read(document, target, [...trail, reference])];
}

/** What the keywords say that stand in the schema itself, without those that combine schemas. */
function ownKeywords(document: SchemaDocument, schema: Exclude<Schema, boolean>): Type {
  const set = kindsIn(schema);
  const values = valuesIn(schema);
  const says = [
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "items",
    "prefixItems",
  ];
  if (set === kinds.any && values === undefined && says.every((keyword) => schema[keyword] === undefined)) {
    return anyType;
  }
  const properties = schema.properties ?? {};
  const required = new Set(schema.required);
  const type: Type = {
    kinds: set,
    values:
      values === undefined || values.some((value) => value === undefined) ? undefined : scalarsOf(values),
    get items() {
      const rest = Array.isArray(schema.items) ? true : (schema.items ?? true);
      const prefix = schemasIn(schema.prefixItems ?? schema.items);
      const all = [...prefix, ...(rest === false ? [] : [rest])];
      return unionOf(all.map((item) => read(document, item, [])));
    },
    get anyField() {
      const rest = schema.additionalProperties ?? true;
      if (rest === true || schema["patternProperties"] !== undefined) return anyType;
      return unionOf([...Object.values(properties), rest].map((each) => read(document, each, [])));
    },
    keys: Object.keys(properties),
    field: (key) => fieldOf(document, schema, required, key),
    only: (only) => narrowed(type, only),
    write: () => ({}),
  };
  return type;
}

function fieldOf(
  document: SchemaDocument,
  schema: Exclude<Schema, boolean>,
  required: ReadonlySet<string>,
  key: string,
): Field {
  const presence = required.has(key) ? "always" : "perhaps";
  const { properties = {}, additionalProperties: rest } = schema;
  const listed = Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (listed !== undefined) {
    return listed === false
      ? { type: nothingType, presence: "never" }
      : { type: schema["patternProperties"] === undefined ? read(document, listed, []) : anyType, presence };
  }
  if (schema["patternProperties"] !== undefined) return { type: anyType, presence };
  if (rest === undefined) {
    const isUnlisted = Object.keys(properties).length > 0 && presence === "perhaps";
    return { type: anyType, presence: isUnlisted ? "unlisted" : presence };
  }
  if (rest === false) return { type: nothingType, presence: "never" };
  return { type: read(document, rest, []), presence };
}

function kindsIn(schema: Exclude<Schema, boolean>): number {
  let set: number = kinds.any;
  if (schema.type !== undefined) {
    set = [schema.type].flat().reduce((all, name) => all | (kindsOfSchemaType(name) ?? kinds.any), 0);
  }
  const values = valuesIn(schema);
  if (values === undefined) return set;
  return values.reduce<number>((all, value) => all | (kindOf(value) & set), 0);
}

function valuesIn(schema: Exclude<Schema, boolean>): readonly unknown[] | undefined {
  if ("const" in schema) return [schema.const];
  return Array.isArray(schema.enum) ? schema.enum : undefined;
}

function scalarsOf(values: readonly unknown[]): readonly Scalar[] | undefined {
  const scalars = values.filter(
    (value) => value === null || ["string", "number", "boolean"].includes(typeof value),
  );
  // Every one was tried above.
  return scalars.length === values.length ? (scalars as readonly Scalar[]) : undefined;
}
