import { type JsonSchema, mapSubschemas } from "@atomic-agents/contracts";

export type Schema = JsonSchema | boolean;

function isSchema(value: unknown): value is Schema {
  return typeof value === "boolean" || (typeof value === "object" && value !== null && !Array.isArray(value));
}

export function schemasIn(value: unknown): readonly Schema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

/** What belongs to a document, not to a part of it. */
const left: ReadonlySet<string> = new Set([
  "$anchor",
  "$comment",
  "$defs",
  "$dynamicAnchor",
  "$id",
  "$recursiveAnchor",
  "$schema",
  "$vocabulary",
  "definitions",
]);

const mostReads = 20_000;

/** A JSON Schema with what its references refer to. */
export class SchemaDocument {
  readonly root: Schema;
  #left = mostReads;
  constructor(root: Schema) {
    this.root = root;
  }

  /** Whether one more part may be read: references can multiply, so that there are more ways than anyone can go. */
  spend(): boolean {
    return --this.#left >= 0;
  }

  /** What `#` or `#/$defs/Name` refers to; undefined for other references, and for none. */
  find(reference: string): Schema | undefined {
    if (!/^#(\/|$)/.test(reference)) return;
    let found: unknown = this.root;
    for (const token of reference.slice(1).split("/").slice(1)) {
      const name = decode(token).replaceAll("~1", "/").replaceAll("~0", "~");
      if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return;
      // An object or array that has the key.
      found = (found as Record<string, unknown>)[name];
      if (isForeign(found)) return;
    }
    return isSchema(found) ? found : undefined;
  }
}

/** Whether references in it have another base: it is a document of its own. */
export function isForeign(schema: unknown): boolean {
  return typeof schema === "object" && schema !== null && Object.hasOwn(schema, "$id");
}

function decode(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}

/**
 * Makes one schema of parts that come from several documents: what they refer to is gathered under `$defs`, under names
 * that do not clash. What refers to something that is not in its document becomes `{}`.
 */
export class SchemaWriter {
  readonly #names = new Map<Schema, string>();
  readonly #definitions: Record<string, Schema> = {};

  /** A part, with its references changed. */
  part(document: SchemaDocument, schema: Schema): Schema {
    if (typeof schema === "boolean") return schema;
    if (schema !== document.root && isForeign(schema)) return {};
    if (typeof schema["$dynamicRef"] === "string" || typeof schema["$recursiveRef"] === "string") return {};
    const { $ref } = schema;
    const name = $ref === undefined ? undefined : this.#define(document, $ref);
    if ($ref !== undefined && name === undefined) return {};
    const own = Object.fromEntries(Object.entries(schema).filter(([keyword]) => !left.has(keyword)));
    const copy = mapSubschemas(own, (node) => this.part(document, node));
    return name === undefined ? copy : { ...copy, $ref: `#/$defs/${name}` };
  }

  #define(document: SchemaDocument, reference: string): string | undefined {
    const target = document.find(reference);
    if (target === undefined) return;
    const known = this.#names.get(target);
    if (known !== undefined) return known;
    const wanted = (reference.split("/").at(-1) ?? "").replaceAll(/[^A-Za-z0-9_]/g, "") || "root";
    let name = wanted;
    for (let count = 2; Object.hasOwn(this.#definitions, name) || name === "__proto__"; count++) {
      name = `${wanted}${count}`;
    }
    this.#names.set(target, name);
    // Taken before the target is written: it may refer to itself.
    this.#definitions[name] = {};
    this.#definitions[name] = this.part(document, target);
    return name;
  }

  /** The whole, with what its parts refer to. */
  whole(schema: Schema): JsonSchema {
    const object = typeof schema === "boolean" ? (schema ? {} : { not: {} }) : schema;
    return Object.keys(this.#definitions).length === 0 ? object : { ...object, $defs: this.#definitions };
  }
}
