import fc from "fast-check";
import { anyJson } from "./any-json.ts";
import { arrayArbitrary } from "./arrays.ts";
import { boundedFilter } from "./bounded-filter.ts";
import { CannotGenerate } from "./cannot-generate.ts";
import { alternativesOf, type FlatSchema } from "./flat-schema.ts";
import { isRecord, type JsonType, jsonTypes } from "./json-value.ts";
import { judge } from "./judge.ts";
import { numberArbitrary } from "./numbers.ts";
import { objectArbitrary } from "./objects.ts";
import { recursiveRefs } from "./recursive-refs.ts";
import type { Schema } from "./resolve-ref.ts";
import { stringArbitrary } from "./strings.ts";

/** How far inside of a value something is. */
export interface Depth {
  /** How many arrays and objects are around it. */
  readonly level: number;
  /** How many schemas that hold themselves have been entered. */
  readonly rounds: number;
}

/** What arrays and objects are built with. */
export interface Parts {
  /** How many arrays and objects are around this one. */
  readonly level: number;
  /** Makes the arbitrary of a part that several schemas ask something of. @throws CannotGenerate */
  readonly build: (schemas: readonly Schema[], path: string) => fc.Arbitrary<unknown>;
  /** Notes what is not made, although there may be values of it. */
  readonly leaveOut: (error: CannotGenerate) => void;
  /** Whether a value may be in a place that several schemas ask something of. */
  readonly accepts: (schemas: readonly Schema[], value: unknown) => boolean;
}

/** How many times, on the way into a value, a schema that holds itself is entered again. */
const leastRounds = 4;

/** Makes arbitraries of the schemas in one document. */
export class Builder {
  readonly #root: Schema;
  readonly #recursive: ReadonlySet<string>;
  readonly #leftOut = new Set<string>();
  /** Texts take a while to find; many fields ask the same of them. */
  readonly #strings = new Map<string, fc.Arbitrary<string>>();
  /** Those made, by their schema and how deep they stand. */
  readonly #made = new Map<Schema, Map<string, fc.Arbitrary<unknown>>>();

  constructor(root: Schema) {
    this.#root = root;
    this.#recursive = recursiveRefs(root);
  }

  get root(): Schema {
    return this.#root;
  }

  /** What need not be there and is not made, because it is not understood or nothing was found for it. */
  get leftOut(): readonly string[] {
    return [...this.#leftOut];
  }

  #leaveOut({ kind, message }: CannotGenerate): void {
    if (kind === "unsupported") this.#leftOut.add(message);
  }

  /** @throws CannotGenerate */
  build(schema: Schema, path: string, depth: Depth = { level: 0, rounds: 0 }): fc.Arbitrary<unknown> {
    const key = `${depth.level} ${depth.rounds}`;
    const known = this.#made.get(schema)?.get(key);
    if (known !== undefined) return known;
    const made = this.#withExamples(schema, this.#deeper(schema, path, depth));
    const ofSchema = this.#made.get(schema) ?? new Map<string, fc.Arbitrary<unknown>>();
    this.#made.set(schema, ofSchema.set(key, made));
    return made;
  }

  /** The arbitrary of one way to meet a schema. @throws CannotGenerate */
  buildFlat(flat: FlatSchema, depth: Depth): fc.Arbitrary<unknown> {
    if (flat.values !== undefined) return fc.constantFrom(...flat.values);
    const types = flat.types ?? typesSpokenOf(flat);
    if (types.length === jsonTypes.length) return anyJson;
    return this.#anyOf(types.map((type) => () => this.#ofType(type, flat, depth)));
  }

  /** What there is to build the parts of arrays and objects with. */
  partsAt(depth: Depth): Parts {
    const inner = { ...depth, level: depth.level + 1 };
    return {
      level: depth.level,
      build: (schemas, path) => {
        const [only = true] = schemas;
        return this.build(schemas.length > 1 ? { allOf: schemas } : only, path, inner);
      },
      leaveOut: (error) => this.#leaveOut(error),
      accepts: (schemas, value) =>
        schemas.every((schema) => judge(schema, value, this.#root).verdict !== "invalid"),
    };
  }

  /** How deep the inside of a schema is: one round more where it holds itself. */
  enter(schema: Schema, depth: Depth): Depth {
    const ref = typeof schema === "boolean" ? undefined : schema.$ref;
    return ref !== undefined && this.#recursive.has(ref) ? { ...depth, rounds: depth.rounds + 1 } : depth;
  }

  #deeper(schema: Schema, path: string, depth: Depth): () => fc.Arbitrary<unknown> {
    const inner = this.enter(schema, depth);
    if (inner.rounds <= Math.max(leastRounds, this.#recursive.size + 1)) {
      return () => this.#fromWays(schema, path, inner);
    }
    return () => {
      throw new CannotGenerate("none", { keyword: "$ref", path }, "values of it never end");
    };
  }

  #fromWays(schema: Schema, path: string, depth: Depth): fc.Arbitrary<unknown> {
    const ways = alternativesOf(schema, this.#root, path);
    const judged = ways.map((way) => this.#judgedValues(schema, way));
    const possible = judged.filter((way) => way.values === undefined || way.values.length > 0);
    if (possible.length === 0) {
      throw new CannotGenerate("none", { keyword: keywordOf(schema), path }, "no value is valid");
    }
    const made = this.#anyOf(possible.map((way) => () => this.buildFlat(way, depth)));
    if (!possible.some((way) => way.needsJudge)) return made;
    return boundedFilter(
      made,
      (value) => judge(schema, value, this.#root).verdict !== "invalid",
      () =>
        new CannotGenerate(
          "unsupported",
          { keyword: keywordOf(schema), path },
          "no value was found that it takes",
        ),
    );
  }

  /** Any of those that can be made. @throws CannotGenerate when none can */
  #anyOf(makers: readonly (() => fc.Arbitrary<unknown>)[]): fc.Arbitrary<unknown> {
    const made: fc.Arbitrary<unknown>[] = [];
    const refused: CannotGenerate[] = [];
    for (const make of makers) {
      try {
        made.push(make());
      } catch (thrown) {
        if (!(thrown instanceof CannotGenerate)) throw thrown;
        refused.push(thrown);
      }
    }
    const [only] = made;
    if (only === undefined) {
      // What is not understood says more than what cannot be.
      const unsupported = refused.find(({ kind }) => kind === "unsupported");
      throw (
        unsupported ??
        refused[0] ??
        new CannotGenerate("none", { keyword: "type", path: "#" }, "no value is valid")
      );
    }
    for (const error of refused) this.#leaveOut(error);
    return made.length === 1 ? only : fc.oneof(...made);
  }

  /** Listed values that the rest of the schema refuses are none. */
  #judgedValues(schema: Schema, way: FlatSchema): FlatSchema {
    const values = way.values?.filter((value) => judge(schema, value, this.#root).verdict !== "invalid");
    return { ...way, values };
  }

  #ofType(type: JsonType, flat: FlatSchema, depth: Depth): fc.Arbitrary<unknown> {
    switch (type) {
      case "null":
        return fc.constant(null);
      case "boolean":
        return fc.boolean();
      case "number":
        return numberArbitrary(flat.numbers, flat.isInteger, flat.path);
      case "string":
        return this.#ofStrings(flat);
      case "array":
        return arrayArbitrary(flat.arrays, flat.path, this.partsAt(depth));
      case "object":
        return objectArbitrary(flat.objects, flat.path, this.partsAt(depth));
    }
  }

  #ofStrings({ strings, path }: FlatSchema): fc.Arbitrary<string> {
    const key = JSON.stringify(strings);
    const made = this.#strings.get(key) ?? stringArbitrary(strings, path);
    this.#strings.set(key, made);
    return made;
  }

  /** Values that the schema itself shows are used as well, and alone where no others can be made. */
  #withExamples(schema: Schema, make: () => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
    const listed: readonly unknown[] =
      typeof schema === "object" && Array.isArray(schema["examples"]) ? schema["examples"] : [];
    const examples = listed.filter((value) => judge(schema, value, this.#root).verdict === "valid");
    if (examples.length === 0) return make();
    const shown = fc.constantFrom(...examples);
    try {
      return fc.oneof({ weight: 3, arbitrary: make() }, { weight: 1, arbitrary: shown });
    } catch (thrown) {
      if (thrown instanceof CannotGenerate) return shown;
      throw thrown;
    }
  }
}

/** The types that a schema without `type` has keywords for; any when there are none. */
function typesSpokenOf({ numbers, strings, objects, arrays, isInteger }: FlatSchema): readonly JsonType[] {
  const says = {
    number: isInteger || numbers.multiplesOf.length > 0 || Object.values(numbers).some(Number.isFinite),
    string:
      strings.patterns.length + strings.formats.length + strings.minLength > 0 ||
      Number.isFinite(strings.maxLength),
    object:
      objects.properties.size + objects.patternProperties.length + objects.required.length > 0 ||
      objects.additional.length + objects.propertyNames.length + objects.minProperties > 0 ||
      Number.isFinite(objects.maxProperties),
    array:
      arrays.prefix.length + arrays.items.length + arrays.minItems > 0 ||
      arrays.isUnique ||
      Number.isFinite(arrays.maxItems),
  };
  const spoken = jsonTypes.filter((type) => type in says && says[type as keyof typeof says]);
  return spoken.length === 0 ? jsonTypes : spoken;
}

/** The keyword that most likely says why. */
function keywordOf(schema: Schema): string {
  if (!isRecord(schema)) return String(schema);
  const telling = ["not", "oneOf", "anyOf", "allOf", "if", "contains", "enum", "const", "$ref", "type"];
  return telling.find((keyword) => schema[keyword] !== undefined) ?? "type";
}
