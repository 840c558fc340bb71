import type { Dialect } from "./dialect.ts";

/** A keyword that was not understood: the shape it stands on takes more than the schema does, or at most as much. */
export interface Blur {
  readonly keyword: string;
}

interface Common {
  readonly dialect: Dialect;
  readonly blurs: readonly Blur[];
}

/** One JSON value, and those equal to it. */
export interface ValueShape extends Common {
  readonly kind: "value";
  readonly value: unknown;
}

/** An end of an interval. */
export interface End {
  readonly at: number;
  readonly isOpen: boolean;
}

/** Numbers of an interval. */
export interface NumberShape extends Common {
  readonly kind: "number";
  readonly isInteger: boolean;
  readonly low: End;
  readonly high: End;
  readonly multiplesOf: readonly number[];
}

/** Strings by their length, and what else they have to match. */
export interface StringShape extends Common {
  readonly kind: "string";
  readonly low: number;
  readonly high: number;
  readonly patterns: readonly string[];
  readonly formats: readonly string[];
}

/** Arrays: the first items one by one, and the rest. */
export interface ArrayShape extends Common {
  readonly kind: "array";
  readonly prefix: readonly Node[];
  readonly rest: Node;
  readonly low: number;
  readonly high: number;
}

/** Objects: keys that are named, and the rest. */
export interface ObjectShape extends Common {
  readonly kind: "object";
  readonly keys: ReadonlyMap<string, Node>;
  readonly required: ReadonlySet<string>;
  readonly rest: Node;
}

/** A set of values of one sort. */
export type Shape = ValueShape | NumberShape | StringShape | ArrayShape | ObjectShape;

/** A schema as the union of its shapes, found out when they are first asked for. */
export class Node {
  /** What it was made of, dialect included: nodes of the same text take the same values. */
  readonly text: string | undefined;
  readonly isAnything: boolean;
  readonly #make: () => readonly Shape[];
  #shapes: readonly Shape[] | undefined;

  constructor(make: () => readonly Shape[], text?: string, isAnything = false) {
    this.#make = make;
    this.text = text;
    this.isAnything = isAnything;
  }

  get shapes(): readonly Shape[] {
    this.#shapes ??= this.#make();
    return this.#shapes;
  }
}

/** A node that takes nothing. */
export const nothing: Node = new Node(() => []);

/** The node of an item, by its position. */
export function itemAt(shape: ArrayShape, index: number): Node {
  return shape.prefix[index] ?? shape.rest;
}

/** The node of a key. */
export function valueAt(shape: ObjectShape, key: string): Node {
  return shape.keys.get(key) ?? shape.rest;
}

/** Everything that is JSON. */
export function everyShape(dialect: Dialect): readonly Shape[] {
  const common: Common = { dialect, blurs: [] };
  const any = anything(dialect);
  return [
    { ...common, kind: "value", value: null },
    { ...common, kind: "value", value: true },
    { ...common, kind: "value", value: false },
    {
      ...common,
      kind: "number",
      isInteger: false,
      low: { at: Number.NEGATIVE_INFINITY, isOpen: false },
      high: { at: Number.POSITIVE_INFINITY, isOpen: false },
      multiplesOf: [],
    },
    { ...common, kind: "string", low: 0, high: Number.POSITIVE_INFINITY, patterns: [], formats: [] },
    { ...common, kind: "array", prefix: [], rest: any, low: 0, high: Number.POSITIVE_INFINITY },
    { ...common, kind: "object", keys: new Map(), required: new Set(), rest: any },
  ];
}

/** A node that takes everything. */
export function anything(dialect: Dialect): Node {
  return new Node(() => everyShape(dialect), undefined, true);
}
