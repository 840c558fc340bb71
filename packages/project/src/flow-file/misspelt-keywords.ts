import { type JsonSchema, mapSubschemas } from "@atomic-agents/contracts";
import { closest } from "../closest.ts";
import type { DocumentPath } from "./flow-report.ts";

/** Of all drafts: what an older one means by a keyword is told where the schema is compiled. */
const known: ReadonlySet<string> = new Set(
  `$anchor $comment $defs $dynamicAnchor $dynamicRef $id $recursiveAnchor $recursiveRef $ref $schema $vocabulary
  additionalItems additionalProperties allOf anyOf const contains contentEncoding contentMediaType contentSchema default
  definitions dependencies dependentRequired dependentSchemas deprecated description else enum examples exclusiveMaximum
  exclusiveMinimum format id if items maxContains maximum maxItems maxLength maxProperties minContains minimum minItems
  minLength minProperties multipleOf not oneOf pattern patternProperties prefixItems properties propertyNames readOnly
  required then title type unevaluatedItems unevaluatedProperties uniqueItems writeOnly`.split(/\s+/),
);
/** What is like a keyword, and means something to other programs. */
const others: ReadonlySet<string> = new Set(["example", "xml"]);

/** A key of a JSON Schema that says nothing there. */
interface MisspeltKeyword {
  /** The way to it. */
  readonly path: DocumentPath;
  readonly name: string;
  /** The keyword that is probably meant. */
  readonly near: string;
}

/** Keys of a JSON Schema that are like a keyword and none: the standard has them say nothing, and so nobody hears of them. */
export function misspeltKeywords(schema: unknown, path: DocumentPath = []): readonly MisspeltKeyword[] {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return [];
  const found: MisspeltKeyword[] = [];
  for (const name of Object.keys(schema)) {
    if (known.has(name) || others.has(name) || name.startsWith("x-")) continue;
    const near = closest(name, known);
    if (near !== undefined) found.push({ path: [...path, name], name, near });
  }
  mapSubschemas(schema as JsonSchema, (node, keys) => {
    found.push(...misspeltKeywords(node, [...path, ...keys]));
    return node;
  });
  return found;
}
