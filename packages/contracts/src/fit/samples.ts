import { accepts } from "./accepts.ts";
import type { Budget } from "./budget.ts";
import type { Hints } from "./hints.ts";
import { acceptsNumber } from "./numbers.ts";
import {
  type ArrayShape,
  itemAt,
  type Node,
  type NumberShape,
  type ObjectShape,
  type Shape,
  type StringShape,
  valueAt,
} from "./shape.ts";
import { acceptsString, matches } from "./strings.ts";

/** How many values of a place are tried, by how deep it lies. */
const widths = [400, 60, 24, 12, 6] as const;
const longestText = 5_000;
const longestArray = 200;
const simple: readonly unknown[] = ["", 0, true, null, [], {}, 1.5, "a"];

/** Takes from each list in turn, so that none is left out where there are too many. */
function interleaved<T>(lists: readonly (readonly T[])[], limit: number): readonly T[] {
  const taken: T[] = [];
  for (let turn = 0; taken.length < limit && lists.some((list) => turn < list.length); turn += 1) {
    for (const list of lists) {
      const item = list[turn];
      if (turn < list.length && taken.length < limit) taken.push(item as T);
    }
  }
  return taken;
}

function withKey(object: object, key: string, value: unknown): object {
  // A key `__proto__` is one like any other.
  return Object.fromEntries([...Object.entries(object), [key, value]]);
}

/** Makes values of shapes: candidates, which whoever asks for them has to check. */
export class Sampler {
  readonly #hints: Hints;
  readonly #budget: Budget;
  /** The state of a generator of pseudo-random numbers, so that the same schemas give the same values. */
  #state = 1;

  constructor(hints: Hints, budget: Budget) {
    this.#hints = hints;
    this.#budget = budget;
  }

  /** Values at the edges of what the node takes, simple ones first, each differing from the first in one place. */
  variants(node: Node, depth = 0): readonly unknown[] {
    this.#budget.spend();
    if (node.isAnything)
      return depth === 0 ? [...simple, ...this.#hints.strings, ...this.#hints.numbers] : simple;
    const width = widths[depth] ?? 2;
    if (depth > 12) return [];
    const lists = node.shapes.slice(0, width).map((shape) => this.#ofShape(shape, depth, width));
    return interleaved(lists, width);
  }

  /** Values of `a` that `b` seems to refuse, each in one place. */
  escapes(a: Node, b: Node, depth = 0): readonly unknown[] {
    this.#budget.spend();
    if (b.isAnything || depth > 12) return [];
    const width = widths[depth] ?? 2;
    const plain = this.variants(a, Math.max(1, depth)).filter(
      (value) => accepts(b, value, this.#budget) !== true,
    );
    const nested = a.isAnything
      ? []
      : a.shapes.flatMap((shape) =>
          shape.kind === "object"
            ? this.#objectEscapes(shape, b, depth)
            : shape.kind === "array"
              ? this.#arrayEscapes(shape, b, depth)
              : [],
        );
    return interleaved([nested, plain], width);
  }

  /** A value chosen at every place anew. */
  random(node: Node, depth = 0): unknown {
    this.#budget.spend();
    if (node.isAnything || depth > 8) return this.#pick(simple);
    const shape = this.#pick(node.shapes);
    if (shape === undefined) return undefined;
    if (shape.kind === "object") {
      const entries = [...shape.keys].filter(
        ([key, value]) =>
          shape.required.has(key) || ((value.isAnything || value.shapes.length > 0) && this.#next() < 0.5),
      );
      return Object.fromEntries(entries.map(([key, value]) => [key, this.random(value, depth + 1)]));
    }
    if (shape.kind === "array") {
      const length = Math.min(shape.low + Math.floor(this.#next() * 3), shape.high, longestArray);
      return Array.from({ length }, (_, index) => this.random(itemAt(shape, index), depth + 1));
    }
    return this.#pick(this.#ofShape(shape, depth, 24));
  }

  /**
   * Values that JSON cannot carry or tell, but that some vendors take where others do not: infinite numbers, keys whose
   * value is `undefined`, arrays for objects.
   */
  oddities(node: Node, depth = 0): readonly unknown[] {
    this.#budget.spend();
    if (node.isAnything) return [undefined, Number.POSITIVE_INFINITY];
    if (depth > 8) return [];
    return node.shapes.flatMap((shape): readonly unknown[] => {
      switch (shape.kind) {
        case "number":
          return [
            ...(shape.high.at === Number.POSITIVE_INFINITY ? [Number.POSITIVE_INFINITY] : []),
            ...(shape.low.at === Number.NEGATIVE_INFINITY ? [Number.NEGATIVE_INFINITY] : []),
          ];
        case "array": {
          const base = this.#arrayOf(
            shape,
            Math.max(shape.low, Math.min(shape.high, shape.prefix.length + 1)),
            depth,
          );
          if (base === undefined) return [];
          return base.flatMap((_, index) =>
            this.oddities(itemAt(shape, index), depth + 1).map((odd) => base.with(index, odd)),
          );
        }
        case "object": {
          const base = this.#baseOf(shape, depth);
          if (base === undefined) return [];
          return [
            ...(shape.required.size === 0 ? [[]] : []),
            ...[...shape.keys].flatMap(([key, value]) => [
              ...(shape.required.has(key) ? [] : [withKey(base, key, undefined)]),
              ...this.oddities(value, depth + 1).map((odd) => withKey(base, key, odd)),
            ]),
          ];
        }
        case "string":
        case "value":
          return [];
      }
    });
  }

  #next(): number {
    // A linear congruential generator (Numerical Recipes) is good enough to choose by.
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#next() * list.length)];
  }

  #ofShape(shape: Shape, depth: number, width: number): readonly unknown[] {
    this.#budget.spend();
    switch (shape.kind) {
      case "value":
        return [shape.value];
      case "number":
        return this.#numbers(shape).slice(0, width);
      case "string":
        return this.#strings(shape).slice(0, width);
      case "array":
        return this.#arrays(shape, depth, width);
      case "object":
        return this.#objects(shape, depth, width);
    }
  }

  #numbers(shape: NumberShape): readonly number[] {
    const { low, high, multiplesOf } = shape;
    const middle = (low.at + high.at) / 2;
    const near = (at: number) => [at, at + 1, at - 1, at + 0.5, at - 0.5];
    const steps = multiplesOf.flatMap((of) => [
      of,
      2 * of,
      -of,
      Math.ceil(low.at / of) * of,
      Math.floor(high.at / of) * of,
    ]);
    const all = [
      ...near(0),
      ...near(low.at),
      ...near(high.at),
      middle,
      ...steps,
      ...this.#hints.numbers.flatMap(near),
    ];
    const finite = [...new Set(all)].filter((value) => Number.isFinite(value));
    // Adding 0 makes -0 a 0.
    return finite.filter((value) => acceptsNumber(shape, value) !== false).map((value) => value + 0);
  }

  #strings(shape: StringShape): readonly string[] {
    const { low, high, patterns } = shape;
    const near = this.#hints.numbers.flatMap((at) => [at, at + 1, at - 1]);
    const lengths = [low, low + 1, high, ...near].filter(
      (at) => Number.isInteger(at) && at >= low && at <= high && at <= longestText,
    );
    const filled = [...new Set(lengths)].map((length) => "a".repeat(length));
    // One code point of two UTF-16 units each.
    const wide = [low, Math.ceil(low / 2), high]
      .filter((at) => at > 0 && at <= longestText)
      .map((at) => "👍".repeat(at));
    const isLimited = patterns.length > 0 || shape.formats.length > 0;
    const texts = isLimited
      ? [...this.#hints.strings, ...filled, ...wide]
      : [...filled, ...wide, ...this.#hints.strings];
    return [...new Set(texts)].filter(
      (text) =>
        acceptsString(shape, text) !== false &&
        // Where the flags are not known, what seems not to match may.
        (shape.dialect.patterns === "mixed" ||
          patterns.every((pattern) => matches(pattern, text, shape.dialect) === true)),
    );
  }

  #first(node: Node, depth: number): readonly unknown[] {
    return this.variants(node, Math.max(depth + 1, widths.length)).slice(0, 1);
  }

  /** An array of that length, of the simplest items. */
  #arrayOf(shape: ArrayShape, length: number, depth: number): readonly unknown[] | undefined {
    if (length > longestArray) return;
    const items = Array.from({ length }, (_, index) => this.#first(itemAt(shape, index), depth));
    return items.some((item) => item.length === 0) ? undefined : items.flat();
  }

  #arrays(shape: ArrayShape, depth: number, width: number): readonly unknown[] {
    const lengths = [
      shape.low,
      shape.low + 1,
      shape.prefix.length,
      shape.prefix.length + 1,
      shape.high,
    ].concat(this.#hints.numbers.flatMap((at) => [at, at + 1, at - 1]));
    const plain = [...new Set(lengths)]
      .filter((at) => Number.isInteger(at) && at >= shape.low && at <= shape.high)
      .slice(0, width)
      .flatMap((at) => {
        const array = this.#arrayOf(shape, at, depth);
        return array === undefined ? [] : [array];
      });
    const base = this.#arrayOf(
      shape,
      Math.min(Math.max(shape.low, 1, shape.prefix.length), shape.high),
      depth,
    );
    const changed = (base ?? [])
      .slice(0, shape.prefix.length + 1)
      .map((_, index) =>
        this.variants(itemAt(shape, index), depth + 1).map((item) => base?.with(index, item)),
      );
    return interleaved([plain, ...changed], width);
  }

  /** The least object: with the keys that have to be there. */
  #baseOf(shape: ObjectShape, depth: number): object | undefined {
    const entries: [string, unknown][] = [];
    for (const key of shape.required) {
      const first = this.#first(valueAt(shape, key), depth);
      if (first.length === 0) return;
      entries.push([key, first[0]]);
    }
    return Object.fromEntries(entries);
  }

  #extraKeys(shape: ObjectShape): readonly string[] {
    return [...this.#hints.keys, "extra"].filter((key) => !shape.keys.has(key)).slice(0, 20);
  }

  #objects(shape: ObjectShape, depth: number, width: number): readonly unknown[] {
    const base = this.#baseOf(shape, depth);
    if (base === undefined) return [];
    const optional = [...shape.keys].filter(([key]) => !shape.required.has(key));
    const full = optional.reduce<object>((object, [key, node]) => {
      const first = this.#first(node, depth);
      return first.length === 0 ? object : withKey(object, key, first[0]);
    }, base);
    const changed = [...shape.keys].map(([key, node]) =>
      this.variants(node, depth + 1).map((value) => withKey(base, key, value)),
    );
    const extra = this.#extraKeys(shape).map((key) =>
      this.#first(shape.rest, depth).map((value) => withKey(base, key, value)),
    );
    const rest = [this.variants(shape.rest, depth + 1).map((value) => withKey(base, "extra", value))];
    return interleaved([[base, full], ...changed, ...extra, ...rest], width);
  }

  #objectEscapes(shape: ObjectShape, b: Node, depth: number): readonly unknown[] {
    const base = this.#baseOf(shape, depth);
    if (base === undefined) return [];
    const others = b.shapes.filter((other) => other.kind === "object").slice(0, 8);
    const keys = new Set([...shape.keys.keys(), ...others.flatMap((other) => [...other.keys.keys()])]);
    const lists = others.flatMap((other) => [
      ...[...keys].map((key) =>
        this.escapes(valueAt(shape, key), valueAt(other, key), depth + 1).map((value) =>
          withKey(base, key, value),
        ),
      ),
      this.escapes(shape.rest, other.rest, depth + 1).map((value) => withKey(base, "extra", value)),
    ]);
    return interleaved(lists, widths[depth] ?? 2);
  }

  #arrayEscapes(shape: ArrayShape, b: Node, depth: number): readonly unknown[] {
    const others = b.shapes.filter((other) => other.kind === "array").slice(0, 8);
    const lists = others.flatMap((other) => {
      const length = Math.max(
        shape.low,
        Math.min(shape.high, Math.max(shape.prefix.length, other.prefix.length) + 1),
      );
      const base = this.#arrayOf(shape, length, depth) ?? this.#arrayOf(shape, shape.low, depth) ?? [];
      return base.map((_, index) =>
        this.escapes(itemAt(shape, index), itemAt(other, index), depth + 1).map((item) =>
          base.with(index, item),
        ),
      );
    });
    return interleaved(lists, widths[depth] ?? 2);
  }
}
