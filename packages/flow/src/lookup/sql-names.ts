import { configError } from "../config-error.ts";

/** What is no SQL to be looked into: texts, quoted names, comments. */
const quoted = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[^]*?(?:\*\/|$)/g;
const parameter = /[$:@]([A-Za-z_]\w*)/g;

/** What stands behind a statement, but for comments. */
const second = /^[\s;]*[^\s;][^;]*;[\s;]*[^\s;]/;

/**
 * The names of a statement's parameters, without their signs.
 *
 * @throws AtomicError `CONFIG` for parameters without a name, and for a second statement, which SQLite would leave out
 */
export function parameterNames(what: string, sql: unknown): readonly string[] {
  if (typeof sql !== "string" || sql.trim() === "") throw configError(what, "sql", "a statement", sql);
  const bare = sql.replace(quoted, " ");
  if (second.test(bare)) {
    throw configError(what, "sql", "one statement", "several", "Leave out what is behind the first.");
  }
  if (bare.includes("?")) {
    throw configError(what, "sql", "a statement whose parameters have names", "?", "Such as $id.");
  }
  return [...new Set(Array.from(bare.matchAll(parameter), ([, name = ""]) => name))];
}
