import { joinKey } from "../path.ts";
import { asArray, asObject, type VendorObject } from "./vendor-object.ts";

/** What is read of a Zod 4 schema: the part under `_zod`, which Zod, Zod Mini and every wrapper of them share. */
export interface ZodSchema {
  /** The same object for the same schema. */
  readonly key: object;
  readonly type: string;
  readonly def: VendorObject;
  readonly internals: VendorObject;
}

/** A schema inside another. */
export interface ZodPart {
  readonly schema: ZodSchema;
  readonly path: string;
}

/** Reads a Zod 4 schema; `undefined` for anything else, Zod 3 included. */
export function zodSchemaOf(value: unknown): ZodSchema | undefined {
  const key = asObject(value);
  const internals = asObject(key?.["_zod"]);
  const def = asObject(internals?.["def"]);
  const type = def?.["type"];
  if (key === undefined || internals === undefined || def === undefined || typeof type !== "string") return;
  return { key, type, def, internals };
}

/** Types that do no more than their parts do. */
export const zodContainers: ReadonlySet<string> = new Set([
  "object",
  "array",
  "tuple",
  "record",
  "map",
  "set",
  "union",
  "optional",
  "nullable",
  "nonoptional",
  "readonly",
  "pipe",
]);

const wrappers: ReadonlySet<string> = new Set([
  "optional",
  "nullable",
  "nonoptional",
  "default",
  "prefault",
  "catch",
  "readonly",
  "promise",
]);

/** The checks on a schema, its own first where it is a check itself (`z.email()`, `z.int()`). */
export function zodChecks(schema: ZodSchema): readonly VendorObject[] {
  const own = typeof schema.def["check"] === "string" ? [schema.def] : [];
  const attached = asArray(schema.def["checks"]).map(
    (check) => asObject(asObject(asObject(check)?.["_zod"])?.["def"]) ?? {},
  );
  return [...own, ...attached];
}

/** The shape of an object schema, by key; resolves the getters of a recursive one. */
export function zodShape(schema: ZodSchema): readonly (readonly [PropertyKey, unknown])[] {
  const shape = asObject(schema.def["shape"]) ?? {};
  return Reflect.ownKeys(shape).map((key) => [key, shape[key]] as const);
}

/**
 * The two schemas of a pipe. One of them may be a bare transform: in `z.string().transform(…)` the second is, in
 * `z.preprocess(…)` the first.
 */
export function zodPipe(schema: ZodSchema): readonly [ZodSchema | undefined, ZodSchema | undefined] {
  return [zodSchemaOf(schema.def["in"]), zodSchemaOf(schema.def["out"])];
}

function innerParts(schema: ZodSchema, path: string): readonly (readonly [unknown, string])[] {
  const { def, type } = schema;
  if (wrappers.has(type)) return [[def["innerType"], path]];
  switch (type) {
    case "object":
      return [
        ...zodShape(schema).map(([key, value]) => [value, joinKey(path, key)] as const),
        [def["catchall"], `${path}.*`],
      ];
    case "array":
      return [[def["element"], `${path}[]`]];
    case "tuple":
      return [
        ...asArray(def["items"]).map((item, index) => [item, `${path}[${index}]`] as const),
        [def["rest"], `${path}[]`],
      ];
    case "union":
      return asArray(def["options"]).map((option, index) => [option, `${path}|${index}`] as const);
    case "intersection":
      return [
        [def["left"], `${path}&0`],
        [def["right"], `${path}&1`],
      ];
    case "record":
    case "map":
      return [
        [def["keyType"], `${path}.(key)`],
        [def["valueType"], `${path}.*`],
      ];
    case "set":
      return [[def["valueType"], `${path}[]`]];
    case "pipe":
      return [
        [def["in"], path],
        [def["out"], path],
      ];
    case "lazy":
      return [[schema.internals["innerType"], path]];
    default:
      return [];
  }
}

/** The schemas directly inside one, both sides of a pipe included. */
export function zodParts(schema: ZodSchema, path: string): readonly ZodPart[] {
  return innerParts(schema, path).flatMap(([value, at]) => {
    const part = zodSchemaOf(value);
    return part === undefined ? [] : [{ schema: part, path: at.replace(/^\./, "") }];
  });
}
