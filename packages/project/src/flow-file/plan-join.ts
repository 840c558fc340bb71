import { flow, type JoinKey } from "@atomic-agents/flow";
import { typeOfSchema } from "../expressions/schema-type.ts";
import type { JoinSidesOfFile, JoinStage } from "../schemas/flow-file.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import { checkSame } from "./key-reader.ts";
import { planPast } from "./plan-past.ts";
import { planSource, type SourceOptions } from "./plan-source.ts";
import type { PlanContext, StagePlan } from "./plan-stage.ts";
import { withPut } from "./put-type.ts";
import { keyAt } from "./record-key.ts";
import { brokenRecords, documentOf, type RecordType } from "./record-type.ts";

/** Plans a stage that joins records with those of another source. */
export async function planJoin(
  context: PlanContext,
  { join, id, onError }: JoinStage,
  path: DocumentPath,
  before: RecordType,
  { madeElsewhere }: Pick<SourceOptions, "madeElsewhere">,
): Promise<StagePlan> {
  const { report } = context;
  const place = [...path, "join"];
  const { source: given, on, type = "inner", as, replace = false, ...limits } = join;
  const at = [...place, "source"];
  const source = await planSource(context, given, { madeElsewhere, place: at });
  const isMerge = type === "inner" || type === "left";
  if (source === undefined || !hasRightName(report, place, join)) return { records: brokenRecords };
  if (source.onError === "dead-letter") {
    report.error([...at, "onError"], {
      code: "wrong-value",
      message: "The other side of a join has no dead letters",
      hint: "stop, unless said, ends the flow with a record that cannot be read; drop leaves it out.",
    });
    return { records: brokenRecords };
  }
  const keys = keysAt(report, [...place, "on"], on, { left: before, right: source.records });
  if (keys === undefined) return { records: brokenRecords };
  const past = await planPast(context, [...place, "past"], limits.past);
  const records = isMerge
    ? withPut(
        report,
        before,
        [
          {
            name: as ?? "",
            type: typeOfSchema(documentOf(source.records)),
            isNullable: type === "left",
            path: [...place, "as"],
          },
        ],
        replace,
      )
    : before;
  const options = { ...limits, past, id, onError };
  return {
    records,
    reads: source,
    design: documentOf(source.records),
    add: (begun) => {
      const other = flow(source.make(), { name: source.label, onError: source.onError ?? "stop" });
      if (type === "semi" || type === "anti") return begun.join(other, { ...options, on: keys, type });
      return begun.join(other, { ...options, on: keys, type, as: as ?? "", replace });
    },
  };
}

/** Whether there is a name where one is needed, and only there. */
function hasRightName(
  report: FlowReport,
  place: DocumentPath,
  { type = "inner", as }: JoinStage["join"],
): boolean {
  const isMerge = type === "inner" || type === "left";
  if (isMerge === (as !== undefined)) return true;
  // Another type has been told.
  if (!isMerge && type !== "semi" && type !== "anti") return false;
  if (isMerge) {
    report.error(place, {
      code: "missing-key",
      message: "A join needs as: the key under which the other side's record is found",
      hint: "Such as as: customer. With type: semi or anti nothing is added.",
      of: "key",
    });
  } else {
    report.error([...place, "as"], {
      code: "wrong-value",
      message: `A join of type ${type} adds nothing, and so needs no as`,
      hint: "Leave it out.",
      of: "key",
    });
  }
  return false;
}

interface SidesOfRecords {
  readonly left: RecordType;
  readonly right: RecordType;
}

/** Undefined where something is wrong, which is reported. */
function keysAt(
  report: FlowReport,
  path: DocumentPath,
  on: JoinStage["join"]["on"],
  records: SidesOfRecords,
): readonly JoinKey<unknown, unknown>[] | undefined {
  const isList = Array.isArray(on);
  const given: readonly (string | JoinSidesOfFile)[] = isList ? on : [on as string | JoinSidesOfFile];
  const keys = given.map((each, index) => sidesAt(report, isList ? [...path, index] : path, each, records));
  const known = keys.filter((key) => key !== undefined);
  return known.length === keys.length ? known : undefined;
}

function sidesAt(
  report: FlowReport,
  path: DocumentPath,
  key: string | JoinSidesOfFile,
  records: SidesOfRecords,
): JoinKey<unknown, unknown> | undefined {
  const isOne = typeof key === "string";
  const leftAt = isOne ? path : [...path, "left"];
  const left = keyAt(report, leftAt, isOne ? key : key.left, records.left);
  // What is misspelt on both sides is told once.
  if (left === undefined) return undefined;
  const right = keyAt(report, isOne ? path : [...path, "right"], isOne ? key : key.right, records.right);
  if (right === undefined) return undefined;
  if (!checkSame(report, leftAt, left, { plan: right, what: "on the other side" })) return undefined;
  return { left: left.key, right: right.key };
}
