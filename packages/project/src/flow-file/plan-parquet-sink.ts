import { fitJson } from "@atomic-agents/contracts/fit";
import type { FileSink } from "../schemas/flow-file.ts";
import type { DocumentPath } from "./flow-report.ts";
import { reportOwnFile } from "./own-file.ts";
import type { OutputPlan } from "./plan-output.ts";
import type { PlanContext } from "./plan-stage.ts";
import { documentOf, type RecordType } from "./record-type.ts";

/** Plans a Parquet file, whose columns are what is known of the records. */
export async function planParquetSink(
  context: PlanContext,
  { file, ...options }: FileSink,
  label: string,
  path: DocumentPath,
  records: RecordType,
): Promise<OutputPlan | undefined> {
  const { report } = context;
  if (reportOwnFile(context, file, { label, path })) return undefined;
  const other = (["compression", "delimiter", "columns"] as const).find((key) => options[key] !== undefined);
  if (other !== undefined) {
    report.error(path, {
      code: "wrong-value",
      message: `${other} says nothing of Parquet`,
      hint: "Leave it out; choose columns by a map before.",
    });
    return undefined;
  }
  const document = documentOf(records);
  const answer = document === undefined ? undefined : fitJson(document, { type: "object" });
  if (answer?.verdict === "never") {
    report.error(path, {
      code: "fit",
      message: `These records cannot be rows of Parquet: ${answer.why}`,
      hint: "Make objects of them by a map before.",
    });
    return undefined;
  }
  try {
    const { toParquet } = await import("@atomic-agents/flow/duckdb");
    const schema = document?.type === "object" ? records.schema : undefined;
    const make: OutputPlan["make"] = (other = file) => toParquet(other, { schema });
    await requireDuckDb();
    return { path, label, file, isStdout: false, isAppendable: false, make };
  } catch (thrown) {
    report.thrown(path, thrown, "load");
    return undefined;
  }
}

/** @throws AtomicError `CONFIG` when DuckDB is not installed */
async function requireDuckDb(): Promise<void> {
  const { describeSql } = await import("@atomic-agents/flow/duckdb");
  await describeSql("select 1 as one");
}
