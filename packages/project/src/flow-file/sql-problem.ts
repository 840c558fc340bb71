import type { SqlDescription } from "@atomic-agents/flow/duckdb";
import type { DocumentPath, FlowReport } from "./flow-report.ts";

/** Says what is wrong with SQL, where in it that is. */
export function reportSql(
  report: FlowReport,
  path: DocumentPath,
  { message, hint, offset = 0 }: Extract<SqlDescription, { readonly ok: false }>,
): void {
  const { document } = report;
  const place = document.positionWithin(path, offset);
  report.addAll([{ severity: "error", code: "expression", message, file: document.file, ...place, hint }]);
}
