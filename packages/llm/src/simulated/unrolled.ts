/** A schema that holds itself is followed into itself as often as this. */
const maxRounds = 2;

/** From so many parts on only what has to be there is followed, and of choices the first that ends. */
const manyParts = 2_000;
const maxParts = 50_000;

type Keywords = Readonly<Record<string, unknown>>;

/** Stands for what would never end. */
const endless = Symbol("endless");

/**
 * A schema with each `$ref` replaced by what it points to. What holds itself is cut off where it may be: an optional
 * property is left out, a list stays empty, a choice is not there. Tuples come out as the newest draft writes them.
 *
 * @throws Error for a reference that points nowhere, and when every value of the schema would be without end
 */
export function unrolled(schema: unknown): unknown {
  const found = new Unroller(schema).follow(schema, ["#"]);
  if (found === endless) throw new Error("no value of this schema ever ends");
  return found;
}

class Unroller {
  readonly #root: unknown;
  #parts = 0;

  constructor(root: unknown) {
    this.#root = root;
  }

  follow(schema: unknown, path: readonly string[]): unknown {
    if (typeof schema !== "object" || schema === null) return schema;
    if (++this.#parts > maxParts) throw new Error("the schema holds itself in too many ways");
    const { $ref, $defs: _defs, definitions: _definitions, ...own } = schema as Keywords;
    if (typeof $ref !== "string") return this.#keywords(own, path);
    const rounds = path.filter((one) => one === $ref).length;
    if (rounds >= (this.#parts > manyParts ? 1 : maxRounds)) return endless;
    const target = this.follow(this.#target($ref), [...path, $ref]);
    const beside = this.#keywords(own, path);
    if (target === endless || beside === endless) return endless;
    return Object.keys(own).every(isRemark) ? target : { allOf: [target, beside] };
  }

  #keywords(own: Keywords, path: readonly string[]): unknown {
    const made: Record<string, unknown> = {};
    const { required = [], minItems = 0, minProperties = 0 } = own;
    for (const [key, part] of Object.entries(asOf2020(own))) {
      if (key === "properties") {
        const properties: [string, unknown][] = [];
        for (const [name, property] of Object.entries((part ?? {}) as Keywords)) {
          const isRequired = Array.isArray(required) && required.includes(name);
          if (!isRequired && this.#parts > manyParts) continue;
          const inner = this.follow(property, path);
          if (inner !== endless) properties.push([name, inner]);
          else if (isRequired) return endless;
        }
        made[key] = Object.fromEntries(properties);
      } else if (key === "anyOf" || key === "oneOf") {
        const choices = this.#choices(part, path);
        if (choices.length === 0) return endless;
        made[key] = choices;
      } else if (key === "allOf" || key === "prefixItems") {
        const all = Object.values(this.#each(part, path));
        if (all.includes(endless)) return endless;
        made[key] = all;
      } else if (key === "items" || key === "additionalProperties") {
        const mayBeEmpty = !(Number(key === "items" ? minItems : minProperties) > 0);
        const inner = mayBeEmpty && this.#parts > manyParts ? endless : this.follow(part, path);
        if (inner !== endless) made[key] = inner;
        else if (!mayBeEmpty) return endless;
        else if (key === "items") made["maxItems"] = 0;
        else made[key] = false;
      } else if (!(key === "maxItems" && made["maxItems"] === 0)) {
        made[key] = part;
      }
    }
    return made;
  }

  #choices(parts: unknown, path: readonly string[]): readonly unknown[] {
    const found: unknown[] = [];
    for (const part of Array.isArray(parts) ? (parts as readonly unknown[]) : []) {
      const choice = this.follow(part, path);
      if (choice !== endless) found.push(choice);
      if (found.length > 0 && this.#parts > manyParts) break;
    }
    return found;
  }

  #each(parts: unknown, path: readonly string[]): Record<string, unknown> {
    if (typeof parts !== "object" || parts === null) return {};
    return Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, this.follow(part, path)]));
  }

  #target(ref: string): unknown {
    if (!ref.startsWith("#")) throw new Error(`a schema's $ref points elsewhere: ${ref.slice(0, 200)}`);
    let found = this.#root;
    for (const step of decodeURIComponent(ref.slice(1)).split("/").slice(1)) {
      const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
      const isThere = typeof found === "object" && found !== null && Object.hasOwn(found, key);
      if (!isThere) throw new Error(`a schema's $ref points nowhere: ${ref.slice(0, 200)}`);
      // Just found to be one of its keys.
      found = (found as Keywords)[key];
    }
    return found;
  }
}

function asOf2020(keywords: Keywords): Keywords {
  const { items, additionalItems, ...others } = keywords;
  if (!Array.isArray(items)) return keywords;
  return {
    ...others,
    prefixItems: items as unknown,
    ...(additionalItems === undefined ? {} : { items: additionalItems }),
  };
}

/** What says nothing about values. */
function isRemark(key: string): boolean {
  return ["$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated"].includes(
    key,
  );
}
