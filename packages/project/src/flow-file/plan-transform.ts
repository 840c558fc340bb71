import { compileTransform } from "../capabilities/transform/compile-transform.ts";
import type { TransformStage } from "../schemas/flow-file.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import type { StagePlan } from "./plan-stage.ts";
import { overRecords } from "./record-expression.ts";
import { brokenRecords, documentOf, madeOf, type RecordType } from "./record-type.ts";
import { reportOptions } from "./report-options.ts";

export function planTransform(
  report: FlowReport,
  { transform, id = "transform", onError }: TransformStage,
  path: DocumentPath,
  before: RecordType,
): StagePlan {
  const place = [...path, "transform"];
  const { type, problems, deriveError, deriveWarnings, apply } = compileTransform(
    transform,
    documentOf(before),
  );
  const isSound = reportOptions(report, place, problems);
  report.warnings([...place, "derive"], deriveWarnings);
  if (deriveError !== undefined) report.expression([...place, "derive"], deriveError);
  if (!isSound || deriveError !== undefined) return { records: brokenRecords };
  const change = overRecords("transform", { type, evaluate: ({ record }) => apply(record) });
  return {
    records: madeOf(before, type),
    add: (flow) => flow.map(change as (record: unknown) => never, { id, onError }),
  };
}
