/**
 * Content is what can be copied, compared and written down without loss: null, undefined, booleans, numbers, bigints,
 * texts, and arrays, plain objects, dates, maps and sets of content. Functions, symbols, class instances and circular
 * structures are none; nor are arrays with holes. As in JSON, properties under symbols do not belong to it.
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
    return copyOf(value, 0);
  } catch {
    // A getter or a proxy that throws when it is read.
    return notContent;
  }
}

/** Whether a value has no parts that could be shared with another one. */
export function isFlat(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (kindOf(value) !== kind.object) return false;
  for (const key in value) {
    const part = (value as Fields)[key];
    if (typeof part === "object" && part !== null) return false;
  }
  return true;
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
  if (Array.isArray(left)) return Array.isArray(right) && isSameList(left, right);
  if (Array.isArray(right)) return false;
  const count = sameFields(left as Fields, right as Fields);
  // Dates, maps and sets have no fields.
  return count > 0 || (count === 0 && isSameWithoutFields(left, right));
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

function copyOf(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return isPrimitiveContent(value) ? value : notContent;
  if (depth > maxDepth) return notContent;
  switch (kindOf(value)) {
    case kind.object:
      return copyOfObject(value as Fields, depth);
    case kind.array:
      return copyOfArray(value as readonly unknown[], depth);
    case kind.date:
      // `getTime` throws where only the prototype is a date's.
      return new Date((value as Date).getTime());
    case kind.map: {
      const flat = copyOfArray([...(value as Pairs)].flat(), depth);
      return flat === notContent ? notContent : mapOf(flat);
    }
    case kind.set: {
      const items = copyOfArray([...(value as Items)], depth);
      return items === notContent ? notContent : new Set(items);
    }
    default:
      return notContent;
  }
}

function copyOfObject(value: Fields, depth: number): unknown {
  const copy: Fields = {};
  for (const key in value) {
    let part = value[key];
    if (typeof part === "object" && part !== null) {
      part = copyOf(part, depth + 1);
      if (part === notContent) return notContent;
    } else if (!isPrimitiveContent(part)) return notContent;
    if (--valuesLeft < 0) return notContent;
    if (key === "__proto__") setOwn(copy, key, part);
    else copy[key] = part;
  }
  return copy;
}

/** An assignment to this name would set the prototype. */
function setOwn(target: Fields, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function copyOfArray(value: readonly unknown[], depth: number): unknown[] | typeof notContent {
  const copy = value.slice();
  valuesLeft -= copy.length;
  if (valuesLeft < 0) return notContent;
  for (let index = 0; index < copy.length; index++) {
    const part = copy[index];
    if (part === undefined && !(index in copy)) return notContent;
    const partCopy = copyOf(part, depth + 1);
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

/** How many fields two objects have, if they have the same; -1 when they have not. */
function sameFields(left: Fields, right: Fields): number {
  let count = 0;
  for (const key in left) {
    const other = right[key];
    if (!isSameContent(left[key], other)) return -1;
    // What is inherited under another name than this one is a function, which is no content.
    if ((other === undefined || key === "__proto__") && !Object.hasOwn(right, key)) return -1;
    count++;
  }
  let others = count;
  for (const _key in right) others--;
  return others === 0 ? count : -1;
}

function isSameWithoutFields(left: object, right: object): boolean {
  const leftKind = kindOf(left);
  if (leftKind !== kindOf(right)) return false;
  switch (leftKind) {
    case kind.date:
      return isSameContent((left as Date).getTime(), (right as Date).getTime());
    case kind.map:
      return isSameList([...(left as Pairs)].flat(), [...(right as Pairs)].flat());
    case kind.set:
      return isSameList([...(left as Items)], [...(right as Items)]);
    default:
      return leftKind === kind.object;
  }
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
  let hash = 1;
  for (const key in value) {
    const part = hashOf(value[key], depth + 1);
    if (part === undefined || --valuesLeft < 0) return undefined;
    // A sum, so that the order of keys does not show.
    hash = (hash + Math.imul(hashOfName(key) ^ part, murmurPrime)) | 0;
  }
  return hash;
}

/** Enough to tell the keys of one object apart, mostly. */
function hashOfName(name: string): number {
  const { length } = name;
  return length === 0 ? fnvOffset : (length << 24) ^ (name.charCodeAt(0) << 12) ^ name.charCodeAt(length - 1);
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

const float = new Float64Array(1);
const halves = /* @__PURE__ */ halvesOf(float);

function halvesOf({ buffer }: Float64Array<ArrayBuffer>): Uint32Array {
  return new Uint32Array(buffer);
}

function hashOfNumber(value: number): number {
  if ((value | 0) === value) return Math.imul(value ^ 0x5bd1e995, murmurPrime);
  float[0] = value;
  return Math.imul((halves[0] as number) ^ Math.imul(halves[1] as number, fnvPrime), murmurPrime);
}
