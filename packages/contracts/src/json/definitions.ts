import type { JsonSchema } from "../json-schema.ts";
import { mapReferences, referencesOf, type SchemaNode, visitSchemas } from "./schema-positions.ts";

const prefix = "#/$defs/";

/** `{ ...object, [name]: value }` for which a name `__proto__` is one like any other. */
function withEntry<T>(
  object: Readonly<Record<string, T>>,
  name: string,
  value: T,
): Readonly<Record<string, T>> {
  return Object.fromEntries([...Object.entries(object), [name, value]]);
}

function encodeName(name: string): string {
  return name.replace(/~/g, "~0").replace(/\//g, "~1");
}

function decodeName(token: string): string {
  let text = token;
  try {
    text = decodeURIComponent(token);
  } catch {
    // Not percent-encoded then: the characters stand for themselves.
  }
  return text.replace(/~1/g, "/").replace(/~0/g, "~");
}

/** `#/$defs/Name/rest` as its name and the rest; `undefined` for any other reference. */
function parseReference(reference: string): { readonly name: string; readonly rest: string } | undefined {
  if (!reference.startsWith(prefix)) return;
  const [token = "", ...rest] = reference.slice(prefix.length).split("/");
  return { name: decodeName(token), rest: rest.map((part) => `/${part}`).join("") };
}

function definitionOf(
  schema: JsonSchema,
  reference: string | undefined,
): readonly [string, JsonSchema] | undefined {
  const parsed = reference === undefined ? undefined : parseReference(reference);
  if (parsed === undefined || parsed.rest !== "") return;
  const definition = schema.$defs && Object.hasOwn(schema.$defs, parsed.name) && schema.$defs[parsed.name];
  return typeof definition === "object" ? [parsed.name, definition] : undefined;
}

/** Whether every way to refer to a definition is by the place it stands at. */
function refersByPlace(schema: JsonSchema): boolean {
  let byPlace = true;
  visitSchemas(schema, (node, keys) => {
    const reference = node.$ref;
    if (reference !== undefined && !/^#(\/|$)/.test(reference)) byPlace = false;
    if (node["$dynamicRef"] !== undefined || (node.$id !== undefined && keys.length > 0)) byPlace = false;
  });
  return byPlace;
}

/** Leaves out the definitions that nothing refers to. */
function pruneDefinitions(schema: JsonSchema): JsonSchema {
  const { $defs, ...root } = schema;
  if ($defs === undefined || !refersByPlace(schema)) return schema;
  const used = new Set<string>();
  const queue = [...referencesOf(root)];
  for (let reference = queue.pop(); reference !== undefined; reference = queue.pop()) {
    const name = parseReference(reference)?.name;
    if (name === undefined || used.has(name) || !Object.hasOwn($defs, name)) continue;
    used.add(name);
    const definition = $defs[name];
    if (typeof definition === "object") queue.push(...referencesOf(definition));
  }
  const kept = Object.entries($defs).filter(([name]) => used.has(name));
  return kept.length === 0 ? root : { ...root, $defs: Object.fromEntries(kept) };
}

/**
 * The same schema with the root spelt out: where the root is but a reference to a definition (Zod's `.meta({ id })`,
 * ArkType's recursive types), the definition takes its place, and what referred to it refers to `#`. Readers that look
 * at the root alone, language models' providers among them, then see what it is.
 */
export function inlineRoot(schema: JsonSchema): JsonSchema {
  const target = definitionOf(schema, schema.$ref);
  if (target === undefined) return pruneDefinitions(schema);
  const [name, definition] = target;
  const { $schema, $ref: _, $defs = {}, ...siblings } = schema;
  const head = $schema === undefined ? {} : { $schema };

  const beside = Object.keys(siblings);
  if (beside.some((keyword) => Object.hasOwn(definition, keyword))) {
    // Both say something under the same keyword, and both count.
    return pruneDefinitions({
      ...head,
      ...siblings,
      allOf: [{ $ref: `${prefix}${encodeName(name)}` }],
      $defs,
    });
  }
  if (beside.length > 0) {
    // What stands beside the reference is the root's alone: those that refer to the definition do not mean it.
    return pruneDefinitions({ ...head, ...definition, ...siblings, $defs });
  }
  const others = Object.fromEntries(Object.entries($defs).filter(([other]) => other !== name));
  const inlined = mapReferences({ ...definition, $defs: others }, (reference) => {
    const parsed = parseReference(reference);
    return parsed?.name === name ? `#${parsed.rest}` : reference;
  });
  // The definition may itself be a reference to another; with each turn there is one definition less.
  return inlineRoot({ ...head, ...inlined });
}

/** Brings schemas that are documents of their own under one root, their definitions under one `$defs`. */
export class Definitions {
  #all: Readonly<Record<string, SchemaNode>> = {};
  /** What was embedded before, by its text, so that the same document is brought in once. */
  readonly #known = new Map<string, JsonSchema>();

  #claim(wanted: string): string {
    let name = wanted;
    for (let count = 2; Object.hasOwn(this.#all, name); count += 1) name = `${wanted}_${count}`;
    // Taken, so that the next one does not get it; filled by `embed`.
    this.#all = withEntry(this.#all, name, true);
    return name;
  }

  /** The document as a schema inside this root: without `$schema`, its references leading to where things are now. */
  embed(document: JsonSchema): JsonSchema {
    const { $schema: _, $defs = {}, ...root } = document;
    // A document with an id is a resource of its own wherever it stands, and its references stay inside it.
    if (document.$id !== undefined) {
      const { $schema: __, ...resource } = document;
      return resource;
    }
    const text = JSON.stringify(document);
    const before = this.#known.get(text);
    if (before !== undefined) return before;

    const names = new Map(Object.keys($defs).map((name) => [name, this.#claim(name)] as const));
    const everywhere = [root, ...Object.values($defs).filter((node) => typeof node === "object")];
    const refersToRoot = everywhere
      .flatMap(referencesOf)
      .some((reference) => reference.startsWith("#") && !names.has(parseReference(reference)?.name ?? ""));
    const own = refersToRoot ? this.#claim("root") : undefined;

    const move = (reference: string): string => {
      const parsed = parseReference(reference);
      const name = parsed && names.get(parsed.name);
      if (parsed !== undefined && name !== undefined) return `${prefix}${encodeName(name)}${parsed.rest}`;
      // `#` or `#/path`; an anchor (`#name`) means the same from anywhere.
      if (own !== undefined && /^#(\/|$)/.test(reference)) return `${prefix}${own}${reference.slice(1)}`;
      return reference;
    };
    const moveNode = (node: SchemaNode) => (typeof node === "object" ? mapReferences(node, move) : node);
    for (const [name, claimed] of names) this.#put(claimed, moveNode($defs[name] ?? true));
    const moved = mapReferences(root, move);
    if (own !== undefined) this.#put(own, moved);
    const embedded = own === undefined ? moved : { $ref: `${prefix}${own}` };
    this.#known.set(text, embedded);
    return embedded;
  }

  #put(name: string, node: SchemaNode): void {
    this.#all = withEntry(this.#all, name, node);
  }

  /** The root with all definitions that were brought in and are used. */
  complete(root: JsonSchema): JsonSchema {
    return pruneDefinitions(Object.keys(this.#all).length === 0 ? root : { ...root, $defs: this.#all });
  }
}
