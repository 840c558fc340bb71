import { isEqualJson } from "./equal.ts";
import type { Budget } from "./budget.ts";
import { fewIntegers } from "./numbers.ts";
import { shapeUnlessEmpty } from "./meet.ts";
import {
  type ArrayShape,
  type End,
  Node,
  nothing,
  type NumberShape,
  type ObjectShape,
  type Shape,
  type StringShape,
  valueAt,
} from "./shape.ts";

/** More than that and an interval is cut in two rather than into its integers. */
const fewNumbers = 32;

function splitNumber(a: NumberShape, others: readonly Shape[]): readonly Shape[] | undefined {
  const integers = fewIntegers(a, fewNumbers);
  if (integers !== undefined) {
    return integers.map((value) => ({ dialect: a.dialect, blurs: a.blurs, kind: "value", value }));
  }
  const numbers = others.filter((shape) => shape.kind === "number");
  const isInside = (at: number) => at > a.low.at && at < a.high.at;
  // The end of the lower piece, and that of the upper one: they meet, and one of them has the point between.
  const cuts: readonly (readonly [End, End])[] = [
    ...numbers.map(({ high }) => [high, { at: high.at, isOpen: !high.isOpen }] as const),
    ...numbers.map(({ low }) => [{ at: low.at, isOpen: !low.isOpen }, low] as const),
  ];
  const cut = cuts.find(([end]) => isInside(end.at));
  if (cut === undefined) return;
  return [...shapeUnlessEmpty({ ...a, high: cut[0] }), ...shapeUnlessEmpty({ ...a, low: cut[1] })];
}

function splitLength<T extends StringShape | ArrayShape>(
  a: T,
  others: readonly Shape[],
): readonly Shape[] | undefined {
  const last = others
    .flatMap((shape) =>
      shape.kind === a.kind && "high" in shape && "low" in shape ? [shape.high, shape.low - 1] : [],
    )
    .find((at) => typeof at === "number" && at >= a.low && at < a.high);
  if (typeof last !== "number") return;
  return [...shapeUnlessEmpty({ ...a, high: last }), ...shapeUnlessEmpty({ ...a, low: last + 1 })];
}

/** Whether a key tells the shapes apart: it is a value in some of them, or they say different things of it. */
function tells(key: string, others: readonly ObjectShape[]): boolean {
  const [first, ...rest] = others.map((shape) => valueAt(shape, key));
  return (
    first !== undefined &&
    rest.some((node) => node !== first && (node.text === undefined || node.text !== first.text))
  );
}

function splitObject(a: ObjectShape, others: readonly Shape[], budget: Budget): readonly Shape[] | undefined {
  const objects = others.filter((shape) => shape.kind === "object");
  if (objects.length < 2) return;
  const names = new Set([...a.keys.keys(), ...objects.flatMap((shape) => [...shape.keys.keys()])]);
  const put = (key: string, node: Node, isThere: boolean): readonly Shape[] => {
    const required = new Set(a.required);
    if (isThere) required.add(key);
    return shapeUnlessEmpty({ ...a, keys: new Map([...a.keys, [key, node]]), required });
  };
  for (const key of names) {
    const node = valueAt(a, key);
    if (!a.required.has(key)) {
      const differs = objects.some((shape) => shape.required.has(key)) || tells(key, objects);
      if (!differs || (!node.isAnything && node.shapes.length === 0)) continue;
      return [...put(key, nothing, false), ...put(key, node, true)];
    }
    if (!tells(key, objects)) continue;
    const pieces = node.shapes.flatMap((shape) => piecesOf(shape, key, objects, budget) ?? [shape]);
    if (pieces.length > 1) return pieces.flatMap((shape) => put(key, new Node(() => [shape]), true));
  }
  return;
}

function piecesOf(
  shape: Shape,
  key: string,
  objects: readonly ObjectShape[],
  budget: Budget,
): readonly Shape[] | undefined {
  if (shape.kind === "value") return;
  const others = objects
    .flatMap((object) => valueAt(object, key).shapes)
    .filter((other) => !isSameShape(other, shape));
  return split(shape, others, budget);
}

function isSameShape(a: Shape, b: Shape): boolean {
  return a === b || (a.kind === "value" && b.kind === "value" && isEqualJson(a.value, b.value));
}

/**
 * The same values as several shapes, so that each of them may lie in another of `others`. Nothing where there is no
 * such way, or none is known.
 */
export function split(a: Shape, others: readonly Shape[], budget: Budget): readonly Shape[] | undefined {
  budget.spend();
  switch (a.kind) {
    case "value":
      return;
    case "number":
      return splitNumber(a, others);
    case "string":
      // Lengths that are counted differently have no common cuts.
      return others.some((shape) => shape.dialect.lengths !== a.dialect.lengths)
        ? undefined
        : splitLength(a, others);
    case "array":
      return splitLength(a, others);
    case "object":
      return splitObject(a, others, budget);
  }
}
