import { readFileSync } from "node:fs";

/** The part of JSON Schema that the schemas of project files are written in. */
export interface FileSchema {
  readonly $ref?: string;
  /** What is expected, as a noun: messages say it. */
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly type?: TypeName | readonly TypeName[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly FileSchema[];
  readonly properties?: Readonly<Record<string, FileSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false | FileSchema;
  readonly propertyNames?: FileSchema;
  readonly minProperties?: number;
  readonly items?: FileSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

export type TypeName = "string" | "number" | "integer" | "boolean" | "null" | "array" | "object";

/** A schema with its definitions. */
export interface SchemaDocument extends FileSchema {
  readonly definitions: Readonly<Record<string, FileSchema>>;
}

const loaded = new Map<string, SchemaDocument>();

/** A schema that the package publishes, read when it is first asked for. */
export function loadSchema(name: "atomic" | "flow"): SchemaDocument {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  // Beside src and dist alike; editors read the same file.
  const url = new URL(`../../schemas/${name}.schema.json`, import.meta.url);
  // Of this package, and tested.
  const schema = JSON.parse(readFileSync(url, "utf8")) as SchemaDocument;
  loaded.set(name, schema);
  return schema;
}

/** The schema that is meant, and what is said of it where it is used. */
export function resolveSchema(document: SchemaDocument, schema: FileSchema): FileSchema {
  const { $ref, ...own } = schema;
  if ($ref === undefined) return schema;
  let target: unknown = document;
  for (const step of $ref.replace(/^#\/?/, "").split("/")) {
    target = (target as Readonly<Record<string, unknown>> | undefined)?.[step];
  }
  if (target === undefined) throw new Error(`unreachable: a schema refers to ${$ref}`);
  // What stands there is part of the schema.
  return { ...resolveSchema(document, target as FileSchema), ...own };
}
