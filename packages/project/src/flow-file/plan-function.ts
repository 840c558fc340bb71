import type { JsonSchema } from "@atomic-agents/contracts";
import type { CompiledExpression } from "../expressions/compile-expression.ts";
import type { FilterStage, MapStage, SplitStage } from "../schemas/flow-file.ts";
import { itemsOf } from "./items-of.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import type { StagePlan } from "./plan-stage.ts";
import { expressionAt, mappingAt, overRecords } from "./record-expression.ts";
import { brokenRecords, documentOf, madeOf, type RecordType } from "./record-type.ts";

const yesOrNo: JsonSchema = { type: "boolean" };
const list: JsonSchema = { type: "array" };

export function planFilter(
  report: FlowReport,
  { filter, id, onError }: FilterStage,
  path: DocumentPath,
  before: RecordType,
): StagePlan {
  const record = documentOf(before);
  const predicate = expressionAt(report, [...path, "filter"], filter, { record }, yesOrNo);
  if (predicate === undefined) return { records: before };
  const keeps = overRecords("filter", predicate);
  return {
    records: whereTrue(before, record, predicate),
    // An expression of which a boolean is expected gives one, or throws.
    add: (flow) => flow.filter((each) => keeps(each) as boolean, { id, onError }),
  };
}

/** The records of which a predicate is true: those that were asked for a key have it. */
function whereTrue(
  before: RecordType,
  record: JsonSchema | undefined,
  predicate: CompiledExpression,
): RecordType {
  if (record === undefined || before.passed !== undefined) return before;
  const kept = predicate.whenTrue()["record"];
  // Where nothing more is known, the schema stays the one it was.
  return JSON.stringify(kept) === JSON.stringify(withoutName(record)) ? before : madeOf(before, kept);
}

function withoutName(document: JsonSchema): JsonSchema {
  const { $schema: _, $id: __, ...rest } = document;
  return rest;
}

export function planMap(
  report: FlowReport,
  { map, id, onError }: MapStage,
  path: DocumentPath,
  before: RecordType,
): StagePlan {
  const mapping = mappingAt(report, [...path, "map"], map, { record: documentOf(before) });
  if (mapping === undefined) return { records: brokenRecords };
  const change = overRecords("map", mapping);
  return {
    records: madeOf(before, mapping.type),
    add: (flow) => flow.map(change as (record: unknown) => never, { id, onError }),
  };
}

export function planSplit(
  report: FlowReport,
  { split, id, onError }: SplitStage,
  path: DocumentPath,
  before: RecordType,
): StagePlan {
  const record = documentOf(before);
  const parts = expressionAt(report, [...path, "split"], split, { record }, list);
  if (parts === undefined) return { records: brokenRecords };
  const partsOf = overRecords("split", parts);
  return {
    records: madeOf(before, itemsOf(parts.type)),
    // An expression of which a list is expected gives one, or throws.
    add: (flow) => flow.split((each) => partsOf(each) as readonly unknown[], { id, onError }),
  };
}
