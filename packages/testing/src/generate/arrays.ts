import fc from "fast-check";
import { boundedFilter } from "./bounded-filter.ts";
import type { Parts } from "./builder.ts";
import { CannotGenerate } from "./cannot-generate.ts";
import type { ArrayShape } from "./flat-schema.ts";
import { equalJson } from "./json-value.ts";

/** How many items an array has more than it must, by how deep it stands: values grow with each level. */
const usualLengths = [6, 4, 3, 2] as const;
const maxLeastLength = 10_000;

/** The most entries of an array or object at a level. */
export function usualLength(level: number): number {
  return usualLengths[level] ?? 1;
}

/** Arrays of a shape. @throws CannotGenerate when there is none */
export function arrayArbitrary(shape: ArrayShape, path: string, parts: Parts): fc.Arbitrary<unknown[]> {
  const { minItems, maxItems, prefix } = shape;
  const place = { keyword: "minItems", path };
  if (minItems > maxItems) throw new CannotGenerate("none", place, `it is above maxItems ${maxItems}`);
  if (minItems > maxLeastLength) {
    throw new CannotGenerate(
      "unsupported",
      place,
      `arrays of ${minItems} items are too long to make many of`,
    );
  }
  const lengths = lengthsOf(shape, parts.level);
  const made =
    prefix.length === 0 ? plain(shape, lengths, path, parts) : withPrefix(shape, lengths, path, parts);
  return shape.isUnique ? withoutDoubles(made, minItems, path) : made;
}

interface Lengths {
  readonly min: number;
  readonly max: number;
}

function lengthsOf({ minItems, maxItems, prefix }: ArrayShape, level: number): Lengths {
  const usual = Math.max(minItems, prefix.length) + usualLength(level);
  return { min: minItems, max: Math.min(maxItems, usual) };
}

/** The arbitrary of an item; undefined when none can be made and none is needed. */
function itemOf(
  schemas: readonly ArrayShape["items"][number][],
  path: string,
  parts: Parts,
): fc.Arbitrary<unknown> | CannotGenerate {
  try {
    return parts.build(schemas, path);
  } catch (thrown) {
    if (thrown instanceof CannotGenerate && thrown.kind === "none") return thrown;
    throw thrown;
  }
}

function plain(
  shape: ArrayShape,
  { min, max }: Lengths,
  path: string,
  parts: Parts,
): fc.Arbitrary<unknown[]> {
  const item = itemOf(shape.items, `${path}/items`, parts);
  if (!(item instanceof CannotGenerate))
    return fc.array(item, { minLength: min, maxLength: max, size: "max" });
  if (min > 0) throw item;
  return fc.constant([]);
}

function withPrefix(
  shape: ArrayShape,
  { min, max }: Lengths,
  path: string,
  parts: Parts,
): fc.Arbitrary<unknown[]> {
  const first: fc.Arbitrary<unknown>[] = [];
  for (const [index, schemas] of shape.prefix.entries()) {
    const item = itemOf(schemas, `${path}/prefixItems/${index}`, parts);
    if (item instanceof CannotGenerate) {
      if (min > index) throw item;
      break;
    }
    first.push(item);
  }
  const whole = first.length === shape.prefix.length && max >= first.length;
  const ways: fc.Arbitrary<unknown[]>[] = [];
  if (whole) ways.push(withRest(first, shape, { min, max }, path, parts));
  // Items of the prefix need not be there, unless there must be so many.
  for (let length = Math.min(max, first.length - (whole ? 1 : 0)); length >= min; length--) {
    ways.push(fc.tuple(...first.slice(0, length)));
  }
  const [only] = ways;
  if (only === undefined) {
    throw new CannotGenerate("none", { keyword: "minItems", path }, `no array of ${min} items is valid`);
  }
  return ways.length === 1 ? only : fc.oneof(...ways);
}

function withRest(
  first: readonly fc.Arbitrary<unknown>[],
  shape: ArrayShape,
  { min, max }: Lengths,
  path: string,
  parts: Parts,
): fc.Arbitrary<unknown[]> {
  const head = fc.tuple(...first);
  if (max <= first.length) return head;
  const lengths = { min: Math.max(0, min - first.length), max: max - first.length };
  return fc.tuple(head, plain(shape, lengths, path, parts)).map(([a, b]) => [...a, ...b]);
}

function withoutDoubles(
  arrays: fc.Arbitrary<unknown[]>,
  minItems: number,
  path: string,
): fc.Arbitrary<unknown[]> {
  const once = (items: readonly unknown[]) =>
    items.filter((item, index) => !items.slice(0, index).some((earlier) => equalJson(earlier, item)));
  return boundedFilter(
    arrays.map(once),
    (items) => items.length >= minItems,
    () =>
      new CannotGenerate(
        "unsupported",
        { keyword: "uniqueItems", path },
        "too few items that differ were found",
      ),
  );
}
