import type { TextPath } from "../files/text-node.ts";
import type { TypeName } from "./schema.ts";

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The type of a JSON value as JSON Schema calls it; whole numbers are `number`. */
export function kindOf(value: unknown): Exclude<TypeName, "integer"> {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  const type = typeof value;
  return type === "string" || type === "number" || type === "boolean" ? type : "object";
}

export function typeMatches(value: unknown, types: TypeName | readonly TypeName[] | undefined): boolean {
  if (types === undefined) return true;
  return [types].flat().some((type) => {
    if (type === "integer") return typeof value === "number" && Number.isInteger(value);
    return type === kindOf(value);
  });
}

/** `stages[1].retry.attempts`; keys that are no plain words in quotes. */
export function pathText(path: TextPath): string {
  if (path.length === 0) return "The file";
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      const text = /^[\w$-]+$/.test(step) ? step : JSON.stringify(step);
      return index === 0 ? text : `.${text}`;
    })
    .join("");
}

const maxShownLength = 60;

/** A value in words, with its beginning where it is a single one. */
export function show(value: unknown): string {
  switch (kindOf(value)) {
    case "null":
      return "nothing";
    case "array":
      return (value as readonly unknown[]).length === 0 ? "an empty list" : "a list";
    case "object":
      return Object.keys(value as object).length === 0 ? "an empty object" : "an object";
    case "string": {
      const text = value as string;
      return `the text ${JSON.stringify(text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text)}`;
    }
    default:
      return String(value);
  }
}
