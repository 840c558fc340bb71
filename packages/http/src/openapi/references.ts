import { type JsonSchema, type SchemaKeys, visitSchemas } from "@atomic-agents/contracts";

/** Stands for the address of a document that has none. */
const noAddress = "schema://document/";

/**
 * Where the references of a document lead, as places in it: by pointer, by `$id` or by `$anchor`, relative to the
 * resource that they stand in.
 */
export class References {
  readonly #document: JsonSchema;
  /** The address that each schema's references are relative to. */
  readonly #bases = new Map<JsonSchema, string>();
  readonly #resources = new Map<string, SchemaKeys>();
  readonly #anchors = new Map<string, SchemaKeys>();
  /** Under a name of `$dynamicAnchor`, all places that have it. */
  readonly #dynamic = new Map<string, SchemaKeys[]>();
  readonly #schemas = new Set<string>();

  constructor(document: JsonSchema) {
    this.#document = document;
    this.#resources.set(noAddress, []);
    const bases: { readonly keys: SchemaKeys; readonly base: string }[] = [{ keys: [], base: noAddress }];
    visitSchemas(document, (node, keys) => {
      this.#schemas.add(JSON.stringify(keys));
      while ((bases.at(-1)?.keys.length ?? 0) > 0 && !startsWith(keys, bases.at(-1)?.keys ?? [])) bases.pop();
      const around = bases.at(-1)?.base ?? noAddress;
      const id = typeof node.$id === "string" ? addressOf(node.$id, around) : undefined;
      const base = id ?? around;
      if (id !== undefined) {
        this.#resources.set(id, keys);
        bases.push({ keys, base: id });
      }
      this.#bases.set(node, base);
      const { $anchor, $dynamicAnchor } = node;
      if (typeof $anchor === "string") this.#anchors.set(`${base}#${$anchor}`, keys);
      if (typeof $dynamicAnchor === "string") {
        this.#anchors.set(`${base}#${$dynamicAnchor}`, keys);
        this.#dynamic.set($dynamicAnchor, [...(this.#dynamic.get($dynamicAnchor) ?? []), keys]);
      }
    });
  }

  /** The place of the schema that a reference in `node` leads to; undefined when it is in no place of this document. */
  placeOf(reference: string, node: JsonSchema): SchemaKeys | undefined {
    const base = this.#bases.get(node) ?? noAddress;
    const hash = reference.indexOf("#");
    const address = hash < 0 ? reference : reference.slice(0, hash);
    const fragment = hash < 0 ? "" : reference.slice(hash + 1);
    const resource = address === "" ? base : addressOf(address, base);
    const start = resource === undefined ? undefined : this.#resources.get(resource);
    if (resource === undefined || start === undefined) return undefined;
    if (fragment === "") return start;
    const found = fragment.startsWith("/")
      ? this.#follow(start, fragment.slice(1).split("/"))
      : this.#anchors.get(`${resource}#${decoded(fragment)}`);
    if (found === undefined) return undefined;
    const isSchema =
      this.#schemas.has(JSON.stringify(found)) ||
      typeof found.reduce<unknown>(child, this.#document) === "boolean";
    return isSchema ? found : undefined;
  }

  /** Like `placeOf`, where what a `$dynamicRef` leads to does not depend on the way that led there. */
  placeOfDynamic(reference: string, node: JsonSchema): SchemaKeys | undefined {
    const name = reference.slice(reference.indexOf("#") + 1);
    return (this.#dynamic.get(name)?.length ?? 0) > 1 ? undefined : this.placeOf(reference, node);
  }

  #follow(start: SchemaKeys, tokens: readonly string[]): SchemaKeys | undefined {
    const keys: (string | number)[] = [...start];
    let here: unknown = start.reduce<unknown>(child, this.#document);
    for (const token of tokens) {
      // Vendors write names both ways: percent-encoded, as a URI asks for, and as they are.
      const names = [decoded(token), token].map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
      const parent = here;
      const name = names.find((candidate) => child(parent, candidate) !== undefined);
      if (name === undefined) return undefined;
      keys.push(Array.isArray(here) ? Number(name) : name);
      here = child(here, name);
    }
    return keys;
  }
}

function child(parent: unknown, key: string | number): unknown {
  if (typeof parent !== "object" || parent === null || !Object.hasOwn(parent, key)) return undefined;
  // An own key of an object.
  return (parent as Readonly<Record<string | number, unknown>>)[key];
}

function startsWith(keys: SchemaKeys, start: SchemaKeys): boolean {
  return start.length <= keys.length && start.every((key, index) => key === keys[index]);
}

function addressOf(reference: string, base: string): string | undefined {
  const url = URL.parse(reference, base);
  if (url === null) return undefined;
  url.hash = "";
  return url.href;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
