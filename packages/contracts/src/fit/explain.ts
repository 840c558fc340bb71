import { joinKey } from "../path.ts";
import { preview } from "../preview.ts";
import { countOf, quoted } from "../text.ts";
import { accepts } from "./accepts.ts";
import type { Budget } from "./budget.ts";
import {
  type ArrayShape,
  type End,
  itemAt,
  type Node,
  type NumberShape,
  type Shape,
  valueAt,
} from "./shape.ts";

/** Where a value does not fit, what was expected there, and what is there. */
export interface Misfit {
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

/** `items[0].name: expected string, got number 5`. */
export function misfitText({ path, expected, got }: Misfit): string {
  return `${path === "" ? "" : `${path}: `}expected ${expected}, got ${got}`;
}

const mostOptions = 6;

function endText({ at, isOpen }: End, closed: string, open: string): readonly string[] {
  return Number.isFinite(at) && Math.abs(at) !== Number.MAX_SAFE_INTEGER
    ? [`${isOpen ? open : closed} ${at}`]
    : [];
}

function numberText(shape: NumberShape): string {
  const limits = [
    ...endText(shape.low, "at least", "more than"),
    ...endText(shape.high, "at most", "less than"),
    ...shape.multiplesOf.map((each) => `multiple of ${each}`),
  ];
  return [shape.isInteger ? "integer" : "number", limits.join(", ")].filter((text) => text !== "").join(" ");
}

function lengthText(low: number, high: number, units: string): readonly string[] {
  if (low === high) return [`of ${countOf(low, units)}`];
  return [
    ...(low > 0 ? [`of at least ${countOf(low, units)}`] : []),
    ...(Number.isFinite(high) ? [`${low > 0 ? "and" : "of"} at most ${countOf(high, units)}`] : []),
  ];
}

function shapeText(shape: Shape): string {
  switch (shape.kind) {
    case "value":
      return typeof shape.value === "string"
        ? quoted(shape.value, 40)
        : typeof shape.value === "object" && shape.value !== null
          ? preview(shape.value)
          : String(shape.value);
    case "number":
      return numberText(shape);
    case "string":
      return [
        "string",
        ...lengthText(shape.low, shape.high, "characters"),
        ...shape.formats.map((format) => `in the format ${quoted(format, 40)}`),
        ...shape.patterns.map((pattern) => `that matches ${quoted(pattern, 60)}`),
      ].join(" ");
    case "array":
      return ["array", ...lengthText(shape.low, shape.high, "items")].join(" ");
    case "object":
      return "object";
  }
}

/** What a node takes, in a few words. */
export function nodeText(node: Node): string {
  if (node.isAnything) return "anything";
  const texts = [...new Set(node.shapes.map(shapeText))];
  // The two values of it are shown as what they are together.
  const both = ["true", "false"].every((text) => texts.includes(text));
  const shown = both ? ["boolean", ...texts.filter((text) => text !== "true" && text !== "false")] : texts;
  if (shown.length > mostOptions) {
    return `${shown.slice(0, mostOptions).join(", ")} or one of ${shown.length - mostOptions} more`;
  }
  return shown.length === 0 ? "nothing" : shown.join(" or ");
}

function misfitIn(shape: Shape, value: object, path: string, budget: Budget): Misfit | undefined {
  if (shape.kind === "array" && Array.isArray(value)) return itemMisfit(shape, value, path, budget);
  if (shape.kind !== "object") return;
  for (const key of shape.required) {
    if (!Object.hasOwn(value, key)) {
      return { path: joinKey(path, key), expected: nodeText(valueAt(shape, key)), got: "nothing" };
    }
  }
  for (const [key, item] of Object.entries(value)) {
    const node = valueAt(shape, key);
    if (accepts(node, item, budget) !== false) continue;
    if (node.shapes.length === 0) return { path, expected: `no key ${quoted(key, 40)}`, got: preview(value) };
    return misfitOf(node, item, joinKey(path, key), budget);
  }
  return;
}

function itemMisfit(
  shape: ArrayShape,
  value: readonly unknown[],
  path: string,
  budget: Budget,
): Misfit | undefined {
  if (value.length < shape.low || value.length > shape.high) return;
  const index = value.findIndex((item, at) => accepts(itemAt(shape, at), item, budget) === false);
  return index < 0 ? undefined : misfitOf(itemAt(shape, index), value[index], `${path}[${index}]`, budget);
}

/** Where and why a value is not of a node: at the innermost place that can be named. */
export function misfitOf(node: Node, value: unknown, path: string, budget: Budget): Misfit {
  const alike = node.shapes.filter((shape) => shape.kind === (Array.isArray(value) ? "array" : typeof value));
  const [only] = alike;
  const inner =
    only !== undefined && alike.length === 1 && typeof value === "object" && value !== null
      ? misfitIn(only, value, path, budget)
      : undefined;
  return inner ?? { path, expected: nodeText(node), got: preview(value) };
}
