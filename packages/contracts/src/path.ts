import { printable, quoted } from "./text.ts";

const maxKeyLength = 60;

let identifier: RegExp | undefined;

/** Whether code can name the key behind a dot. */
function isIdentifier(key: string): boolean {
  // Most are plain, and V8 takes long to look up the letters of the world.
  if (/^[A-Za-z$_][\w$]*$/.test(key)) return true;
  identifier ??= new RegExp(String.raw`^[\p{ID_Start}$_][\p{ID_Continue}$]*$`, "u");
  return identifier.test(key);
}

/** One more step behind `path`: `items` and `0` give `items[0]`, `name` gives `items.name`. */
export function joinKey(path: string, key: unknown): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (typeof key === "symbol") return `${path}[Symbol(${printable(key.description ?? "", maxKeyLength)})]`;
  if (typeof key !== "string") return `${path}[${typeof key}]`;
  if (key.length <= maxKeyLength && isIdentifier(key)) return path === "" ? key : `${path}.${key}`;
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
