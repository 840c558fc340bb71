import type { JsonSchema } from "@atomic-agents/contracts";

/**
 * A value that a JSON Schema describes, as simple as can be: its own `examples` or `default`, else a word, a one, a list of
 * one. Not every keyword is heeded: whoever uses it asks the schema whether it takes it.
 */
export function sampleValue(schema: JsonSchema | boolean): unknown {
  return sample(schema, schema, 0, "text");
}

type Keywords = Readonly<Record<string, unknown>>;
const maxDepth = 8;

function sample(schema: unknown, root: unknown, depth: number, name: string): unknown {
  const keywords = joined(resolve(schema, root), root, depth);
  const { examples, default: byDefault, const: only, enum: choices } = keywords;
  if (Array.isArray(examples) && examples.length > 0) return examples[0] as unknown;
  if (byDefault !== undefined) return byDefault;
  if (only !== undefined) return only;
  if (Array.isArray(choices)) return choices[0] as unknown;
  const [option] = [keywords["anyOf"], keywords["oneOf"]].flatMap((options) => listOf(options));
  if (option !== undefined && depth < maxDepth) return sample(option, root, depth + 1, name);
  return ofType(keywords, root, depth, name);
}

/** A schema together with those in its `allOf`. */
function joined(keywords: Keywords, root: unknown, depth: number): Keywords {
  const { allOf } = keywords;
  if (!Array.isArray(allOf) || depth >= maxDepth) return keywords;
  const parts = allOf.map((part: unknown) => joined(resolve(part, root), root, depth + 1));
  return [keywords, ...parts].reduce((all, part) => ({
    ...all,
    ...part,
    properties: { ...recordOf(all["properties"]), ...recordOf(part["properties"]) },
    required: [...listOf(all["required"]), ...listOf(part["required"])],
  }));
}

function ofType(keywords: Keywords, root: unknown, depth: number, name: string): unknown {
  const { type } = keywords;
  switch (Array.isArray(type) ? (type as readonly unknown[])[0] : type) {
    case "string":
      return textOf(keywords, name);
    case "integer":
    case "number":
      return numberOf(keywords);
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return arrayOf(keywords, root, depth, name);
    default:
      return objectOf(keywords, root, depth);
  }
}

const formats: Readonly<Record<string, string>> = {
  "date-time": "2024-05-17T09:30:00Z",
  date: "2024-05-17",
  time: "09:30:00Z",
  duration: "PT1H",
  email: "ann@example.org",
  hostname: "example.org",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.org/",
  url: "https://example.org/",
  uuid: "9b2f4c1e-6a3d-4e5f-8a7b-0c1d2e3f4a5b",
};

function textOf({ format, minLength, maxLength }: Keywords, name: string): string {
  const known = typeof format === "string" ? formats[format] : undefined;
  if (known !== undefined) return known;
  const text = `some ${name}`;
  const least = typeof minLength === "number" ? minLength : 0;
  const most = typeof maxLength === "number" ? maxLength : Number.POSITIVE_INFINITY;
  return text.padEnd(least, ".").slice(0, most);
}

function numberOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }: Keywords): number {
  const step = typeof multipleOf === "number" && multipleOf > 0 ? multipleOf : 1;
  const over = typeof exclusiveMinimum === "number" ? exclusiveMinimum + step : Number.NEGATIVE_INFINITY;
  const under = typeof exclusiveMaximum === "number" ? exclusiveMaximum - step : Number.POSITIVE_INFINITY;
  const least = Math.max(typeof minimum === "number" ? minimum : Number.NEGATIVE_INFINITY, over);
  const most = Math.min(typeof maximum === "number" ? maximum : Number.POSITIVE_INFINITY, under);
  const near = Math.min(Math.max(1, least), most);
  const fitted = Math.ceil(near / step) * step;
  return fitted <= most ? fitted : near;
}

function arrayOf(keywords: Keywords, root: unknown, depth: number, name: string): readonly unknown[] {
  const { prefixItems, items, minItems } = keywords;
  const values = listOf(prefixItems).map((item) => sample(item, root, depth + 1, name));
  if (items === undefined || items === false || depth >= maxDepth) return values;
  const count = Math.max(typeof minItems === "number" ? minItems : 0, 1);
  // More than a few would be no example any more.
  while (values.length < Math.min(count, 20)) values.push(sample(items, root, depth + 1, name));
  return values;
}

function objectOf(keywords: Keywords, root: unknown, depth: number): unknown {
  const { properties, required } = keywords;
  const needed = listOf(required);
  const all = Object.entries(recordOf(properties));
  const shown = all.filter(([name]) => needed.includes(name));
  return Object.fromEntries(
    (shown.length > 0 ? shown : all.slice(0, depth === 0 ? 1 : 0)).map(([name, part]) => [
      name,
      depth < maxDepth ? sample(part, root, depth + 1, name) : null,
    ]),
  );
}

/** What a reference within the document refers to. */
function resolve(schema: unknown, root: unknown): Keywords {
  let keywords = isRecord(schema) ? schema : {};
  for (let steps = 0; typeof keywords["$ref"] === "string" && steps < maxDepth; steps++) {
    const path = keywords["$ref"].split("/").slice(1).map(decodePart);
    const target = path.reduce<unknown>((at, part) => (isRecord(at) ? at[part] : undefined), root);
    keywords = isRecord(target) ? target : {};
  }
  return keywords;
}

function decodePart(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

function recordOf(value: unknown): Keywords {
  return isRecord(value) ? value : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Keywords {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
