import type { Overflow } from "@atomic-agents/flow";
import type { PastOfFile } from "../schemas/flow-file.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";

/** Where a stage goes on when it has outgrown memory; undefined where that is wrong, which is reported, or not said. */
export async function planPast(
  report: FlowReport,
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
    return duckDb(typeof past === "string" ? {} : past.duckdb);
  } catch {
    // The schema has told it.
    return undefined;
  }
}
