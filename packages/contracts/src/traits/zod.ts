import type { AnySchema } from "../schema.ts";
import { asArray, asObject, type VendorObject } from "../vendors/vendor-object.ts";
import { type Analysis, isInheritedKey, Notes } from "./trait.ts";
import {
  type ZodSchema,
  zodChecks,
  zodContainers,
  zodParts,
  zodPipe,
  zodSchemaOf,
  zodShape,
} from "../vendors/zod-parts.ts";

/** Types that hand on the very value they accept, where no check alters it. */
const leaves: ReadonlySet<string> = new Set([
  "string",
  "number",
  "boolean",
  "bigint",
  "symbol",
  "undefined",
  "null",
  "any",
  "unknown",
  "never",
  "void",
  "date",
  "nan",
  "enum",
  "literal",
  "template_literal",
  "file",
]);

/** Types that put another value in the place of the one they were given. */
const replacing: ReadonlySet<string> = new Set(["default", "prefault", "catch", "transform", "success"]);

/** Leaves that no object and no array passes. */
const primitives: ReadonlySet<string> = new Set([
  "string",
  "number",
  "boolean",
  "bigint",
  "symbol",
  "undefined",
  "null",
  "never",
  "void",
  "nan",
  "enum",
  "literal",
  "template_literal",
]);

/** Built-in checks that read the value and nothing else. */
const pureChecks: ReadonlySet<string> = new Set([
  "less_than",
  "greater_than",
  "multiple_of",
  "number_format",
  "bigint_format",
  "max_size",
  "min_size",
  "size_equals",
  "max_length",
  "min_length",
  "length_equals",
  "string_format",
  "mime_type",
]);

/** String formats that check more than the pattern in their JSON Schema says. */
const hiddenFormats: ReadonlySet<string> = new Set(["jwt", "credit_card", "iban", "cidrv6", "ipv6"]);

/** The conditions that Zod itself puts on its size checks, by name and, before they had one (4.2), by their end. */
const ownConditionNames: ReadonlySet<string> = new Set(["_whenHasLength", "_whenHasSize"]);
const ownConditionEnd = /return !util\.nullish\(val\) && val\.(length|size) !== undefined;\s*\}$/;

function isOwnCondition(when: unknown): boolean {
  if (typeof when !== "function") return when === undefined;
  return ownConditionNames.has(when.name) || ownConditionEnd.test(Function.prototype.toString.call(when));
}

/** What JSON has no values of, nor JSON Schema any bounds for. */
const unshown: ReadonlySet<string> = new Set(["bigint", "date"]);

function noteCheck(check: VendorObject, path: string, notes: Notes, type: string): void {
  const name = check["check"];
  const when = check["when"];
  if (typeof name !== "string") return notes.addUnknown(path, "check");
  if (name === "custom") return notes.addOpaque(path, typeof check["fn"] === "function" ? "refine" : "check");
  if (name === "overwrite") return notes.addTransform(path, "overwrite");
  if (name === "property" || name === "properties") return notes.addOpaque(path, name);
  if (!pureChecks.has(name)) return notes.addUnknown(path, `check ${name}`);
  if (!isOwnCondition(when)) return notes.addOpaque(path, `${name} when`);
  if (unshown.has(type)) return notes.addHidden(path, name);
  if (name !== "string_format") return;

  const format = String(check["format"]);
  if (typeof check["fn"] === "function") return notes.addOpaque(path, `format ${format}`);
  // It trims, and drops tabs and line breaks.
  if (format === "url") {
    notes.addHidden(path, "format url");
    return notes.addTransform(path, "url");
  }
  if (hiddenFormats.has(format)) return notes.addHidden(path, `format ${format}`);
  const pattern = check["pattern"];
  if (pattern instanceof RegExp && /[imsy]/.test(pattern.flags)) {
    notes.addHidden(path, `regex flags ${pattern.flags}`);
  }
}

/** Containers that neither drop nor add anything. */
const exact: ReadonlySet<string> = new Set([
  "object",
  "array",
  "tuple",
  "union",
  "optional",
  "nullable",
  "nonoptional",
  "readonly",
]);

/**
 * Whether a plain value that passes is known to come out equal: primitives, in containers that refuse what is not
 * declared. (A loose object drops a key `__proto__`; `z.any()` hands on objects that are not plain.)
 */
function keepsValue(schema: ZodSchema | undefined, known: Map<object, boolean>): boolean {
  if (schema === undefined) return false;
  const answer = known.get(schema.key);
  if (answer !== undefined) return answer;
  // Asked again while it is being found out, a recursive schema is not known to.
  known.set(schema.key, false);
  const kept =
    primitives.has(schema.type) ||
    (exact.has(schema.type) &&
      (schema.type !== "object" || zodSchemaOf(schema.def["catchall"])?.type === "never") &&
      zodParts(schema, "").every((part) => keepsValue(part.schema, known)));
  known.set(schema.key, kept);
  return kept;
}

/** Which sorts of values other than primitives may pass. */
function sortsOf(schema: ZodSchema | undefined, depth = 0): readonly ("object" | "array")[] {
  if (schema === undefined || depth > 20) return ["object", "array"];
  if (primitives.has(schema.type)) return [];
  if (schema.type === "array" || schema.type === "tuple") return ["array"];
  if (["object", "record", "map", "set", "date", "file"].includes(schema.type)) return ["object"];
  if (["optional", "nullable", "nonoptional", "readonly", "union"].includes(schema.type)) {
    return zodParts(schema, "").flatMap((part) => sortsOf(part.schema, depth + 1));
  }
  return ["object", "array"];
}

/**
 * Whether the option that took a value takes what it made of it, too, and no other does first.
 *
 * That is so where the options take apart sorts of values, or where none of them alters what it accepts. It is not so
 * in general: with `{ a, k?: number } | { a, c }`, the value `{ a, c, k: "no" }` passes the second only, which drops
 * `k`, whereupon the first takes it and drops `c`.
 */
function unionIsStable(schema: ZodSchema, known: Map<object, boolean>): boolean {
  const options = asArray(schema.def["options"]).map(zodSchemaOf);
  if (typeof schema.def["discriminator"] === "string" && schema.def["unionFallback"] !== true) return true;
  const sorts = options.flatMap((option) => [...new Set(sortsOf(option))]);
  if (new Set(sorts).size === sorts.length) return true;
  // An exclusive union counts who accepts, and that may change with the keys that were dropped.
  return schema.def["inclusive"] !== false && options.every((option) => keepsValue(option, known));
}

function visit(schema: ZodSchema, path: string, notes: Notes, known: Map<object, boolean>): void {
  if (notes.seen.has(schema.key)) return;
  notes.seen.add(schema.key);
  const { type, def } = schema;

  if (type === "custom") notes.addOpaque(path, "custom");
  else for (const check of zodChecks(schema)) noteCheck(check, path, notes, type);

  if (def["coerce"] === true) notes.addTransform(path, "coerce");
  else if (replacing.has(type)) notes.addTransform(path, type);
  else if (type === "pipe") {
    const [before, after] = zodPipe(schema);
    if (typeof def["transform"] === "function") notes.addTransform(path, "codec");
    else if (!keepsValue(before, known) || !keepsValue(after, known)) notes.mayDiffer = true;
  } else if (type === "union") {
    if (!unionIsStable(schema, known)) notes.mayDiffer = true;
  } else if (type === "record") {
    // A key schema that alters keys, or takes numbers for them, may make two keys one.
    const key = zodSchemaOf(def["keyType"]);
    if (key === undefined || !["string", "enum", "literal", "template_literal"].includes(key.type)) {
      notes.mayDiffer = true;
    }
  } else if (type === "object") {
    if (zodShape(schema).some(([key]) => isInheritedKey(key))) notes.mayDiffer = true;
  } else if (type === "intersection" || type === "lazy" || type === "promise") notes.mayDiffer = true;
  else if (type === "function") notes.addTransform(path, type);
  else if (type !== "custom" && !leaves.has(type) && !zodContainers.has(type)) notes.addUnknown(path, type);

  for (const part of zodParts(schema, path)) visit(part.schema, part.path, notes, known);
}

/** What is known of a Zod 4 schema, or `undefined` where it is none (Zod 3 is not). */
export function analyzeZod(schema: AnySchema): Analysis | undefined {
  const root = zodSchemaOf(asObject(schema));
  if (root === undefined) return;
  const notes = new Notes();
  const known = new Map<object, boolean>();
  visit(root, "", notes, known);
  return {
    vendor: "zod",
    opaqueChecks: notes.opaqueChecks,
    transforms: notes.transforms,
    parseIsIdempotent: !notes.mayDiffer,
    keepsReference: !notes.mayDiffer && leaves.has(root.type),
  };
}
