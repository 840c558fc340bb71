import { configError } from "../config-error.ts";

/** What is no SQL to be looked into: texts, quoted names, comments. */
const quoted = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[^]*?(?:\*\/|$)/g;
const parameter = /[$:@]([A-Za-z_]\w*)/g;

/** The names of a statement's parameters, without their signs. @throws AtomicError `CONFIG` for parameters without a name */
export function parameterNames(what: string, sql: unknown): readonly string[] {
  if (typeof sql !== "string" || sql.trim() === "") throw configError(what, "sql", "a statement", sql);
  const bare = sql.replace(quoted, " ");
  if (bare.includes("?")) {
    throw configError(what, "sql", "a statement whose parameters have names", "?", "Such as $id.");
  }
  return [...new Set(Array.from(bare.matchAll(parameter), ([, name = ""]) => name))];
}
