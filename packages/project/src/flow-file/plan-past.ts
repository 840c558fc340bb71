import { resolve } from "node:path";
import type { Overflow } from "@atomic-agents/flow";
import type { PastOfFile } from "../schemas/flow-file.ts";
import type { DocumentPath } from "./flow-report.ts";
import type { PlanContext } from "./plan-stage.ts";

/** Where a stage goes on when it has outgrown memory; undefined where that is wrong, which is reported, or not said. */
export async function planPast(
  { report, project }: PlanContext,
  path: DocumentPath,
  past: PastOfFile | undefined,
): Promise<Overflow | undefined> {
  if (past === undefined) return undefined;
  const { describeSql, duckDb } = await import("@atomic-agents/flow/duckdb");
  try {
    // That DuckDB is not there would otherwise be told when memory is full.
    await describeSql("select 1 as one", { allowedDirectories: [] });
  } catch (thrown) {
    report.thrown(path, thrown, "load");
    return undefined;
  }
  try {
    return duckDb(typeof past === "string" ? {} : inFolder(past.duckdb, project.directory));
  } catch {
    // The schema has told it.
    return undefined;
  }
}

/** Options of DuckDB's whose folder for temporary files is relative to the project's, wherever the command was typed. */
export function inFolder<TOptions extends { readonly temporaryDirectory?: string | undefined }>(
  options: TOptions,
  directory: string,
): TOptions {
  const { temporaryDirectory } = options;
  if (temporaryDirectory === undefined) return options;
  return { ...options, temporaryDirectory: resolve(directory, temporaryDirectory) };
}
