import { configError } from "../config-error.ts";

/** Checks what is said to be an overflow. @throws AtomicError `CONFIG` */
export function checkOverflow(what: string, past: unknown): void {
  if (past === undefined) return;
  if (typeof past !== "object" || past === null || !("~overflow" in past)) {
    const hint = 'import { duckDb } from "@atomic-agents/flow/duckdb"';
    throw configError(what, "past", "duckDb()", past, hint);
  }
}
