import { quickLengths } from "../fit/pattern-cost.ts";
import { mapSubschemas, visitSchemas } from "../json/schema-positions.ts";
import type { JsonSchema } from "../json-schema.ts";
import { asObject } from "../vendors/vendor-object.ts";
import type { CompiledPattern } from "./pattern-engine.ts";

/** What takes long takes it on the shortest of texts, for all that there is to choose, or on the longest. */
const extremes = [16, 2 ** 24];

function isAlwaysQuick(pattern: string): boolean {
  return extremes.every(quickLengths(pattern));
}

/**
 * An engine for patterns of schemas that nobody trusts: `RegExp`, but for texts on which a pattern might take more time
 * than is in proportion to their length, such as `^(a+)+$` on any. It lets those pass. Where that would be
 * the wrong answer, as under `not`, the schema has to be one of `withCautiousPatterns`.
 *
 * @throws Error for what is no pattern
 * @example
 * ```ts
 * import { cautiousRegExp } from "@atomic-agents/contracts/json-schema";
 *
 * cautiousRegExp("^[a-z]+$").test("ABC"); // => false
 * cautiousRegExp("^(a+)+$").test(`${"a".repeat(60)}!`); // => true
 * ```
 */
export function cautiousRegExp(pattern: string): CompiledPattern {
  const compiled = new RegExp(pattern, "u");
  const isQuick = quickLengths(pattern);
  return extremes.every(isQuick)
    ? compiled
    : { test: (text) => !isQuick(text.length) || compiled.test(text) };
}

/** Keywords that would say something else, were what is inside them made to take more. */
const contrary: ReadonlySet<string> = new Set([
  "contains",
  "else",
  "if",
  "maxContains",
  "minContains",
  "not",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);

function relaxed(schema: JsonSchema): JsonSchema {
  const { patternProperties, ...rest } = mapSubschemas(schema, relaxed);
  const all = Object.entries(asObject(patternProperties) ?? {});
  const kept = all.filter(([pattern]) => isAlwaysQuick(pattern));
  const entries = Object.entries(rest).flatMap(([keyword, value]): [string, unknown][] => {
    if (contrary.has(keyword)) return [];
    // Which keys are additional is not known any more.
    if (keyword === "additionalProperties" && kept.length < all.length) return [];
    // More than one of the options may take a value now.
    if (keyword === "oneOf") return schema.anyOf === undefined ? [["anyOf", value]] : [];
    return [[keyword, value]];
  });
  if (kept.length > 0) entries.push(["patternProperties", Object.fromEntries(kept)]);
  return Object.fromEntries(entries);
}

function hasSlowPatterns(schema: JsonSchema): boolean {
  let hasSlow = false;
  visitSchemas(schema, ({ pattern, patternProperties }) => {
    const patterns = Object.keys(asObject(patternProperties) ?? {});
    if (typeof pattern === "string") patterns.push(pattern);
    if (!patterns.every(isAlwaysQuick)) hasSlow = true;
  });
  return hasSlow;
}

/**
 * A schema that takes all that the given one takes, also where `cautiousRegExp` lets a text pass that the given one
 * refuses: what such a text would turn around, as `not` and `oneOf`, is left out or opened. A schema whose patterns all
 * are quick on any text is given back as it is.
 *
 * @example
 * ```ts
 * import { withCautiousPatterns } from "@atomic-agents/contracts/json-schema";
 *
 * const schema = { type: "string", minLength: 1, not: { pattern: "^(a+)+$" } };
 * withCautiousPatterns(schema); // => { type: "string", minLength: 1 }
 * ```
 */
export function withCautiousPatterns(schema: JsonSchema | boolean): JsonSchema | boolean {
  return typeof schema === "boolean" || !hasSlowPatterns(schema) ? schema : relaxed(schema);
}
