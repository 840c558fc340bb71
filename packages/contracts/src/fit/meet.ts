import { acceptsShape } from "./accepts.ts";
import type { Budget } from "./budget.ts";
import { hasNoNumber, higherLow, lowerHigh, tightened } from "./numbers.ts";
import {
  type ArrayShape,
  type Blur,
  itemAt,
  Node,
  type NumberShape,
  type ObjectShape,
  type Shape,
  type StringShape,
  valueAt,
  type ValueShape,
} from "./shape.ts";

function union<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  return [...new Set([...a, ...b])];
}

/** The values that both nodes take, or more where one is blurred. */
export function meetNodes(a: Node, b: Node, budget: Budget): Node {
  if (a.isAnything || a === b) return b;
  if (b.isAnything) return a;
  const text = a.text !== undefined && b.text !== undefined ? `(${a.text}) & (${b.text})` : undefined;
  return new Node(() => meetAll(a.shapes, b.shapes, budget), text);
}

/** The shapes of all pairs. */
export function meetAll(a: readonly Shape[], b: readonly Shape[], budget: Budget): readonly Shape[] {
  return a.flatMap((one) => b.flatMap((other) => meet(one, other, budget)));
}

function meetArrays(a: ArrayShape, b: ArrayShape, blurs: readonly Blur[], budget: Budget): readonly Shape[] {
  const length = Math.max(a.prefix.length, b.prefix.length);
  budget.spend(length);
  const prefix = Array.from({ length }, (_, index) => meetNodes(itemAt(a, index), itemAt(b, index), budget));
  return shapeUnlessEmpty({
    ...a,
    blurs,
    prefix,
    rest: meetNodes(a.rest, b.rest, budget),
    low: Math.max(a.low, b.low),
    high: Math.min(a.high, b.high),
  });
}

function meetObjects(
  a: ObjectShape,
  b: ObjectShape,
  blurs: readonly Blur[],
  budget: Budget,
): readonly Shape[] {
  const names = union([...a.keys.keys()], [...b.keys.keys()]);
  budget.spend(names.length);
  return shapeUnlessEmpty({
    ...a,
    blurs,
    keys: new Map(names.map((name) => [name, meetNodes(valueAt(a, name), valueAt(b, name), budget)])),
    required: new Set([...a.required, ...b.required]),
    rest: meetNodes(a.rest, b.rest, budget),
  });
}

function meetNumbers(a: NumberShape, b: NumberShape, blurs: readonly Blur[]): readonly Shape[] {
  return shapeUnlessEmpty({
    ...a,
    blurs,
    isInteger: a.isInteger || b.isInteger,
    low: higherLow(a.low, b.low),
    high: lowerHigh(a.high, b.high),
    multiplesOf: union(a.multiplesOf, b.multiplesOf),
  });
}

function meetStrings(a: StringShape, b: StringShape, blurs: readonly Blur[]): readonly Shape[] {
  return shapeUnlessEmpty({
    ...a,
    blurs,
    low: Math.max(a.low, b.low),
    high: Math.min(a.high, b.high),
    patterns: union(a.patterns, b.patterns),
    formats: union(a.formats, b.formats),
  });
}

function meetValue(a: ValueShape, b: Shape, blurs: readonly Blur[], budget: Budget): readonly Shape[] {
  const answer = acceptsShape(b, a.value, budget);
  if (answer === false) return [];
  // What is not known for certain although nothing blurs it is what vendors tell differently.
  const isSure = answer === true || blurs.length > 0;
  return [{ ...a, blurs: isSure ? blurs : [{ keyword: b.kind === "string" ? "format" : "multipleOf" }] }];
}

/** The values that are of both shapes (of one dialect), or more where one is blurred: one shape or none. */
function meet(a: Shape, b: Shape, budget: Budget): readonly Shape[] {
  budget.spend();
  const blurs = a.blurs === b.blurs ? a.blurs : [...a.blurs, ...b.blurs];
  if (a.kind === "value") return meetValue(a, b, blurs, budget);
  if (b.kind === "value") return meetValue(b, a, blurs, budget);
  if (a.kind === "array" && b.kind === "array") return meetArrays(a, b, blurs, budget);
  if (a.kind === "object" && b.kind === "object") return meetObjects(a, b, blurs, budget);
  if (a.kind === "number" && b.kind === "number") return meetNumbers(a, b, blurs);
  if (a.kind === "string" && b.kind === "string") return meetStrings(a, b, blurs);
  return [];
}

/** How long an array can be: not beyond an item that nothing fits. */
function longest(shape: ArrayShape): number {
  const blocked = shape.prefix.findIndex((node) => node.shapes.length === 0);
  if (blocked >= 0) return Math.min(shape.high, blocked);
  // The rest of an array that is bounded need not be looked at.
  if (shape.high <= shape.prefix.length) return shape.high;
  return !shape.rest.isAnything && shape.rest.shapes.length === 0
    ? Math.min(shape.high, shape.prefix.length)
    : shape.high;
}

/** The shape, put in order, or none where it is certain that nothing is of it. */
export function shapeUnlessEmpty(shape: Shape): readonly Shape[] {
  switch (shape.kind) {
    case "value":
      return [shape];
    case "number": {
      const tight = tightened(shape);
      return hasNoNumber(tight) ? [] : [tight];
    }
    case "string":
      return shape.low > shape.high ? [] : [shape];
    case "array": {
      const high = longest(shape);
      return shape.low > high ? [] : [{ ...shape, high }];
    }
    case "object":
      return [...shape.required].some((key) => {
        const node = valueAt(shape, key);
        return !node.isAnything && node.shapes.length === 0;
      })
        ? []
        : [shape];
  }
}
