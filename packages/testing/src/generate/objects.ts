import fc from "fast-check";
import { anyJson } from "./any-json.ts";
import { usualLength } from "./arrays.ts";
import { boundedFilter } from "./bounded-filter.ts";
import type { Parts } from "./builder.ts";
import { CannotGenerate } from "./cannot-generate.ts";
import { type ObjectShape, schemasFor } from "./flat-schema.ts";
import { patternOf } from "./json-value.ts";

type Entries = Readonly<Record<string, unknown>>;

/** Objects of a shape. @throws CannotGenerate when there is none */
export function objectArbitrary(shape: ObjectShape, path: string, parts: Parts): fc.Arbitrary<Entries> {
  const { minProperties, maxProperties, required } = shape;
  if (minProperties > maxProperties) {
    const place = { keyword: "minProperties", path };
    throw new CannotGenerate("none", place, `it is above maxProperties ${maxProperties}`);
  }
  const named = namedProperties(shape, path, parts);
  const groups = [named, ...byPattern(shape, path, parts), ...others(shape, path, parts)];
  // The named ones last: they win over what another part has made under their names.
  const made = fc.tuple(...groups.toReversed()).map((all) => Object.assign({}, ...all) as Entries);
  if (minProperties <= required.length && !Number.isFinite(maxProperties)) return made;
  return boundedFilter(
    made,
    (value) => {
      const count = Object.keys(value).length;
      return count >= minProperties && count <= maxProperties;
    },
    () =>
      new CannotGenerate(
        "unsupported",
        { keyword: minProperties > required.length ? "minProperties" : "maxProperties", path },
        "no object with so many properties was found",
      ),
  );
}

/** The arbitrary of a key's value, and what to say where there is none. */
function valueOf(shape: ObjectShape, key: string, path: string, parts: Parts): fc.Arbitrary<unknown> {
  return parts.build(
    schemasFor(shape, key),
    `${path}/properties/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`,
  );
}

function namedProperties(shape: ObjectShape, path: string, parts: Parts): fc.Arbitrary<Entries> {
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  const keys = new Set([...shape.properties.keys(), ...shape.required]);
  for (const key of keys) {
    if (key === "__proto__") {
      throw new CannotGenerate(
        "unsupported",
        { keyword: "properties", path },
        "no value is made with a key __proto__",
      );
    }
    if (!parts.accepts(shape.propertyNames, key)) {
      if (!shape.required.includes(key)) continue;
      const place = { keyword: "propertyNames", path };
      throw new CannotGenerate("none", place, `it does not allow the required key ${JSON.stringify(key)}`);
    }
    try {
      model[key] = valueOf(shape, key, path, parts);
    } catch (thrown) {
      // What need not be there, and cannot be made, is left out.
      if (!(thrown instanceof CannotGenerate) || shape.required.includes(key)) throw thrown;
      parts.leaveOut(thrown);
    }
  }
  return fc.record(model, { requiredKeys: [...shape.required], noNullPrototype: true });
}

function byPattern(shape: ObjectShape, path: string, parts: Parts): readonly fc.Arbitrary<Entries>[] {
  const maxKeys = Math.min(2, usualLength(parts.level), shape.maxProperties);
  if (maxKeys === 0) return [];
  const isAllowed = (key: string) => key !== "__proto__" && parts.accepts(shape.propertyNames, key);
  return shape.patternProperties.flatMap(([pattern, schema]) => {
    const expression = patternOf(pattern);
    try {
      if (expression === undefined) return [];
      const value = parts.build([schema], `${path}/patternProperties`);
      const pairs = fc.array(fc.tuple(fc.stringMatching(expression), value), { maxLength: maxKeys });
      return [pairs.map((all) => Object.fromEntries(all.filter(([key]) => isAllowed(key))))];
    } catch {
      // Keys of that kind need not be there.
      return [];
    }
  });
}

const plainKey = fc.stringMatching(/^[a-z][a-zA-Z0-9_]{0,7}$/);
const anyKey = fc.oneof(
  { weight: 4, arbitrary: plainKey },
  { weight: 1, arbitrary: fc.constantFrom("constructor", "toString", "a key", "é", "0", "") },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 8 }) },
);

/** Keys that have no schema of their own: often where the schema speaks of them, seldom where it only allows them. */
function others(shape: ObjectShape, path: string, parts: Parts): readonly fc.Arbitrary<Entries>[] {
  const { additional, propertyNames, minProperties, maxProperties, required, properties } = shape;
  const missing = Math.max(0, minProperties - required.length);
  const says = additional.some((schema) => typeof schema === "object" && Object.keys(schema).length > 0);
  const room = Math.min(maxProperties, missing + (says ? usualLength(parts.level) : 2));
  if (room <= 0 || additional.includes(false)) return [];
  let value: fc.Arbitrary<unknown>;
  let names: fc.Arbitrary<unknown>;
  try {
    value = says ? parts.build(additional, `${path}/additionalProperties`) : anyJson;
    names = propertyNames.length > 0 ? parts.build(propertyNames, `${path}/propertyNames`) : anyKey;
  } catch (thrown) {
    if (thrown instanceof CannotGenerate && thrown.kind === "none" && missing === 0) return [];
    throw thrown;
  }
  const isFree = (key: unknown): key is string =>
    typeof key === "string" &&
    key !== "__proto__" &&
    !properties.has(key) &&
    !required.includes(key) &&
    !shape.patternProperties.some(([pattern]) => patternOf(pattern)?.test(key) === true);
  // Not a bounded filter: where all keys are taken there are no others, which is no fault.
  const entries = fc
    .array(fc.tuple(names, value), { minLength: missing, maxLength: room, size: "max" })
    .map((pairs) => Object.fromEntries(pairs.filter((pair): pair is [string, unknown] => isFree(pair[0]))));
  if (says || missing > 0) return [entries];
  return [fc.oneof({ weight: 7, arbitrary: fc.constant<Entries>({}) }, { weight: 1, arbitrary: entries })];
}
