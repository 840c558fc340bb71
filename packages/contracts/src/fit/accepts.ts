import type { Budget } from "./budget.ts";
import { isEqualJson } from "./equal.ts";
import { acceptsNumber } from "./numbers.ts";
import { type ArrayShape, itemAt, type Node, type ObjectShape, type Shape, valueAt } from "./shape.ts";
import { acceptsString } from "./strings.ts";

type Answer = boolean | undefined;

/** False as soon as one is, true where all are, else not known. */
function all(answers: Iterable<Answer>): Answer {
  let result: Answer = true;
  for (const answer of answers) {
    if (answer === false) return false;
    if (answer === undefined) result = undefined;
  }
  return result;
}

function* itemAnswers(shape: ArrayShape, value: readonly unknown[], budget: Budget): Iterable<Answer> {
  yield value.length >= shape.low && value.length <= shape.high;
  for (const [index, item] of value.entries()) yield accepts(itemAt(shape, index), item, budget);
}

function* keyAnswers(shape: ObjectShape, value: object, budget: Budget): Iterable<Answer> {
  for (const key of shape.required) yield Object.hasOwn(value, key);
  for (const [key, item] of Object.entries(value)) {
    const node = valueAt(shape, key);
    // What JSON would leave out counts as left out by some vendors only.
    yield item === undefined && !node.isAnything ? undefined : accepts(node, item, budget);
  }
}

function sureAnswer(shape: Shape, value: unknown, budget: Budget): Answer {
  switch (shape.kind) {
    case "value":
      return isEqualJson(shape.value, value);
    case "number":
      return typeof value === "number" ? acceptsNumber(shape, value) : false;
    case "string":
      return typeof value === "string" ? acceptsString(shape, value) : false;
    case "array":
      return Array.isArray(value) ? all(itemAnswers(shape, value, budget)) : false;
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value)
        ? all(keyAnswers(shape, value, budget))
        : false;
  }
}

/** Whether a JSON value is of the shape; `undefined` where that is not known. */
export function acceptsShape(shape: Shape, value: unknown, budget: Budget): Answer {
  budget.spend();
  const answer = sureAnswer(shape, value, budget);
  return answer === true && shape.blurs.length > 0 ? undefined : answer;
}

/** Whether a schema takes a JSON value; `undefined` where that is not known. */
export function accepts(node: Node, value: unknown, budget: Budget): Answer {
  if (node.isAnything) return true;
  let result: Answer = false;
  for (const shape of node.shapes) {
    const answer = acceptsShape(shape, value, budget);
    if (answer === true) return true;
    if (answer === undefined) result = undefined;
  }
  return result;
}
