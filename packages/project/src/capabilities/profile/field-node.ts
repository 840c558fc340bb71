import { DistinctSketch, QuantileSketch } from "@atomic-agents/flow";
import { createHash } from "node:crypto";
import { isPlainObject } from "../../expressions/kinds.ts";
import { Misfit, planCast } from "../transform/cast-value.ts";
import { formatsOf, textFormats } from "./text-formats.ts";

/** The sorts of values that are told apart. `other` is what JSON has not: NaN, infinities, dates, functions. */
export const valueSorts = [
  "null",
  "boolean",
  "integer",
  "number",
  "text",
  "list",
  "object",
  "other",
] as const;
export type ValueSort = (typeof valueSorts)[number];

/** What is shared by all fields of one look at records. */
export interface Budget {
  /** How many more fields may be told apart. */
  fieldsLeft: number;
  /** How many were not. */
  untold: number;
  /** Whether quantiles and distinct values are counted. */
  readonly hasSketches: boolean;
}

const maxDepth = 32;
const maxKeys = 200;
const maxExamples = 3;
const maxExampleLength = 60;
/** More different values than this are no short list. */
const maxValues = 20;
const longText = 256;

const toInteger = planCast({ to: "integer" }).cast;
const toNumber = planCast({ to: "number" }).cast;

/** What has been seen of numbers. */
class Numbers {
  count = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  mean = 0;
  /** Whole numbers beyond 2^53 - 1, which may have been others when they were written. */
  inexact = 0;
  readonly sketch: QuantileSketch | undefined;

  constructor(hasSketch: boolean) {
    this.sketch = hasSketch ? new QuantileSketch() : undefined;
  }

  add(value: number): void {
    this.count++;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    // Divided before they are taken from each other: the difference of two numbers may be infinite.
    this.mean += value / this.count - this.mean / this.count;
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) this.inexact++;
    this.sketch?.add(value);
  }
}

/** What has been seen of texts. */
class Texts {
  count = 0;
  minLength = Number.POSITIVE_INFINITY;
  maxLength = 0;
  blanks = 0;
  formats: readonly string[] = Object.keys(textFormats);
  /** Whether all but blank ones are written as such. */
  areIntegers = true;
  areNumbers = true;
  areBooleans = true;

  add(value: string): void {
    this.count++;
    const length = lengthOf(value);
    if (length < this.minLength) this.minLength = length;
    if (length > this.maxLength) this.maxLength = length;
    if (this.formats.length > 0) this.formats = formatsOf(value, this.formats);
    if (value.trim() === "") {
      this.blanks++;
      return;
    }
    if (this.areNumbers) {
      this.areNumbers = !(toNumber(value) instanceof Misfit);
      this.areIntegers &&=
        this.areNumbers && /^\s*[+-]?\d+\s*$/.test(value) && !(toInteger(value) instanceof Misfit);
    }
    if (this.areBooleans) this.areBooleans = /^(?:true|false)$/i.test(value.trim());
  }
}

/** What has been seen of objects. */
class Objects {
  count = 0;
  readonly fields = new Map<string, FieldNode>();
  /** The values of keys that are not told apart. */
  rest: FieldNode | undefined;
}

/** What has been seen of lists. */
class Lists {
  count = 0;
  minItems = Number.POSITIVE_INFINITY;
  maxItems = 0;
  readonly items: FieldNode;

  constructor(items: FieldNode) {
    this.items = items;
  }
}

/** What has been seen at one place of records, in bounded memory. */
export class FieldNode {
  /** How often there was a value. */
  count = 0;
  readonly sorts = new Map<ValueSort, number>();
  numbers: Numbers | undefined;
  texts: Texts | undefined;
  objects: Objects | undefined;
  lists: Lists | undefined;
  readonly examples: (string | number | boolean)[] = [];
  /** How often each value was there, while they are few. */
  values: Map<string | number | boolean, number> | undefined = new Map();
  readonly distinct: DistinctSketch | undefined;
  /** Whether values were nested too deeply to be looked at. */
  isDeep = false;
  readonly #budget: Budget;
  readonly #depth: number;

  constructor(budget: Budget, depth = 0) {
    this.#budget = budget;
    this.#depth = depth;
    this.distinct = budget.hasSketches ? new DistinctSketch() : undefined;
  }

  sortCount(sort: ValueSort): number {
    return this.sorts.get(sort) ?? 0;
  }

  /** Takes a value, which is not undefined. */
  add(value: unknown): void {
    const sort = sortOf(value);
    this.count++;
    this.sorts.set(sort, this.sortCount(sort) + 1);
    switch (sort) {
      case "boolean":
        this.#note(value as boolean);
        break;
      case "integer":
      case "number":
        this.numbers ??= new Numbers(this.#budget.hasSketches);
        this.numbers.add(value as number);
        this.#note(value as number);
        break;
      case "text":
        this.texts ??= new Texts();
        this.texts.add(value as string);
        this.#note(value as string);
        break;
      case "list":
        this.#addList(value as readonly unknown[]);
        break;
      case "object":
        this.#addObject(value as object);
        break;
      case "null":
      case "other":
    }
  }

  #note(value: string | number | boolean): void {
    const known = this.values?.get(value);
    if (known !== undefined) this.values?.set(value, known + 1);
    else if (this.values !== undefined) {
      // Long texts are no short list, and are not to be held.
      if (this.values.size >= maxValues || (typeof value === "string" && value.length > longText))
        this.values = undefined;
      else this.values.set(value, 1);
    }
    if (this.examples.length < maxExamples && !this.examples.includes(shortened(value))) {
      this.examples.push(shortened(value));
    }
    this.distinct?.add(textOf(value));
  }

  #addList(list: readonly unknown[]): void {
    if (this.#depth >= maxDepth) {
      this.isDeep = true;
      return;
    }
    this.lists ??= new Lists(new FieldNode(this.#budget, this.#depth + 1));
    this.lists.count++;
    this.lists.minItems = Math.min(this.lists.minItems, list.length);
    this.lists.maxItems = Math.max(this.lists.maxItems, list.length);
    for (const item of list) this.lists.items.add(item);
  }

  #addObject(object: object): void {
    if (this.#depth >= maxDepth) {
      this.isDeep = true;
      return;
    }
    this.objects ??= new Objects();
    this.objects.count++;
    for (const [key, value] of Object.entries(object)) {
      if (value !== undefined) this.#fieldOf(this.objects, key).add(value);
    }
  }

  #fieldOf(objects: Objects, key: string): FieldNode {
    const known = objects.fields.get(key);
    if (known !== undefined) return known;
    const budget = this.#budget;
    if (
      objects.fields.size < maxKeys &&
      budget.fieldsLeft > 0 &&
      key !== "__proto__" &&
      key.length <= longText
    ) {
      budget.fieldsLeft--;
      const made = new FieldNode(budget, this.#depth + 1);
      objects.fields.set(key, made);
      return made;
    }
    budget.untold++;
    objects.rest ??= new FieldNode(budget, this.#depth + 1);
    return objects.rest;
  }
}

function sortOf(value: unknown): ValueSort {
  switch (typeof value) {
    case "string":
      return "text";
    case "boolean":
      return "boolean";
    case "number":
      return Number.isInteger(value) ? "integer" : Number.isFinite(value) ? "number" : "other";
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return "list";
      return isPlainObject(value) ? "object" : "other";
    default:
      return "other";
  }
}

/** Characters, as JSON Schema counts them. */
function lengthOf(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    const code = text.charCodeAt(index);
    if (code < 0xd800 || code > 0xdbff) continue;
    const next = text.charCodeAt(index + 1);
    if (next >= 0xdc00 && next <= 0xdfff) {
      length--;
      index++;
    }
  }
  return length;
}

function shortened(value: string | number | boolean): string | number | boolean {
  if (typeof value !== "string" || value.length <= maxExampleLength) return value;
  return `${value.slice(0, maxExampleLength).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** What tells a value from others; not the whole of a long text. */
function textOf(value: string | number | boolean): string {
  if (typeof value !== "string") return `${typeof value} ${String(value)}`;
  return value.length <= longText ? value : createHash("sha256").update(value).digest("base64");
}
