import { joinKey } from "../path.ts";
import { acceptsShape } from "./accepts.ts";
import { apart } from "./apart.ts";
import type { Budget } from "./budget.ts";
import { isSameDialect } from "./dialect.ts";
import { numberObstacle } from "./numbers.ts";
import { type ArrayShape, itemAt, type Node, type ObjectShape, type Shape, valueAt } from "./shape.ts";
import { split } from "./split.ts";
import { stringObstacle } from "./strings.ts";

/** Where it could not be shown that all values pass, and by which keyword some may not. */
export interface Obstacle {
  readonly path: string;
  readonly keyword: string;
}

/** Nothing where it is certain that `b` takes every value of `a`, else what stands in the way of it. */
export function obstacleOf(a: Node, b: Node, path: string, budget: Budget): Obstacle | undefined {
  budget.spend();
  if (b.isAnything || a === b || (a.text !== undefined && a.text === b.text)) return;
  for (const shape of a.shapes) {
    const obstacle = uncovered(shape, b.shapes, path, budget);
    if (obstacle !== undefined) return obstacle;
  }
  return;
}

/** As `obstacleOf`, for one shape against several: one that takes it all, or several that share its parts. */
function uncovered(a: Shape, all: readonly Shape[], path: string, budget: Budget): Obstacle | undefined {
  let nearest: Obstacle | undefined;
  const near = all.filter((shape) => !apart(a, shape, budget));
  for (const shape of near) {
    const obstacle = shapeObstacle(a, shape, path, budget);
    if (obstacle === undefined) return;
    nearest ??= obstacle;
  }
  const alike = all.find((shape) => shape.kind === a.kind);
  if (alike !== undefined) nearest ??= shapeObstacle(a, alike, path, budget);
  nearest ??= { path, keyword: a.blurs[0]?.keyword ?? "type" };
  const pieces = split(a, near, budget);
  if (pieces === undefined || near.length === 0) return nearest;
  return pieces.some((piece) => uncovered(piece, near, path, budget) !== undefined) ? nearest : undefined;
}

function arrayObstacle(a: ArrayShape, b: ArrayShape, path: string, budget: Budget): Obstacle | undefined {
  if (a.low < b.low) return { path, keyword: "minItems" };
  if (a.high > b.high) return { path, keyword: "maxItems" };
  const listed = Math.max(a.prefix.length, b.prefix.length);
  for (let index = 0; index < Math.min(listed, a.high); index += 1) {
    const obstacle = obstacleOf(itemAt(a, index), itemAt(b, index), `${path}[${index}]`, budget);
    if (obstacle !== undefined) return obstacle;
  }
  return a.high > listed ? obstacleOf(a.rest, b.rest, `${path}[]`, budget) : undefined;
}

function objectObstacle(a: ObjectShape, b: ObjectShape, path: string, budget: Budget): Obstacle | undefined {
  for (const key of b.required) {
    if (!a.required.has(key)) return { path: joinKey(path, key), keyword: "required" };
  }
  for (const key of new Set([...a.keys.keys(), ...b.keys.keys()])) {
    const obstacle = obstacleOf(valueAt(a, key), valueAt(b, key), joinKey(path, key), budget);
    if (obstacle !== undefined) return obstacle;
  }
  const obstacle = obstacleOf(a.rest, b.rest, path === "" ? "*" : `${path}.*`, budget);
  return obstacle && { path, keyword: "additionalProperties" };
}

function shapeObstacle(a: Shape, b: Shape, path: string, budget: Budget): Obstacle | undefined {
  budget.spend();
  const [blur] = b.blurs;
  if (blur !== undefined) return { path, keyword: blur.keyword };
  if (a.kind === "value") {
    const answer = acceptsShape(b, a.value, budget);
    return answer === true
      ? undefined
      : { path, keyword: answer === false ? "enum" : b.kind === "string" ? "format" : b.kind };
  }
  if (a.kind === "array" && b.kind === "array") return arrayObstacle(a, b, path, budget);
  if (a.kind === "object" && b.kind === "object") return objectObstacle(a, b, path, budget);
  const keyword =
    a.kind === "number" && b.kind === "number"
      ? numberObstacle(a, b, isSameDialect(a.dialect, b.dialect))
      : a.kind === "string" && b.kind === "string"
        ? stringObstacle(a, b)
        : b.kind === "value"
          ? "enum"
          : "type";
  return keyword === undefined ? undefined : { path, keyword };
}
