import { isRecord, type Keywords, requiredOf, takesNull } from "./keywords.ts";

/** Walks an answer along the schema that it was asked by, and takes away the nulls that stand for optional properties. */
export class Restorer {
  readonly #root: Keywords;

  constructor(root: Keywords) {
    this.#root = root;
  }

  restore(value: unknown, schema: unknown): unknown {
    const here = this.#resolved(schema, value);
    if (Array.isArray(value)) {
      const items = here?.["items"];
      return value.map((element) => this.restore(element, items));
    }
    if (!isRecord(value)) return value;
    const properties = here !== undefined && isRecord(here["properties"]) ? here["properties"] : {};
    const required = here === undefined ? new Set<string>() : requiredOf(here);
    const copy: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
      const part = Object.hasOwn(properties, key) ? properties[key] : undefined;
      const isLeftOut = member === null && part !== undefined && !required.has(key) && !takesNull(part);
      if (!isLeftOut) copy[key] = this.restore(member, part ?? here?.["additionalProperties"]);
    }
    return copy;
  }

  /** The schema that a value is of: references followed, and of several options the one that fits best. */
  #resolved(schema: unknown, value: unknown): Keywords | undefined {
    let here = schema;
    for (let followed = 0; followed < 20; followed++) {
      if (!isRecord(here)) return undefined;
      const { $ref } = here;
      const options = here["anyOf"] ?? here["oneOf"];
      if (typeof $ref === "string") here = this.#target($ref);
      else if (Array.isArray(options)) here = this.#optionOf(options, value);
      else return here;
    }
    return undefined;
  }

  #target($ref: string): unknown {
    if ($ref === "#") return this.#root;
    const definitions = this.#root["$defs"];
    const name = /^#\/\$defs\/([^/]+)$/.exec($ref)?.[1]?.replaceAll("~1", "/").replaceAll("~0", "~");
    return name !== undefined && isRecord(definitions) && Object.hasOwn(definitions, name)
      ? definitions[name]
      : undefined;
  }

  #optionOf(options: readonly unknown[], value: unknown): unknown {
    const fitting = options.filter((option) => this.#mayBe(option, value));
    if (fitting.length < 2 || !isRecord(value)) return fitting[0];
    const keys = Object.keys(value);
    return (
      fitting.find((option) => {
        const properties = this.#resolved(option, value)?.["properties"];
        return isRecord(properties) && keys.every((key) => Object.hasOwn(properties, key));
      }) ?? fitting[0]
    );
  }

  #mayBe(option: unknown, value: unknown): boolean {
    const schema = this.#resolved(option, value);
    if (schema === undefined) return false;
    const { type } = schema;
    const kind = Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
    if (typeof type === "string" && type !== kind && !(type === "integer" && kind === "number")) return false;
    const { properties } = schema;
    if (!isRecord(value) || !isRecord(properties)) return true;
    return Object.entries(properties).every(([key, part]) => {
      if (!isRecord(part) || !Object.hasOwn(value, key)) return true;
      if ("const" in part) return part["const"] === value[key];
      return !Array.isArray(part["enum"]) || part["enum"].includes(value[key]) || value[key] === null;
    });
  }
}
