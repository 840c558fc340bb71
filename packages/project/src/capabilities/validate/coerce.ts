import { type AnySchema, toJsonSchema } from "@atomic-agents/contracts";
import { isPlainObject, kindOf, kinds } from "../../expressions/kinds.ts";
import { typeOfSchema } from "../../expressions/schema-type.ts";
import type { Type } from "../../expressions/type.ts";
import { Misfit, planCast } from "../transform/cast-value.ts";

const toInteger = planCast({ to: "integer" }).cast;
const toNumber = planCast({ to: "number" }).cast;
const toBoolean = planCast({ to: "boolean" }).cast;
const toText = planCast({ to: "text" }).cast;

const maxDepth = 200;

/**
 * Makes of values what a schema asks for in their places, where that says the same: numbers, true and false of texts, and
 * texts of these. What may stand as it is stays as it is, and so does what cannot be made anything.
 *
 * @throws ContractError where a schema has no JSON Schema
 */
export function coercionOf(schema: AnySchema): (value: unknown) => unknown {
  const type = typeOfSchema(toJsonSchema(schema, "input"));
  return (value) => coerced(value, type, 0);
}

function coerced(value: unknown, type: Type, depth: number): unknown {
  const kind = kindOf(value);
  if (depth > maxDepth) return value;
  if ((type.kinds & kind) === 0) return scalar(value, type.kinds);
  // A whole number is one, too, where it is written 1.0: nothing is to be made of it.
  if (kind === kinds.list) return listOf(value as readonly unknown[], type, depth);
  return kind === kinds.object && isPlainObject(value as object)
    ? objectOf(value as object, type, depth)
    : value;
}

function scalar(value: unknown, wanted: number): unknown {
  if (typeof value === "string") {
    if ((wanted & kinds.number) !== 0) {
      const number = (wanted & kinds.fraction) === 0 ? toInteger(value) : toNumber(value);
      if (!(number instanceof Misfit)) return number;
    }
    if ((wanted & kinds.boolean) !== 0) {
      const truth = toBoolean(value);
      if (!(truth instanceof Misfit)) return truth;
    }
    return (wanted & kinds.null) !== 0 && value.trim() === "" ? null : value;
  }
  if ((typeof value === "number" || typeof value === "boolean") && (wanted & kinds.text) !== 0) {
    const text = toText(value);
    return text instanceof Misfit ? value : text;
  }
  return value;
}

function listOf(list: readonly unknown[], type: Type, depth: number): unknown {
  const { items } = type;
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const made = coerced(list[index], items, depth + 1);
    if (made === list[index]) continue;
    copy ??= [...list];
    copy[index] = made;
  }
  return copy ?? list;
}

function objectOf(object: object, type: Type, depth: number): unknown {
  const entries = Object.entries(object);
  let copy: Map<string, unknown> | undefined;
  for (const [key, value] of entries) {
    const field = type.field(key);
    const made = field.presence === "never" ? value : coerced(value, field.type, depth + 1);
    if (made === value) continue;
    copy ??= new Map(entries);
    copy.set(key, made);
  }
  return copy === undefined ? object : Object.fromEntries(copy);
}
