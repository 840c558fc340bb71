import fc from "fast-check";
import { type Builder, type Depth } from "./builder.ts";
import { CannotGenerate } from "./cannot-generate.ts";
import { alternativesOf, type FlatSchema, schemasFor } from "./flat-schema.ts";
import { equalJson, isRecord, type JsonType, jsonTypes } from "./json-value.ts";
import { numberMisses, stringMisses } from "./misses-of-leaves.ts";
import type { Schema } from "./resolve-ref.ts";

/** Something wrong with a value. */
export interface LeafMiss {
  readonly what: string;
  readonly keyword: string;
  readonly arbitrary: fc.Arbitrary<unknown>;
}

/** Something wrong in a value, and where. */
export interface Miss extends LeafMiss {
  readonly keys: Keys;
}

type Keys = readonly (string | number)[];

/** Ways to be wrong are looked for so deep, and not more than so many. */
const maxLevel = 5;
const maxMisses = 300;
/** Into what holds itself, once is enough. */
const maxRounds = 1;

/** The ways to be wrong in one place. @throws CannotGenerate */
export function missesOf(schema: Schema, builder: Builder): readonly Miss[] {
  const misses = unique(walk(schema, builder, "#", { level: 0, rounds: 0 }));
  // Where there are too many, those further inside are left out.
  return misses.toSorted((a, b) => a.keys.length - b.keys.length).slice(0, maxMisses);
}

/** The same thing in the same place, found on several ways, is one. */
function unique(misses: readonly Miss[]): readonly Miss[] {
  const byName = new Map<string, Miss>();
  for (const miss of misses) {
    const name = JSON.stringify([miss.keys, miss.keyword, miss.what]);
    if (!byName.has(name)) byName.set(name, miss);
  }
  return [...byName.values()];
}

function walk(schema: Schema, builder: Builder, path: string, outer: Depth): readonly Miss[] {
  const depth = builder.enter(schema, outer);
  if (depth.level > maxLevel || depth.rounds > maxRounds) return [];
  const ways = alternativesOf(schema, builder.root, path);
  if (ways.length > 1) {
    // Which way was meant nobody can tell, so it is here that the value is wrong.
    const types = new Set(ways.flatMap((way) => way.types ?? jsonTypes));
    const inside = ways.flatMap((way) =>
      ofWay(way, builder, depth).filter(({ keyword }) => keyword !== "type"),
    );
    return [...typeMisses([...types], false), ...inside.map((miss) => ({ ...miss, keys: [] }))];
  }
  return ways.flatMap((way) => ofWay(way, builder, depth));
}

function ofWay(way: FlatSchema, builder: Builder, depth: Depth): readonly Miss[] {
  const here = (misses: readonly LeafMiss[]): readonly Miss[] =>
    misses.map((miss) => ({ ...miss, keys: [] }));
  const { types = [], values } = way;
  const wrongTypes = typeMisses(types, way.isInteger);
  if (values !== undefined) return [...wrongTypes, ...here(valueMisses(values))];
  const objects = types.includes("object") ? objectMisses(way, builder, depth) : [];
  const arrays = types.includes("array") ? arrayMisses(way, builder, depth) : [];
  return [
    ...wrongTypes,
    ...(types.includes("number") ? here(numberMisses(way.numbers)) : []),
    ...(types.includes("string") ? here(stringMisses(way.strings, way.path)) : []),
    ...objects,
    ...arrays,
  ];
}

const ofType: Readonly<Record<JsonType, fc.Arbitrary<unknown>>> = {
  null: fc.constant(null),
  boolean: fc.boolean(),
  number: fc.oneof(fc.integer(), fc.constant(0.5)),
  string: fc.constantFrom("text", "", "0"),
  array: fc.constantFrom<readonly unknown[]>([], ["text"], [1]),
  object: fc.constantFrom<object>({}, { key: 1 }),
};

const named: Readonly<Record<JsonType, string>> = {
  null: "null",
  boolean: "a boolean",
  number: "a number",
  string: "a string",
  array: "an array",
  object: "an object",
};

function typeMisses(types: readonly JsonType[], isInteger: boolean): readonly Miss[] {
  if (types.length === 0 || types.length === jsonTypes.length) return [];
  const wanted = types
    .map((type) => (type === "number" && isInteger ? "an integer" : named[type]))
    .join(" or ");
  const others = jsonTypes.filter((type) => type !== "null" && !types.includes(type));
  const miss = (what: string, arbitrary: fc.Arbitrary<unknown>): Miss => ({
    what,
    keyword: "type",
    keys: [],
    arbitrary,
  });
  return [
    ...(types.includes("null") ? [] : [miss(`null instead of ${wanted}`, ofType.null)]),
    ...(others.length === 0
      ? []
      : [miss(`another type than ${wanted}`, fc.oneof(...others.map((type) => ofType[type])))]),
    ...(isInteger
      ? [
          miss(
            "a number that is not whole",
            fc.integer({ min: -99, max: 99 }).map((n) => n + 0.5),
          ),
        ]
      : []),
  ];
}

function valueMisses(values: readonly unknown[]): readonly LeafMiss[] {
  const others = values
    .flatMap((value): readonly unknown[] => {
      if (typeof value === "string") return [`${value}x`, value.toUpperCase(), value.slice(1)];
      if (typeof value === "number") return [value + 1, -value - 1];
      if (typeof value === "boolean") return [!value];
      return [];
    })
    .filter((other) => !values.some((value) => equalJson(value, other)));
  if (others.length === 0) return [];
  return [{ what: "a value that is not listed", keyword: "enum", arbitrary: fc.constantFrom(...others) }];
}

type Entries = Readonly<Record<string, unknown>>;

function objectMisses(way: FlatSchema, builder: Builder, depth: Depth): readonly Miss[] {
  const { objects } = way;
  const base = objectsOf(way, builder, depth);
  if (base === undefined) return [];
  const misses: Miss[] = [];
  if (objects.additional.includes(false)) {
    misses.push({
      what: "a key that is not allowed",
      keyword: "additionalProperties",
      keys: [],
      arbitrary: base.map((value) => ({ ...value, [freeKey(objects.properties)]: 1 })),
    });
  }
  for (const key of objects.required) {
    const without = base.map((value) =>
      Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)),
    );
    misses.push({ what: "missing", keyword: "required", keys: [key], arbitrary: without });
  }
  const keys = [...new Set([...objects.properties.keys(), ...objects.required])];
  const extra = extraKey(way, builder, depth);
  for (const key of extra === undefined ? keys : [...keys, extra]) {
    const schemas = schemasFor(objects, key);
    for (const miss of inside(schemas, builder, `${way.path}/properties/${key}`, depth)) {
      const arbitrary = fc.tuple(base, miss.arbitrary).map(([value, wrong]) => ({ ...value, [key]: wrong }));
      misses.push({ ...miss, keys: [key, ...miss.keys], arbitrary });
    }
  }
  return misses;
}

function freeKey(properties: ReadonlyMap<string, unknown>): string {
  let key = "unexpected";
  while (properties.has(key)) key += "_";
  return key;
}

/** A key that has no schema of its own, where the schema speaks of such keys. */
function extraKey(way: FlatSchema, builder: Builder, depth: Depth): string | undefined {
  const { additional, propertyNames, properties, patternProperties } = way.objects;
  const says = additional.some((schema) => typeof schema === "object" && Object.keys(schema).length > 0);
  if (!says || patternProperties.length > 0) return undefined;
  const free = freeKey(properties);
  if (builder.partsAt(depth).accepts(propertyNames, free)) return free;
  const names = orNone(() => builder.partsAt(depth).build(propertyNames, `${way.path}/propertyNames`));
  if (names === undefined) return undefined;
  const made = fc.sample(names, { numRuns: 20, seed: 1 });
  return made.find((name) => typeof name === "string" && name !== "" && name !== "__proto__") as
    | string
    | undefined;
}

function inside(schemas: readonly Schema[], builder: Builder, path: string, depth: Depth): readonly Miss[] {
  const [only = true] = schemas;
  const schema = schemas.length > 1 ? { allOf: schemas } : only;
  try {
    return walk(schema, builder, path, { ...depth, level: depth.level + 1 });
  } catch (thrown) {
    // What has to be there has been made before this; of what has not, none is missed.
    if (thrown instanceof CannotGenerate) return [];
    throw thrown;
  }
}

function arrayMisses(way: FlatSchema, builder: Builder, depth: Depth): readonly Miss[] {
  const { minItems, maxItems, prefix, items, isUnique } = way.arrays;
  const base = arraysOf(way, builder, depth);
  if (base === undefined) return [];
  const misses: Miss[] = [];
  const here = (what: string, keyword: string, arbitrary: fc.Arbitrary<unknown>) =>
    misses.push({ what, keyword, keys: [], arbitrary });
  const mostItems = Math.min(maxItems, items.includes(false) ? prefix.length : Number.POSITIVE_INFINITY);
  if (minItems > 0)
    here(
      "too few items",
      "minItems",
      base.map((value) => value.slice(0, minItems - 1)),
    );
  if (mostItems <= 1_000) {
    here(
      "too many items",
      mostItems === maxItems ? "maxItems" : "items",
      base.map((value) => lengthen(value, mostItems + 1)),
    );
  }
  if (isUnique && maxItems > 1) {
    const twice = base.map((value) =>
      value.length === 0 ? [1, 1] : [...value.slice(0, maxItems - 1), value[0]],
    );
    here("the same item twice", "uniqueItems", twice);
  }
  const places =
    prefix.length > 0 ? prefix.map((schemas, index) => [index, schemas] as const) : [[0, items] as const];
  for (const [index, schemas] of places) {
    if (index >= maxItems) continue;
    for (const miss of inside(schemas, builder, `${way.path}/items`, depth)) {
      const arbitrary = fc.tuple(base, miss.arbitrary).map(([value, wrong]) => replaced(value, index, wrong));
      misses.push({ ...miss, keys: [index, ...miss.keys], arbitrary });
    }
  }
  return misses;
}

/** So many items, the last ones repeated. */
function lengthen(items: readonly unknown[], length: number): readonly unknown[] {
  return Array.from({ length }, (_, index) => items[index] ?? items.at(-1) ?? null);
}

function replaced(items: readonly unknown[], index: number, wrong: unknown): readonly unknown[] {
  return index < items.length ? items.with(index, wrong) : [...items, wrong];
}

function objectsOf(way: FlatSchema, builder: Builder, depth: Depth): fc.Arbitrary<Entries> | undefined {
  const made = orNone(() => builder.buildFlat({ ...way, types: ["object"] }, depth));
  return made?.filter((value) => isRecord(value));
}

function arraysOf(
  way: FlatSchema,
  builder: Builder,
  depth: Depth,
): fc.Arbitrary<readonly unknown[]> | undefined {
  const made = orNone(() => builder.buildFlat({ ...way, types: ["array"] }, depth));
  return made?.filter((value): value is unknown[] => Array.isArray(value));
}

/** What no value can be made of has no near misses either. */
function orNone(make: () => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> | undefined {
  try {
    return make();
  } catch (thrown) {
    if (thrown instanceof CannotGenerate && thrown.kind === "none") return undefined;
    throw thrown;
  }
}
