import { checkCount, configError } from "../config-error.ts";

/** What DuckDB may use, and how long it may take. */
export interface DuckDbOptions {
  /** How much memory its tables and queries may take; 1024. What needs more goes to temporary files where it can. */
  readonly memoryLimitMb?: number | undefined;
  /** How many threads it computes with; one for each core. */
  readonly threads?: number | undefined;
  /** The folder in which its folder of temporary files is made; the system's own. */
  readonly temporaryDirectory?: string | undefined;
  /** How much those may take; nine tenths of what is free. */
  readonly maxTemporaryMb?: number | undefined;
  /** The longest wait for one answer of its; an hour. */
  readonly timeoutMs?: number | undefined;
  /** The only folders that SQL may read files from; any, unless it is said. */
  readonly allowedDirectories?: readonly string[] | undefined;
}

export const duckDbOptionKeys = [
  "memoryLimitMb",
  "threads",
  "temporaryDirectory",
  "maxTemporaryMb",
  "timeoutMs",
  "allowedDirectories",
] as const;

export const defaultMemoryLimitMb = 1024;
export const defaultTimeoutMs = 3_600_000;

/** @throws AtomicError `CONFIG` */
export function checkDuckDbOptions(what: string, options: DuckDbOptions): void {
  for (const key of ["memoryLimitMb", "threads", "maxTemporaryMb", "timeoutMs"] as const) {
    const value = options[key];
    if (value !== undefined) checkCount(what, key, value);
  }
  checkPath(what, "temporaryDirectory", options.temporaryDirectory);
  const { allowedDirectories: allowed } = options;
  const isPaths =
    allowed === undefined || (Array.isArray(allowed) && !allowed.some((path) => typeof path !== "string"));
  if (!isPaths) throw configError(what, "allowedDirectories", "a list of paths", allowed);
}

/** @throws AtomicError `CONFIG` for what is said and is no path */
export function checkPath(what: string, key: string, path: unknown): void {
  if (path !== undefined && (typeof path !== "string" || path === "")) {
    throw configError(what, key, "a path", path);
  }
}
