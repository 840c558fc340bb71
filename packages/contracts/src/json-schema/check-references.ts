import type { JsonSchema } from "../json-schema.ts";
import { visitSchemas } from "../json/schema-positions.ts";
import { asArray, asObject } from "../vendors/vendor-object.ts";
import { toPointer } from "./plain-json.ts";

type Keys = readonly (string | number)[];

/** A way from one schema to another that is asked of the very same value. */
interface Step {
  readonly from: JsonSchema;
  readonly to: JsonSchema;
  /** Where it stands in `from`. */
  readonly keys: Keys;
  readonly isReference: boolean;
}

/** References that lead back to where they stand, without looking further into the value on the way. */
export interface EndlessReference {
  /** Of the first of them. */
  readonly keys: Keys;
  /** The schemas that hold them, as JSON Pointers. */
  readonly way: readonly string[];
}

/**
 * Finds references that no value can be held against: each asks for the next, and the last for the first. A reference
 * to what is around it is all right under `properties`, `items` and the like, where there is less of the value each
 * time. What a schema with an `$id` inside of another refers to is not looked into.
 */
export function findEndlessReference(schema: JsonSchema): EndlessReference | undefined {
  const places = new Map<JsonSchema, Keys>();
  const anchors = new Map<string, JsonSchema>();
  visitSchemas(schema, (node, keys) => {
    places.set(node, keys);
    for (const keyword of ["$anchor", "$dynamicAnchor"]) {
      const name = node[keyword];
      if (typeof name === "string") anchors.set(name, node);
    }
  });
  const finder = new Finder(schema, anchors);
  for (const start of places.keys()) {
    const loop = finder.loopFrom(start);
    const [first] = loop ?? [];
    if (loop === undefined || first === undefined) continue;
    const wayTo = (node: JsonSchema): Keys => places.get(node) ?? [];
    return {
      keys: [...wayTo(first.from), ...first.keys],
      way: loop.filter(({ isReference }) => isReference).map(({ from }) => toPointer(wayTo(from))),
    };
  }
  return undefined;
}

class Finder {
  readonly #root: JsonSchema;
  readonly #anchors: ReadonlyMap<string, JsonSchema>;
  readonly #done = new Set<JsonSchema>();

  constructor(root: JsonSchema, anchors: ReadonlyMap<string, JsonSchema>) {
    this.#root = root;
    this.#anchors = anchors;
  }

  /** The steps of a loop, from a reference on; undefined where none is reached. */
  loopFrom(start: JsonSchema): readonly Step[] | undefined {
    if (this.#done.has(start)) return undefined;
    const way: Step[] = [];
    const open = new Set([start]);
    // What is still to be tried of each schema on the way.
    const pending: Step[][] = [this.#stepsOf(start)];
    for (let rest = pending.at(-1); rest !== undefined; rest = pending.at(-1)) {
      const step = rest.pop();
      if (step === undefined) {
        pending.pop();
        const node = way.pop()?.to ?? start;
        open.delete(node);
        this.#done.add(node);
        continue;
      }
      const { to } = step;
      if (open.has(to)) return fromReference([...loopOf(way, to), step]);
      if (this.#done.has(to)) continue;
      open.add(to);
      way.push(step);
      pending.push(this.#stepsOf(to));
    }
    return undefined;
  }

  #stepsOf(from: JsonSchema): Step[] {
    const steps: Step[] = [];
    const add = (value: unknown, keys: Keys, isReference = false): void => {
      const to = Array.isArray(value) ? undefined : asObject(value);
      if (to !== undefined) steps.push({ from, to, keys, isReference });
    };
    for (const keyword of ["not", "if", "then", "else"]) add(from[keyword], [keyword]);
    for (const keyword of ["allOf", "anyOf", "oneOf"]) {
      for (const [index, node] of asArray(from[keyword]).entries()) add(node, [keyword, index]);
    }
    for (const [name, node] of Object.entries(asObject(from["dependentSchemas"]) ?? {})) {
      add(node, ["dependentSchemas", name]);
    }
    for (const keyword of ["$ref", "$dynamicRef"]) {
      const reference = from[keyword];
      if (typeof reference === "string") add(this.#targetOf(reference), [keyword], true);
    }
    return steps;
  }

  #targetOf(reference: string): unknown {
    const id = this.#root.$id;
    const local = id !== undefined && reference.startsWith(`${id}#`) ? reference.slice(id.length) : reference;
    if (local === "#" || local === id) return this.#root;
    if (!local.startsWith("#")) return undefined;
    const fragment = decoded(local.slice(1));
    if (!fragment.startsWith("/")) return this.#anchors.get(fragment);
    let here: unknown = this.#root;
    for (const token of fragment.slice(1).split("/")) {
      const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
      here = Array.isArray(here) ? here[Number(name)] : own(here, name);
    }
    return here;
  }
}

/** The part of a way that begins at a schema; nothing where it only ends there. */
function loopOf(way: readonly Step[], start: JsonSchema): readonly Step[] {
  const first = way.findIndex(({ from }) => from === start);
  return first < 0 ? [] : way.slice(first);
}

/** A loop that begins with a reference, of which there is one: without any a schema would contain itself. */
function fromReference(loop: readonly Step[]): readonly Step[] {
  const first = loop.findIndex(({ isReference }) => isReference);
  return [...loop.slice(first), ...loop.slice(0, first)];
}

function own(value: unknown, key: string): unknown {
  const object = asObject(value);
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
