import { configError } from "../config-error.ts";

/** Checks what is said to be an overflow. @throws AtomicError `CONFIG` */
export function checkOverflow(what: string, past: unknown): void {
  if (past === undefined) return;
  if (typeof past !== "object" || past === null || !("~overflow" in past)) {
    const hint = 'import { duckDb } from "@atomic-agents/flow/duckdb"';
    throw configError(what, "past", "duckDb()", past, hint);
  }
}

/** @throws AtomicError `CONFIG` where there is a folder for temporary files that an overflow does without */
export function checkOnePlace(what: string, directory: unknown, past: unknown): void {
  if (directory === undefined || past === undefined) return;
  const hint = "Say temporaryDirectory to duckDb.";
  throw configError(what, "directory", "nothing, where there is past", directory, hint);
}
