import { printable, quoted } from "./text.ts";

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const maxKeyLength = 60;

/** One more step behind `path`: `items` and `0` give `items[0]`, `name` gives `items.name`. */
export function joinKey(path: string, key: unknown): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (typeof key === "symbol") return `${path}[Symbol(${printable(key.description ?? "", maxKeyLength)})]`;
  if (typeof key !== "string") return `${path}[${typeof key}]`;
  if (key.length <= maxKeyLength && identifier.test(key)) return path === "" ? key : `${path}.${key}`;
  return `${path}[${quoted(key, maxKeyLength)}]`;
}

/** A path as it is written in code: `items[0].name`; `""` for none. */
export function formatPath(keys: readonly unknown[]): string {
  return keys.reduce<string>(joinKey, "");
}

/** Puts a path in front of another: `items[0]` and `name` give `items[0].name`. */
export function joinPaths(before: string, after: string): string {
  if (before === "" || after === "") return before + after;
  return /^[[|&]/.test(after) ? before + after : `${before}.${after}`;
}
