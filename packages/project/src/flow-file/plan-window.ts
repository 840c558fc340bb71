import { flow, fromIterable } from "@atomic-agents/flow";
import type { WindowStage } from "../schemas/flow-file.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import { planFigures } from "./plan-figures.ts";
import { documentOfGroups, groupAt } from "./plan-operator.ts";
import { isRightly } from "./is-rightly.ts";
import type { StagePlan } from "./plan-stage.ts";
import { timeAt } from "./record-value.ts";
import { brokenRecords, madeOf, type RecordType } from "./record-type.ts";

export function planWindow(
  report: FlowReport,
  { window, id, onError }: WindowStage,
  path: DocumentPath,
  before: RecordType,
): StagePlan {
  const { by = [], calculate, ...options } = window;
  const place = [...path, "window"];
  const time = timeAt(report, [...place, "time"], window.time, before);
  const groups = by.map((text, index) => groupAt(report, [...place, "by", index], text, before, "A window"));
  // Where there is a window there is a record in it.
  const figures = planFigures(report, [...place, "calculate"], calculate, before, {
    mayBeEmpty: false,
    what: "A window",
  });
  const known = groups.filter((group) => group !== undefined);
  if (time === undefined || figures === undefined || known.length < groups.length) {
    return { records: brokenRecords };
  }
  const names = known.map(({ name }) => name);
  const settings = { ...options, id, onError, time, by: names, calculate: figures.calculate };
  const nothing = flow(fromIterable<unknown>([]));
  if (!isRightly(report, place, () => nothing.window(settings))) return { records: brokenRecords };
  const text = { type: "string" } as const;
  const properties = { windowStart: text, windowEnd: text, ...figures.properties };
  const records = madeOf(before, documentOfGroups(known, { properties }));
  return { records, add: (made) => made.window(settings) };
}
