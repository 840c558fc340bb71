import { redactStart, redactText } from "./redact.ts";

/** How a value is written. */
export interface JsonLineOptions {
  /** How many bytes the line takes at most, in UTF-8; at least `leastLineBytes`. */
  readonly maxBytes: number;
  /** Says whether a property's value is not to be shown. */
  readonly isSecretKey?: ((key: string) => boolean) | undefined;
  /** How a bigint is written; as the text of its digits unless said otherwise. */
  readonly bigintText?: ((digits: string) => string) | undefined;
}

/** A name and its value. */
export type Entry = readonly [string, unknown];

/** The smallest bound of a line that can be kept. */
export const leastLineBytes = 1_024;

/** How deep arrays and objects are written. */
const maxDepth = 10;

/** Entries of maps and sets that are looked at; no line has room for as many. */
const maxEntries = 100_000;

/** Written in the place of what is left out. */
const marks = {
  cut: "[cut]",
  circular: "[circular]",
  redacted: "[redacted]",
  unreadable: "[could not be read]",
} as const;

/** What a text may take in any case. */
const leastRoom = 40;

/** What closing ten levels takes when there is no room for more, and what the last entry may take too much. */
const reserve = 320;

/**
 * Writes any value as JSON on one line, and never throws: bigints as text, errors with message, causes and stack, maps as
 * objects, sets as arrays, binary data by its size; and a mark in brackets for what is circular, deeper than ten
 * levels, fails when it is read, or has no room. A long text leaves room for what comes after it. The texts of secrets
 * are replaced.
 */
export function jsonLine(value: unknown, options: JsonLineOptions): string {
  return bounded(options, (writer) => writer.value(value));
}

/**
 * Writes the object of a line of a log likewise. The message and each entry leave room for those after them.
 *
 * @param head what the object begins with, as JSON: `"level":"info"`
 */
export function logLine(
  head: string,
  message: unknown,
  entries: readonly Entry[],
  options: JsonLineOptions,
): string {
  return bounded(options, (writer) => writer.line(head, message, entries));
}

/** In most lines a character is a byte, so bytes are counted only where there might be too many. */
function bounded(options: JsonLineOptions, write: (writer: Writer) => void): string {
  const { maxBytes } = options;
  const writer = new Writer(options, maxBytes);
  write(writer);
  const { text } = writer;
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  const shorter = new Writer(options, Math.floor(maxBytes / 3));
  write(shorter);
  return shorter.text;
}

class Writer {
  text = "";
  private readonly options: JsonLineOptions;
  /** Once so many characters are written, nothing more is begun. */
  private limit: number;
  /** The objects and arrays that are being written, outermost first. */
  private readonly open: object[] = [];

  constructor(options: JsonLineOptions, maxLength: number) {
    this.options = options;
    this.limit = Math.max(leastRoom, maxLength - reserve);
  }

  line(head: string, message: unknown, entries: readonly Entry[]): void {
    const { limit } = this;
    this.text += `{${head},"message":`;
    this.limit = this.halfway();
    this.value(message);
    for (const [key, value] of entries) {
      if (isLeftOut(value)) continue;
      this.limit = limit;
      this.text += ",";
      if (this.isFull()) {
        this.text += `"${marks.cut}":true`;
        break;
      }
      this.limit = this.halfway();
      this.member(key, value);
    }
    this.text += "}";
  }

  value(value: unknown): void {
    switch (typeof value) {
      case "string":
        this.string(value);
        break;
      case "number":
        this.number(value);
        break;
      case "boolean":
        this.text += value ? "true" : "false";
        break;
      case "bigint":
        this.string(this.options.bigintText?.(value.toString()) ?? value.toString());
        break;
      case "object":
        if (value === null) this.text += "null";
        else this.object(value);
        break;
      default:
        this.text += "null";
    }
  }

  private number(value: number): void {
    const digits = Number.isFinite(value) ? String(value) : "null";
    if (redactText(digits) === digits) this.text += digits;
    else this.string(digits);
  }

  private string(text: string): void {
    // Outside of arrays and objects the limit leaves room already for what comes after.
    const end = this.open.length === 0 ? this.limit : this.halfway();
    const room = Math.max(leastRoom, end - this.text.length);
    const quoted = quote(redactStart(text, room));
    this.text += text.length > room || quoted.length > room ? cutQuoted(quoted, room, text.length) : quoted;
  }

  private object(value: object): void {
    if (this.open.includes(value)) {
      this.text += `"${marks.circular}"`;
      return;
    }
    let shape: Shape;
    try {
      shape = shapeOf(value);
    } catch {
      // A proxy that refuses, or a `toJSON` that fails.
      this.text += `"${marks.unreadable}"`;
      return;
    }
    if (shape.kind === "plain") this.value(shape.value);
    else if (this.open.length >= maxDepth) this.text += `"[${shape.kind}]"`;
    else {
      this.open.push(value);
      if (shape.kind === "array") this.array(shape);
      else this.members(shape);
      this.open.pop();
    }
  }

  private array({ holder, length }: ArrayShape): void {
    this.text += "[";
    for (let index = 0; index < length; index++) {
      if (index > 0) this.text += ",";
      if (this.isFull()) {
        this.text += `"${marks.cut}"`;
        break;
      }
      this.value(readOf(holder, index));
    }
    this.text += "]";
  }

  private members({ holder, keys }: ObjectShape): void {
    this.text += "{";
    let isFirst = true;
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] ?? "";
      const value = Array.isArray(holder) ? holder[index] : readOf(holder, key);
      if (isLeftOut(value)) continue;
      if (!isFirst) this.text += ",";
      isFirst = false;
      if (this.isFull()) {
        this.text += `"${marks.cut}":true`;
        break;
      }
      this.member(key, value);
    }
    this.text += "}";
  }

  private member(key: string, value: unknown): void {
    this.string(key);
    this.text += ":";
    const isSecret = value !== null && this.options.isSecretKey?.(key) === true;
    this.value(isSecret ? marks.redacted : value);
  }

  private isFull(): boolean {
    return this.text.length >= this.limit;
  }

  /** The place that leaves as much room after it as there is before it. */
  private halfway(): number {
    const { length } = this.text;
    return length + Math.max(leastRoom, Math.floor((this.limit - length) / 2));
  }
}

/** What JSON leaves out of an object. */
function isLeftOut(value: unknown): boolean {
  return value === undefined || typeof value === "function" || typeof value === "symbol";
}

/** What an object is written as. */
type Shape = { readonly kind: "plain"; readonly value: unknown } | ArrayShape | ObjectShape;

interface ArrayShape {
  readonly kind: "array";
  readonly holder: object;
  readonly length: number;
}

interface ObjectShape {
  readonly kind: "object";
  /** What has the values: by their keys, or an array in the order of the keys. */
  readonly holder: object;
  readonly keys: readonly string[];
}

/** @throws whatever the object's own code throws */
/** Of `node:util`, which is loaded with the first line: it brings streams and workers, more than all of this package. */
let typeChecks: typeof import("node:util").types | undefined;

function shapeOf(value: object): Shape {
  if (Array.isArray(value)) return { kind: "array", holder: value, length: Number(value.length) };
  typeChecks ??= process.getBuiltinModule("node:util").types;
  const types = typeChecks;
  if (types.isNativeError(value) || value instanceof Error) return objectShape(errorEntries(value));
  if (types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value)) {
    return { kind: "plain", value: `[${value.byteLength} bytes]` };
  }
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === "function") return shapeOfGiven(Reflect.apply(toJSON, value, [""]));
  if (types.isMap(value)) return objectShape(mapEntries(value));
  if (types.isSet(value)) return { kind: "array", ...arrayShape(value) };
  if (types.isBoxedPrimitive(value)) return { kind: "plain", value: value.valueOf() };
  return { kind: "object", holder: value, keys: Object.keys(value) };
}

/** What `toJSON` gave is not asked for its own `toJSON`. */
function shapeOfGiven(given: unknown): Shape {
  if (typeof given !== "object" || given === null) return { kind: "plain", value: given };
  if (Array.isArray(given)) return { kind: "array", holder: given, length: Number(given.length) };
  return { kind: "object", holder: given, keys: Object.keys(given) };
}

function objectShape(entries: readonly Entry[]): ObjectShape {
  return {
    kind: "object",
    keys: entries.map(([key]) => key),
    holder: entries.map(([, value]) => value),
  };
}

function arrayShape(values: Iterable<unknown>): Omit<ArrayShape, "kind"> {
  const holder: unknown[] = [];
  for (const value of values) {
    if (holder.push(value) >= maxEntries) break;
  }
  return { holder, length: holder.length };
}

function mapEntries(map: ReadonlyMap<unknown, unknown>): readonly Entry[] {
  const entries: Entry[] = [];
  for (const [key, value] of map) {
    if (entries.push([typeof key === "string" ? key : `[${typeof key}]`, value]) >= maxEntries) break;
  }
  return entries;
}

const errorKeys: readonly string[] = ["name", "message", "cause", "errors", "stack"];

/** The stack comes last, for it is long and says the message again. */
function errorEntries(error: Error): readonly Entry[] {
  const parts = errorParts(error);
  const keys = Object.keys(parts).filter((key) => !errorKeys.includes(key));
  return [
    ...["name", "message"].map((key): Entry => [key, readOf(parts, key)]),
    ...keys.map((key): Entry => [key, readOf(parts, key)]),
    ...["cause", "errors", "stack"].map((key): Entry => [key, readOf(error, key)]),
  ];
}

/** What an error says of itself as JSON, if it does. */
function errorParts(error: Error & { readonly toJSON?: unknown }): object {
  try {
    const given: unknown =
      typeof error.toJSON === "function" ? Reflect.apply(error.toJSON, error, [""]) : error;
    return typeof given === "object" && given !== null ? given : error;
  } catch {
    return error;
  }
}

function readOf(holder: object, key: string | number): unknown {
  try {
    // Any object may be asked for any property.
    return (holder as Readonly<Record<string | number, unknown>>)[key];
  } catch {
    return marks.unreadable;
  }
}

/** C1 controls, which terminals obey, and what some readers take for a line's end: JSON leaves them as they are. */
const raw = /[\u007f-\u009f\u2028\u2029]/;
const everyRaw = new RegExp(raw, "g");

function quote(text: string): string {
  const quoted = JSON.stringify(text);
  return raw.test(quoted) ? quoted.replaceAll(everyRaw, escapeOf) : quoted;
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A quoted text cut to a length, with a mark that says so. */
function cutQuoted(quoted: string, room: number, length: number): string {
  const mark = `… [cut, ${length} characters]"`;
  // Without the quote at its end, where that is within.
  const end = Math.min(quoted.length - 1, Math.max(1, room - mark.length));
  return withoutPart(quoted.slice(0, end)) + mark;
}

/** Without the beginning of an escape, or of a character of two units, that was cut apart. */
function withoutPart(quoted: string): string {
  const { backslashes = "", rest = "" } =
    /(?<backslashes>\\+)(?<rest>u[0-9a-f]{0,3})?$/.exec(quoted)?.groups ?? {};
  if (backslashes.length % 2 === 1) return quoted.slice(0, quoted.length - rest.length - 1);
  return /[\ud800-\udbff]$/.test(quoted) ? quoted.slice(0, -1) : quoted;
}
