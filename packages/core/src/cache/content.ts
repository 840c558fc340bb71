/**
 * Content is what can be copied, compared and written down without loss: null, undefined, booleans, numbers, bigints,
 * texts, and arrays, plain objects, dates, maps and sets of content. Functions, symbols, class instances and circular
 * structures are none; nor are arrays with holes. An object with symbols for keys cannot be copied; where contents are
 * compared such keys are not looked at.
 *
 * Two contents are the same when they read the same, whatever the order of an object's keys. The order of the entries of
 * a map or set counts, for it shows wherever one goes through them; -0 and 0 are two, NaN is itself, and a key whose value
 * is undefined is not a missing key.
 */

/** Stands for a value that is no content. */
export const notContent: unique symbol = Symbol("not content");

/** Deeper than anybody nests, and what the stack takes with ease; it also ends the way into a circle. */
const maxDepth = 100;

/** The most values in one content: shared parts count wherever they show, so a few objects can stand for very many. */
const maxValues = 1_000_000;

let valuesLeft = maxValues;

/** A copy that shares nothing with the value, or `notContent`. */
export function copyContent(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return isPrimitiveContent(value) ? value : notContent;
  valuesLeft = maxValues;
  try {
    return copyOf(value, 0, true);
  } catch {
    // A getter or a proxy that throws when it is read.
    return notContent;
  }
}

/** A copy of what is content already, which saves looking for symbols; `notContent` when it is none after all. */
export function copyAgain(content: unknown): unknown {
  if (typeof content !== "object" || content === null)
    return isPrimitiveContent(content) ? content : notContent;
  valuesLeft = maxValues;
  try {
    return copyOf(content, 0, false);
  } catch {
    return notContent;
  }
}

/** A number that the same content always has, or undefined for what is no content. */
export function hashOfContent(value: unknown): number | undefined {
  valuesLeft = maxValues;
  try {
    return hashOf(value, 0);
  } catch {
    return undefined;
  }
}

/** Whether two contents are the same. */
export function isSameContent(left: unknown, right: unknown): boolean {
  if (left === right) return left !== 0 || 1 / left === 1 / (right as number);
  if (typeof left !== "object" || left === null || typeof right !== "object" || right === null) {
    return left !== left && right !== right;
  }
  switch (kindOf(left)) {
    case kind.object:
      return kindOf(right) === kind.object && isSameObject(left as Fields, right as Fields);
    case kind.array:
      return kindOf(right) === kind.array && isSameList(left as unknown[], right as unknown[]);
    case kind.date:
      return (
        kindOf(right) === kind.date && isSameContent((left as Date).getTime(), (right as Date).getTime())
      );
    case kind.map:
      return (
        kindOf(right) === kind.map && isSameList([...(left as Pairs)].flat(), [...(right as Pairs)].flat())
      );
    case kind.set:
      return kindOf(right) === kind.set && isSameList([...(left as Items)], [...(right as Items)]);
    default:
      return false;
  }
}

type Fields = Record<string, unknown>;
type Pairs = Map<unknown, unknown>;
type Items = Set<unknown>;

/** What sort of object a content is. */
export const kind = { none: 0, object: 1, array: 2, date: 3, map: 4, set: 5 } as const;
export type Kind = (typeof kind)[keyof typeof kind];

/** By the prototype, so that an instance of a class that extends one of these is none of them. */
export function kindOf(value: object): Kind {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return kind.object;
  if (prototype === Array.prototype) return Array.isArray(value) ? kind.array : kind.none;
  if (prototype === Date.prototype) return kind.date;
  if (prototype === Map.prototype) return kind.map;
  if (prototype === Set.prototype) return kind.set;
  return kind.none;
}

function isPrimitiveContent(value: unknown): boolean {
  return typeof value !== "function" && typeof value !== "symbol";
}

function copyOf(value: unknown, depth: number, looks: boolean): unknown {
  if (typeof value !== "object" || value === null) return isPrimitiveContent(value) ? value : notContent;
  if (depth > maxDepth) return notContent;
  switch (kindOf(value)) {
    case kind.object:
      return copyOfObject(value as Fields, depth, looks);
    case kind.array:
      return copyOfArray(value as readonly unknown[], depth, looks);
    case kind.date:
      // `getTime` throws where only the prototype is a date's.
      return new Date((value as Date).getTime());
    case kind.map: {
      const flat = copyOfArray([...(value as Pairs)].flat(), depth, looks);
      return flat === notContent ? notContent : mapOf(flat);
    }
    case kind.set: {
      const items = copyOfArray([...(value as Items)], depth, looks);
      return items === notContent ? notContent : new Set(items);
    }
    default:
      return notContent;
  }
}

function copyOfObject(value: Fields, depth: number, looks: boolean): unknown {
  if (looks && Object.getOwnPropertySymbols(value).length > 0) return notContent;
  // The quickest way to copy, and one that makes a key named `__proto__` a key.
  const copy: Fields = { ...value };
  const keys = Object.keys(copy);
  valuesLeft -= keys.length;
  if (valuesLeft < 0) return notContent;
  for (const key of keys) {
    const part = copy[key];
    if (typeof part === "object" && part !== null) {
      const partCopy = copyOf(part, depth + 1, looks);
      if (partCopy === notContent) return notContent;
      copy[key] = partCopy;
    } else if (!isPrimitiveContent(part)) return notContent;
  }
  return copy;
}

function copyOfArray(
  value: readonly unknown[],
  depth: number,
  looks: boolean,
): unknown[] | typeof notContent {
  const copy = value.slice();
  valuesLeft -= copy.length;
  if (valuesLeft < 0) return notContent;
  for (let index = 0; index < copy.length; index++) {
    const part = copy[index];
    if (part === undefined && !(index in copy)) return notContent;
    const partCopy = copyOf(part, depth + 1, looks);
    if (partCopy === notContent) return notContent;
    copy[index] = partCopy;
  }
  return copy;
}

/** A map of keys and values in turn. */
function mapOf(flat: readonly unknown[]): Pairs {
  const map: Pairs = new Map();
  for (let index = 0; index < flat.length; index += 2) map.set(flat[index], flat[index + 1]);
  return map;
}

function isSameObject(left: Fields, right: Fields): boolean {
  const leftKeys = Object.keys(left);
  const rightKeys = Object.keys(right);
  if (leftKeys.length !== rightKeys.length) return false;
  for (let index = 0; index < leftKeys.length; index++) {
    const key = leftKeys[index] as string;
    // Mostly both have been made the same way, and no key needs to be looked for.
    if (key !== rightKeys[index] && !Object.hasOwn(right, key)) return false;
    if (!isSameContent(left[key], right[key])) return false;
  }
  return true;
}

function isSameList(left: readonly unknown[], right: readonly unknown[]): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) {
    if (!isSameContent(left[index], right[index])) return false;
  }
  return true;
}

// Any odd numbers that spread bits well would do; these are of FNV-1a and of MurmurHash3.
const fnvOffset = 0x811c9dc5;
const fnvPrime = 0x01000193;
const murmurPrime = 0x85ebca6b;

/** Undefined for what is no content. */
function hashOf(value: unknown, depth: number): number | undefined {
  switch (typeof value) {
    case "string":
      return hashOfText(value);
    case "number":
      return hashOfNumber(value);
    case "boolean":
      return value ? 0x2545f491 : 0x0f4914f6;
    case "undefined":
      return 0x3c6ef372;
    case "bigint":
      return hashOfText(String(value)) ^ 0x1b873593;
    case "object":
      return value === null ? 0x27d4eb2f : hashOfObject(value, depth);
    default:
      return undefined;
  }
}

function hashOfObject(value: object, depth: number): number | undefined {
  if (depth > maxDepth) return undefined;
  switch (kindOf(value)) {
    case kind.object:
      return hashOfFields(value as Fields, depth);
    case kind.array:
      return hashOfList(value as unknown[], depth, kind.array);
    case kind.date:
      return hashOfNumber((value as Date).getTime()) ^ 0x510e527f;
    case kind.map:
      return hashOfList([...(value as Pairs)].flat(), depth, kind.map);
    case kind.set:
      return hashOfList([...(value as Items)], depth, kind.set);
    default:
      return undefined;
  }
}

function hashOfFields(value: Fields, depth: number): number | undefined {
  const keys = Object.keys(value);
  valuesLeft -= keys.length;
  if (valuesLeft < 0) return undefined;
  let hash = keys.length;
  for (const key of keys) {
    const part = hashOf(value[key], depth + 1);
    if (part === undefined) return undefined;
    // A sum, so that the order of keys does not show.
    hash = (hash + Math.imul(hashOfName(key) ^ part, murmurPrime)) | 0;
  }
  return hash;
}

function hashOfList(list: readonly unknown[], depth: number, seed: Kind): number | undefined {
  valuesLeft -= list.length;
  if (valuesLeft < 0) return undefined;
  let hash = fnvOffset ^ seed;
  for (let index = 0; index < list.length; index++) {
    const item = list[index];
    if (item === undefined && !(index in list)) return undefined;
    const part = hashOf(item, depth + 1);
    if (part === undefined) return undefined;
    hash = Math.imul(hash ^ part, fnvPrime);
  }
  return hash;
}

/** FNV-1a (Fowler, Noll and Vo) over the code units. */
export function hashOfText(text: string): number {
  let hash = fnvOffset;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), fnvPrime);
  }
  return hash;
}

const names = new Map<string, number>();
const maxNames = 1_000;

/** The keys of objects are few: their hashes are kept. */
function hashOfName(name: string): number {
  const known = names.get(name);
  if (known !== undefined) return known;
  const hash = hashOfText(name);
  if (names.size < maxNames) names.set(name, hash);
  return hash;
}

const float = new Float64Array(1);
const halves = new Uint32Array(float.buffer);

function hashOfNumber(value: number): number {
  if ((value | 0) === value) return Math.imul(value ^ 0x5bd1e995, murmurPrime);
  float[0] = value;
  return Math.imul((halves[0] as number) ^ Math.imul(halves[1] as number, fnvPrime), murmurPrime);
}
