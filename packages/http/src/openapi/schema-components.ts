import { type JsonSchema, mapSubschemas, type SchemaKeys, visitSchemas } from "@atomic-agents/contracts";
import { isObject } from "./is-object.ts";
import { References } from "./references.ts";

/** Keywords that tools know in a Schema Object. What else an author writes is kept as an extension. */
const knownKeywords: ReadonlySet<string> = new Set(
  `$ref $defs $comment title description default deprecated readOnly writeOnly examples example type enum const
  multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern format contentEncoding
  contentMediaType contentSchema items prefixItems contains maxContains minContains maxItems minItems uniqueItems
  unevaluatedItems properties patternProperties additionalProperties propertyNames maxProperties minProperties required
  dependentRequired dependentSchemas unevaluatedProperties allOf anyOf oneOf not if then else`.split(/\s+/),
);

/** Keywords that name a schema from afar: inside of another document they would be names of that one. */
const identifying: ReadonlySet<string> = new Set([
  "$anchor",
  "$dynamicAnchor",
  "$id",
  "$recursiveAnchor",
  "$schema",
  "$vocabulary",
]);

/** How OpenAPI wants the names of components. */
const namePattern = /^[A-Za-z0-9.-][A-Za-z0-9._-]*$/;

/**
 * Brings JSON Schemas that are documents of their own into the components of one OpenAPI document. Their definitions
 * become components, too, under their own names where those are free; the same definition of several schemas is there
 * once. Every reference leads to where its schema is now. A reference that cannot be followed inside of the document
 * is left out, and a `$comment` says so: then the component allows more than the schema, never less.
 */
export class SchemaComponents {
  readonly #components = new Map<string, JsonSchema>();
  /** The names of definitions that are there already, by their text. */
  readonly #shared = new Map<string, string>();

  /** Sets a component whose references are already those of components. */
  put(name: string, schema: JsonSchema): void {
    this.#components.set(name, schema);
  }

  /** Brings in a document under this name, and gives the reference to it. */
  add(name: string, document: JsonSchema): JsonSchema {
    this.#components.set(name, {});
    const references = new References(document);
    const definitions = new Definitions(document, references);
    const names = new Map<string, string>();
    const toFill: (readonly [SchemaKeys, string])[] = [[[], name]];
    for (const definition of definitions.used()) {
      const shared = definitions.textOf(definition);
      const known = shared === undefined ? undefined : this.#shared.get(shared);
      const claimed = known ?? this.#claim(String(definition[1]), name);
      names.set(JSON.stringify(definition), claimed);
      if (known !== undefined) continue;
      if (shared !== undefined) this.#shared.set(shared, claimed);
      toFill.push([definition, claimed]);
    }
    const pointerTo = (place: SchemaKeys): string => {
      const claimed = names.get(JSON.stringify(place.slice(0, 2)));
      const rest = claimed === undefined ? place : place.slice(2);
      return ["#/components/schemas", claimed ?? name, ...rest.map(toPointerToken)].join("/");
    };
    for (const [place, claimed] of toFill) {
      const node = place.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), document);
      // As objects: many tools know no boolean schemas where components are.
      const schema = isObject(node) ? node : node === false ? { not: {} } : {};
      this.#components.set(claimed, move(schema, references, pointerTo, place.length === 0));
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  toJSON(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries(this.#components);
  }

  #claim(wanted: string, owner: string): string {
    const base = `${owner}_${wanted.replaceAll(/[^A-Za-z0-9]+/g, "") || "Part"}`;
    let name = namePattern.test(wanted) ? wanted : base;
    for (let count = 1; this.#components.has(name); count += 1)
      name = count === 1 ? base : `${base}_${count}`;
    this.#components.set(name, {});
    return name;
  }
}

/** The definitions at the root of a document. */
class Definitions {
  readonly #document: JsonSchema;
  readonly #references: References;
  /** What a definition, or the root under an empty key, leads to directly. */
  readonly #targets = new Map<string, readonly SchemaKeys[]>();

  constructor(document: JsonSchema, references: References) {
    this.#document = document;
    this.#references = references;
  }

  /** Those that the root leads to, in the order in which they are met. */
  used(): readonly SchemaKeys[] {
    return this.#reachedFrom([]).filter(isDefinition);
  }

  /** A text that two documents have in common only where the definition means the same in both. */
  textOf(definition: SchemaKeys): string | undefined {
    const reached = [definition, ...this.#reachedFrom(definition)];
    if (!reached.every(isDefinition)) return undefined;
    const parts = reached.map((place) => [place, this.#at(place)]);
    const text = JSON.stringify(parts);
    return /"\$(id|anchor|dynamicAnchor)":/.test(text) ? undefined : text;
  }

  #reachedFrom(start: SchemaKeys): readonly SchemaKeys[] {
    const reached = new Map<string, SchemaKeys>();
    const queue = [...this.#targetsOf(start)];
    for (let place = queue.shift(); place !== undefined; place = queue.shift()) {
      // What is not under a definition is in the root.
      const owner = isDefinition(place.slice(0, 2)) ? place.slice(0, 2) : [];
      const key = JSON.stringify(owner);
      if (reached.has(key)) continue;
      reached.set(key, owner);
      queue.push(...this.#targetsOf(owner));
    }
    return [...reached.values()];
  }

  #targetsOf(place: SchemaKeys): readonly SchemaKeys[] {
    const key = JSON.stringify(place);
    const known = this.#targets.get(key);
    if (known !== undefined) return known;
    const node = this.#at(place);
    const targets: SchemaKeys[] = [];
    if (isObject(node)) {
      visitSchemas(node, (part, keys) => {
        // Definitions are no part of the root: they are met where they are referred to.
        if (place.length === 0 && isDefinition(keys.slice(0, 2))) return;
        for (const { place: target } of referencesIn(part, this.#references)) {
          if (target !== undefined) targets.push(target);
        }
      });
    }
    this.#targets.set(key, targets);
    return targets;
  }

  #at(place: SchemaKeys): unknown {
    return place.reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), this.#document);
  }
}

function isDefinition(place: SchemaKeys): boolean {
  return place.length === 2 && (place[0] === "$defs" || place[0] === "definitions");
}

/** The references of a schema itself, not of those inside. */
function referencesIn(
  node: JsonSchema,
  references: References,
): readonly { readonly text: string; readonly place: SchemaKeys | undefined }[] {
  const { $ref, $dynamicRef } = node;
  return [
    ...(typeof $ref === "string" ? [{ text: $ref, place: references.placeOf($ref, node) }] : []),
    ...(typeof $dynamicRef === "string"
      ? [{ text: $dynamicRef, place: references.placeOfDynamic($dynamicRef, node) }]
      : []),
  ];
}

function move(
  node: JsonSchema,
  references: References,
  pointerTo: (place: SchemaKeys) => string,
  isRoot = false,
): JsonSchema {
  const found = referencesIn(node, references);
  const targets = found.flatMap(({ place }) => (place === undefined ? [] : [pointerTo(place)]));
  const lost = found.filter(({ place }) => place === undefined).map(({ text }) => text);
  const inside = mapSubschemas(node, (part) => move(part, references, pointerTo));
  const entries = Object.entries(inside).flatMap(([keyword, value]): (readonly [string, unknown])[] => {
    if (keyword === "$ref" || keyword === "$dynamicRef" || identifying.has(keyword)) return [];
    // They are components now.
    if (isRoot && (keyword === "$defs" || keyword === "definitions")) return [];
    if (knownKeywords.has(keyword) || keyword.startsWith("x-")) return [[keyword, value]];
    // Where definitions of this name are referred to, the reference has to find them.
    return [[keyword === "definitions" ? keyword : `x-${keyword}`, value]];
  });
  const moved: JsonSchema = Object.fromEntries(entries);
  const [first, second] = targets;
  return {
    ...(first !== undefined && { $ref: first }),
    ...moved,
    ...(second !== undefined && { allOf: [...(moved.allOf ?? []), { $ref: second }] }),
    ...(lost.length > 0 && { $comment: `Refers to ${lost.join(" and ")} as well, which is not shown here.` }),
  };
}

/** One part of a JSON Pointer in a fragment of a URI. */
function toPointerToken(key: string | number): string {
  const token = String(key).replaceAll("~", "~0").replaceAll("/", "~1");
  return encodeURIComponent(token.toWellFormed());
}
