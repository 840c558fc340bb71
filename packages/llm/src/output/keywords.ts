/** A schema as the keywords that it has. */
export type Keywords = Readonly<Record<string, unknown>>;

/** Whether null is a value like others to a schema. */
export function takesNull(schema: unknown): boolean {
  if (!isRecord(schema)) return schema === true;
  const { type, enum: choices } = schema;
  const options = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(options)) return options.some(takesNull);
  if (Array.isArray(choices)) return choices.includes(null);
  if ("const" in schema) return schema["const"] === null;
  if (Array.isArray(type)) return type.includes("null");
  return type === "null" || (type === undefined && !("$ref" in schema) && !("properties" in schema));
}

/** The properties that an object must have. */
export function requiredOf(schema: Keywords): ReadonlySet<string> {
  const { required } = schema;
  return new Set(Array.isArray(required) ? (required as readonly string[]) : []);
}

/** The same keys with other values. */
export function mapValues(value: Keywords, map: (part: unknown, key: string) => unknown): Keywords {
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, map(part, key)]));
}

/** Says whether a value is an object, and no array. */
export function isRecord(value: unknown): value is Keywords {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
