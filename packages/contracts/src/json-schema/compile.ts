import { ContractError } from "../errors.ts";
import type { JsonSchema } from "../json-schema.ts";
import { visitSchemas } from "../json/schema-positions.ts";
import { type AjvCheck, createAjv, type FormatsMode, getMetaAjv } from "./ajv.ts";
import { findEndlessReference } from "./check-references.ts";
import type { PatternEngine } from "./pattern-engine.ts";
import { toPointer } from "./plain-json.ts";
import { asObject } from "../vendors/vendor-object.ts";

const drafts: ReadonlySet<unknown> = new Set([
  undefined,
  "https://json-schema.org/draft/2020-12/schema",
  "https://json-schema.org/draft/2020-12/schema#",
]);

function bad(place: string, what: string, hint: string, cause?: unknown): ContractError {
  return new ContractError({
    code: "BAD_SCHEMA",
    message: `The JSON Schema is faulty at ${place}: ${what}.`,
    hint,
    path: place,
    vendor: "json-schema",
    cause,
  });
}

/** Refuses a schema of another draft, and one that would have to be validated asynchronously. */
export function checkDialect(schema: JsonSchema | boolean): void {
  if (typeof schema === "boolean") return;
  if (!drafts.has(schema.$schema)) {
    throw bad(
      "#/$schema",
      `it is of the draft ${JSON.stringify(schema.$schema)}, not 2020-12`,
      "Leave $schema out where the schema means the same in 2020-12, which has $defs for definitions and prefixItems for a list under items.",
    );
  }
  if (schema["$async"] === true) {
    throw bad("#/$async", "it asks for asynchronous validation", "Leave $async out.");
  }
}

/** Says where an expression is that cannot be read: Ajv would name the expression, but not the place. */
function checkPatterns(schema: JsonSchema, regExp: PatternEngine | undefined): void {
  visitSchemas(schema, (node, keys) => {
    const patterns: readonly (readonly [string, readonly (string | number)[]])[] = [
      ...(typeof node["pattern"] === "string" ? [[node["pattern"], [...keys, "pattern"]] as const] : []),
      ...Object.keys(Object(node["patternProperties"])).map(
        (pattern) => [pattern, [...keys, "patternProperties", pattern]] as const,
      ),
    ];
    for (const [pattern, place] of patterns) {
      try {
        new RegExp(pattern, "u");
      } catch (error) {
        const hint =
          "Patterns are read as JavaScript reads them with the flag u, where only what needs it is escaped.";
        throw bad(toPointer(place), messageOf(error), hint, error);
      }
      try {
        regExp?.(pattern);
      } catch (error) {
        const hint = asObject(error)?.["hint"];
        throw bad(
          toPointer(place),
          messageOf(error),
          typeof hint === "string" ? hint : "Write another pattern.",
          error,
        );
      }
    }
  });
}

function checkReferences(schema: JsonSchema): void {
  const endless = findEndlessReference(schema);
  if (endless === undefined) return;
  const { keys, way } = endless;
  const [first = "#", ...others] = way;
  const through = others.length === 0 ? "" : ` by way of ${others.join(", ")}`;
  throw bad(
    toPointer(keys),
    `it leads back to ${first}${through}, so that no value would ever be done with`,
    "A schema refers to itself under properties, items and the like, where there is less of the value each time.",
  );
}

/** What cannot be referred to. */
function missing(schema: JsonSchema | boolean, reference: string, cause: unknown): ContractError {
  const found: { readonly written: string; readonly place: string }[] = [];
  if (typeof schema === "object") {
    visitSchemas(schema, ({ $ref, $dynamicRef }, keys) => {
      for (const [keyword, written] of Object.entries({ $ref, $dynamicRef })) {
        if (typeof written === "string") found.push({ written, place: toPointer([...keys, keyword]) });
      }
    });
  }
  // Ajv names it with what comes before it by an $id, and without a ./ at its beginning.
  const { written = reference, place = "#" } =
    found.find((each) => each.written === reference) ??
    found.find(
      (each) => !each.written.startsWith("#") && reference.endsWith(each.written.replace(/^\.\//, "")),
    ) ??
    found.find((each) => reference.endsWith(each.written)) ??
    {};
  const what = written.startsWith("#") ? `there is nothing at ${written}` : `${written} is never fetched`;
  return bad(
    place,
    what,
    "Only what is in the schema itself can be referred to: put it under $defs, and write #/$defs/name.",
    cause,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function checkKeywords(schema: JsonSchema): void {
  const ajv = getMetaAjv();
  if (ajv.validateSchema(schema)) return;
  // Where a keyword takes one thing or another, Ajv says so last, after what is wrong with each; the deepest place is
  // what the author has to look at.
  const [error] = [...(ajv.errors ?? [])].sort((a, b) => b.instancePath.length - a.instancePath.length);
  const allowed = error?.params["allowedValues"];
  const values = Array.isArray(allowed) ? ` (${allowed.join(", ")})` : "";
  throw bad(
    `#${error?.instancePath ?? ""}`,
    `${error?.message ?? "it is no JSON Schema"}${values}`,
    "See the keyword in https://json-schema.org/draft/2020-12/json-schema-validation.",
  );
}

/** A check of values, and what it remembers of one while it is checked. */
export interface Compiled {
  readonly check: AjvCheck;
  readonly forget: () => void;
}

/**
 * Makes a check of a JSON Schema.
 *
 * @throws ContractError `BAD_SCHEMA` with the place; `MISSING_PEER` where Ajv is not installed.
 */
export function compile(
  schema: JsonSchema | boolean,
  formats: FormatsMode,
  regExp: PatternEngine | undefined,
): Compiled {
  if (typeof schema === "object") {
    checkKeywords(schema);
    checkPatterns(schema, regExp);
    checkReferences(schema);
  }
  const [ajv, { forget }] = createAjv(formats, regExp);
  try {
    return { check: ajv.compile(schema), forget };
  } catch (error) {
    const reference = error instanceof Error && "missingRef" in error ? error.missingRef : undefined;
    if (typeof reference !== "string") {
      throw bad("#", error instanceof Error ? error.message : String(error), "Mend the schema.", error);
    }
    throw missing(schema, reference, error);
  }
}
