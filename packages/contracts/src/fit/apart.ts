import { acceptsShape } from "./accepts.ts";
import type { Budget } from "./budget.ts";
import { hasNoNumber, higherLow, lowerHigh, tightened } from "./numbers.ts";
import {
  type ArrayShape,
  itemAt,
  type Node,
  type NumberShape,
  type ObjectShape,
  type Shape,
  valueAt,
} from "./shape.ts";
import { lengthsAs } from "./strings.ts";

/** Whether it is certain that no value is of both. */
export function apartNodes(a: Node, b: Node, budget: Budget): boolean {
  budget.spend();
  if (a.isAnything && b.isAnything) return false;
  if (a.isAnything) return b.shapes.length === 0;
  if (b.isAnything) return a.shapes.length === 0;
  return apartShapes(a.shapes, b.shapes, budget);
}

/** Whether it is certain that no value is of a shape of each. */
export function apartShapes(a: readonly Shape[], b: readonly Shape[], budget: Budget): boolean {
  return a.every((one) => b.every((other) => apart(one, other, budget)));
}

function apartNumbers(a: NumberShape, b: NumberShape): boolean {
  return hasNoNumber(
    tightened({
      ...a,
      isInteger: a.isInteger || b.isInteger,
      low: higherLow(a.low, b.low),
      high: lowerHigh(a.high, b.high),
      multiplesOf: [...a.multiplesOf, ...b.multiplesOf],
    }),
  );
}

function apartArrays(a: ArrayShape, b: ArrayShape, budget: Budget): boolean {
  const low = Math.max(a.low, b.low);
  if (low > Math.min(a.high, b.high)) return true;
  // Items from there on are like the one there.
  const looked = Math.min(low, Math.max(a.prefix.length, b.prefix.length) + 1);
  for (let index = 0; index < looked; index += 1) {
    if (apartNodes(itemAt(a, index), itemAt(b, index), budget)) return true;
  }
  return false;
}

function apartObjects(a: ObjectShape, b: ObjectShape, budget: Budget): boolean {
  return [...new Set([...a.required, ...b.required])].some((key) =>
    apartNodes(valueAt(a, key), valueAt(b, key), budget),
  );
}

/** Whether it is certain that no value is of both shapes. */
export function apart(a: Shape, b: Shape, budget: Budget): boolean {
  budget.spend();
  if (a.kind === "value") return acceptsShape(b, a.value, budget) === false;
  if (b.kind === "value") return acceptsShape(a, b.value, budget) === false;
  if (a.kind === "number" && b.kind === "number") return apartNumbers(a, b);
  if (a.kind === "string" && b.kind === "string") {
    const [low, high] = lengthsAs(a, b.dialect);
    return low > b.high || high < b.low;
  }
  if (a.kind === "array" && b.kind === "array") return apartArrays(a, b, budget);
  if (a.kind === "object" && b.kind === "object") return apartObjects(a, b, budget);
  return true;
}
