import type { TimeValue } from "@atomic-agents/flow";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import { expressionAt, overRecords } from "./record-expression.ts";
import { isExpression, type KeyKind, keyOfKindAt } from "./record-key.ts";
import { documentOf, type RecordType } from "./record-type.ts";

const aTime: KeyKind = {
  type: { type: ["number", "string"] },
  words: "a time: milliseconds since 1970, or a text",
};
const aText: KeyKind = { type: { type: "string" }, words: "a text" };

/** A key or an expression that gives a record's time; undefined where it is wrong, which is reported. */
export function timeAt(
  report: FlowReport,
  path: DocumentPath,
  text: string,
  before: RecordType,
): string | ((record: unknown) => TimeValue) | undefined {
  // What it gives is checked as it is read.
  return valueAt(report, path, text, before, "time", aTime) as ReturnType<typeof timeAt>;
}

/** A key or an expression that gives a text; undefined where it is wrong, which is reported. */
export function textAt(
  report: FlowReport,
  path: DocumentPath,
  text: string,
  before: RecordType,
): string | ((record: unknown) => string) | undefined {
  // As above.
  return valueAt(report, path, text, before, "text", aText) as ReturnType<typeof textAt>;
}

function valueAt(
  report: FlowReport,
  path: DocumentPath,
  text: string,
  before: RecordType,
  what: string,
  kind: KeyKind,
): string | ((record: unknown) => unknown) | undefined {
  if (isExpression(text)) {
    const computed = expressionAt(report, path, text, { record: documentOf(before) }, kind.type);
    return computed && overRecords(what, computed);
  }
  const found = keyOfKindAt(report, path, text, before, kind);
  if (found?.absence !== undefined) {
    report.doubt(path, {
      code: "expression",
      message: found.absence,
      hint: `A record without it fails here; filter such records out before, or give them a ${what} in a map.`,
    });
  }
  return found && text;
}
