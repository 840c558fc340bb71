import type { AnySchema } from "../schema.ts";
import { asArray, asObject } from "../vendors/vendor-object.ts";
import { type Analysis, isInheritedKey, Notes } from "./trait.ts";
import {
  type ValibotItem,
  valibotEntries,
  valibotItemOf,
  valibotParts,
  valibotPipe,
} from "../vendors/valibot-parts.ts";

/** Schemas that hand on the very value they accept. */
const leaves: ReadonlySet<string> = new Set([
  "any",
  "bigint",
  "blob",
  "boolean",
  "date",
  "enum",
  "file",
  "instance",
  "literal",
  "nan",
  "never",
  "null",
  "number",
  "picklist",
  "string",
  "symbol",
  "undefined",
  "unknown",
  "void",
]);

/** Leaves that no object passes. */
const primitives: ReadonlySet<string> = new Set([
  "bigint",
  "boolean",
  "enum",
  "literal",
  "nan",
  "never",
  "null",
  "number",
  "picklist",
  "string",
  "symbol",
  "undefined",
  "void",
]);

/** Containers that neither drop nor add anything. No object schema is: all of them take arrays and make objects of them. */
const exact: ReadonlySet<string> = new Set([
  "array",
  "exact_optional",
  "non_nullable",
  "non_nullish",
  "non_optional",
  "nullable",
  "nullish",
  "optional",
  "strict_tuple",
  "undefinedable",
  "union",
]);

/** Containers that may drop something, if only a key `constructor`. */
const dropping: ReadonlySet<string> = new Set([
  "loose_object",
  "loose_tuple",
  "map",
  "object",
  "object_with_rest",
  "record",
  "set",
  "strict_object",
  "tuple",
  "tuple_with_rest",
  "variant",
]);

/** Checks that the JSON Schema shows. */
const shownChecks: ReadonlySet<string> = new Set([
  "base64",
  "empty",
  "entries",
  "gt_value",
  "integer",
  "ipv4",
  "ipv6",
  "iso_date",
  "length",
  "lt_value",
  "max_entries",
  "max_length",
  "max_value",
  "min_entries",
  "min_length",
  "min_value",
  "multiple_of",
  "non_empty",
  "safe_integer",
  "value",
  "values",
]);

/** Checks shown as a pattern, of which the JSON Schema holds one. */
const patternChecks: ReadonlySet<string> = new Set([
  "bic",
  "cuid2",
  "decimal",
  "digits",
  "emoji",
  "ends_with",
  "hash",
  "hex_color",
  "hexadecimal",
  "includes",
  "mac",
  "mac48",
  "mac64",
  "nanoid",
  "octal",
  "regex",
  "starts_with",
  "ulid",
]);

/** Checks that always answer the same, but that the JSON Schema shows roughly or not at all. */
const hiddenChecks: ReadonlySet<string> = new Set([
  "bytes",
  "code_points",
  "credit_card",
  "domain",
  "email",
  "excludes",
  "finite",
  "graphemes",
  "imei",
  "ip",
  "isbn",
  "isrc",
  "iso_date_time",
  "iso_date_time_second",
  "iso_time",
  "iso_time_second",
  "iso_timestamp",
  "iso_week",
  "jws_compact",
  "ksuid",
  "max_bytes",
  "max_code_points",
  "max_graphemes",
  "max_size",
  "max_words",
  "mime_type",
  "min_bytes",
  "min_code_points",
  "min_graphemes",
  "min_size",
  "min_words",
  "not_bytes",
  "not_code_points",
  "not_entries",
  "not_graphemes",
  "not_length",
  "not_size",
  "not_value",
  "not_values",
  "not_words",
  "rfc_email",
  "size",
  "slug",
  "url",
  "uuid",
  "words",
]);

/** Actions of the kind "transformation" that hand on the very value they were given. */
const inertActions: ReadonlySet<string> = new Set(["brand", "flavor", "readonly"]);

function noteCheck(action: ValibotItem, path: string, hasPattern: boolean, notes: Notes): void {
  const { type } = action;
  const requirement = action.object["requirement"];
  if (requirement instanceof RegExp) {
    // Such an expression remembers where it stopped, and answers differently the next time.
    if (/[gy]/.test(requirement.flags)) notes.mayDiffer = true;
    if (type === "regex" && /[imsy]/.test(requirement.flags)) {
      return notes.addHidden(path, `regex flags ${requirement.flags}`);
    }
  }
  if (shownChecks.has(type) || (patternChecks.has(type) && !hasPattern)) return;
  if (patternChecks.has(type) || hiddenChecks.has(type)) return notes.addHidden(path, type);
  notes.addOpaque(path, type);
}

function noteActions(actions: readonly ValibotItem[], path: string, notes: Notes): void {
  let hasPattern = false;
  for (const action of actions) {
    if (action.kind === "metadata") continue;
    if (action.object["async"] === true) notes.addOpaque(path, `async ${action.type}`);
    if (action.kind === "validation") {
      noteCheck(action, path, hasPattern, notes);
      hasPattern ||= patternChecks.has(action.type);
    } else if (action.kind === "transformation") {
      if (!inertActions.has(action.type)) notes.addTransform(path, action.type);
    } else notes.addUnknown(path, action.kind);
  }
}

/** Whether a plain value that passes is known to come out equal: primitives, in containers that refuse the rest. */
function keepsValue(schema: ValibotItem | undefined, known: Map<object, boolean>): boolean {
  if (schema === undefined) return false;
  const answer = known.get(schema.key);
  if (answer !== undefined) return answer;
  // Asked again while it is being found out, a recursive schema is not known to.
  known.set(schema.key, false);
  const kept =
    primitives.has(schema.type) ||
    (exact.has(schema.type) && valibotParts(schema, "").every((part) => keepsValue(part.schema, known)));
  known.set(schema.key, kept);
  return kept;
}

/** Valibot's object schemas take arrays, dates and maps as well: whatever is no primitive may pass. */
function takesObjects(schema: ValibotItem | undefined, depth = 0): boolean {
  if (schema === undefined || depth > 20) return true;
  if (primitives.has(schema.type)) return false;
  if (schema.object["wrapped"] === undefined && schema.type !== "union") return true;
  return valibotParts(schema, "").some((part) => takesObjects(part.schema, depth + 1));
}

/** As for Zod: see there. */
function unionIsStable(schema: ValibotItem, known: Map<object, boolean>): boolean {
  const options = asArray(schema.object["options"]).map(valibotItemOf);
  if (options.filter((option) => takesObjects(option)).length <= 1) return true;
  return options.every((option) => keepsValue(option, known));
}

/** Whether the value of the key alone says which option takes the object: literals, all different. */
function variantIsStable(schema: ValibotItem): boolean {
  const tag = schema.object["key"];
  const values = asArray(schema.object["options"]).flatMap((value) => {
    const option = valibotItemOf(value);
    const entry = option && valibotEntries(option).find(([key]) => key === tag);
    const literal = valibotItemOf(entry?.[1]);
    if (literal === undefined || literal.object["pipe"] !== undefined) return [undefined];
    if (literal.type === "literal") return [literal.object["literal"]];
    return literal.type === "picklist" || literal.type === "enum"
      ? asArray(literal.object["options"])
      : [undefined];
  });
  return !values.includes(undefined) && new Set(values).size === values.length;
}

function noteSchema(schema: ValibotItem, path: string, notes: Notes, known: Map<object, boolean>): void {
  const { object, type } = schema;
  if (object["async"] === true) notes.mayDiffer = true;
  if (object["default"] !== undefined) notes.addTransform(path, "default");
  if ("fallback" in object) notes.addTransform(path, "fallback");
  if (valibotEntries(schema).some(([key]) => isInheritedKey(key))) notes.mayDiffer = true;

  if (type === "custom" || type === "instance") notes.addOpaque(path, type);
  else if (type === "union") {
    if (!unionIsStable(schema, known)) notes.mayDiffer = true;
  } else if (type === "variant") {
    if (!variantIsStable(schema)) notes.mayDiffer = true;
  } else if (type === "record") {
    if (!["string", "picklist", "enum"].includes(valibotItemOf(object["key"])?.type ?? ""))
      notes.mayDiffer = true;
  } else if (type === "lazy") notes.addUnknown(path, type);
  else if (type === "intersect" || type === "promise") notes.mayDiffer = true;
  else if (type === "function") notes.addOpaque(path, type);
  else if (!leaves.has(type) && !exact.has(type) && !dropping.has(type)) notes.addUnknown(path, type);
}

function visit(schema: ValibotItem, path: string, notes: Notes, known: Map<object, boolean>): void {
  if (notes.seen.has(schema.key)) return;
  notes.seen.add(schema.key);
  const [base, ...actions] = valibotPipe(schema);
  if (base !== undefined && base.key !== schema.key) {
    // Wrapped after it was piped, `v.fallback(v.pipe(…))`, the copy says more than the pipe does.
    if ("fallback" in schema.object) notes.addTransform(path, "fallback");
    if (schema.object["async"] === true) notes.mayDiffer = true;
    const later = actions.filter((item) => item.kind === "schema");
    if (later.length > 0 && ![base, ...later].every((item) => keepsValue(item, known)))
      notes.mayDiffer = true;
    noteActions(
      actions.filter((item) => item.kind !== "schema"),
      path,
      notes,
    );
    for (const item of [base, ...later]) visit(item, path, notes, known);
    return;
  }
  noteSchema(schema, path, notes, known);
  for (const part of valibotParts(schema, path)) visit(part.schema, part.path, notes, known);
}

/** What is known of a Valibot schema, wrapped by `fromValibot` or not, or `undefined` where it is none. */
export function analyzeValibot(schema: AnySchema): Analysis | undefined {
  const root = valibotItemOf(asObject(schema));
  if (root === undefined || root.kind !== "schema") return;
  const notes = new Notes();
  const known = new Map<object, boolean>();
  visit(root, "", notes, known);
  return {
    vendor: "valibot",
    opaqueChecks: notes.opaqueChecks,
    transforms: notes.transforms,
    parseIsIdempotent: !notes.mayDiffer,
    keepsReference: !notes.mayDiffer && leaves.has(root.type),
  };
}
