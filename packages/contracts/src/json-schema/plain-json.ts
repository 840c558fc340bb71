import { ContractError } from "../errors.ts";
import { preview } from "../preview.ts";

/** A JSON Pointer as a fragment: `#/properties/a`. */
export function toPointer(keys: readonly (string | number)[]): string {
  return ["#", ...keys.map((key) => String(key).replace(/~/g, "~0").replace(/\//g, "~1"))].join("/");
}

/** How deep a schema may be: far more than anybody writes, and what checking and compiling it takes with ease. */
const maxDepth = 500;

function copy(value: unknown, keys: readonly (string | number)[], above: ReadonlySet<object>): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  const bad = (what: string): ContractError =>
    new ContractError({
      code: "BAD_SCHEMA",
      message: `The JSON Schema is not JSON at ${toPointer(keys)}: ${what}.`,
      hint: "A JSON Schema is made of objects, arrays, strings, numbers, booleans and null.",
      path: toPointer(keys),
      vendor: "json-schema",
    });
  if (typeof value !== "object") throw bad(`there is ${preview(value)}`);
  if (above.has(value)) throw bad("it contains itself (use $ref)");
  if (keys.length > maxDepth) throw bad(`it is nested deeper than ${maxDepth} levels`);
  const inside = new Set(above).add(value);
  if (Array.isArray(value)) return Array.from(value, (item, index) => copy(item, [...keys, index], inside));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) throw bad(`there is ${preview(value)}`);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, copy(item, [...keys, key], inside)]));
}

/**
 * A copy made of plain JSON, which nobody else can change. Keys with the value `undefined` are left out.
 *
 * @throws ContractError `BAD_SCHEMA` with the place, where something is not JSON.
 */
export function toPlainJson(value: unknown): unknown {
  return copy(value, [], new Set());
}
