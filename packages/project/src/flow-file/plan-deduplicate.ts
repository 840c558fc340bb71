import { flow, fromIterable } from "@atomic-agents/flow";
import type { DeduplicateStage } from "../schemas/flow-file.ts";
import type { DocumentPath } from "./flow-report.ts";
import { isRightly } from "./is-rightly.ts";
import { planPast } from "./plan-past.ts";
import type { PlanContext, StagePlan } from "./plan-stage.ts";
import { keyAt } from "./record-key.ts";
import type { RecordType } from "./record-type.ts";
import { textAt, timeAt } from "./record-value.ts";

export async function planDeduplicate(
  context: PlanContext,
  { deduplicate, id, onError }: DeduplicateStage,
  path: DocumentPath,
  before: RecordType,
): Promise<StagePlan> {
  const { report } = context;
  const place = [...path, "deduplicate"];
  const { by, near, within, maxKeys, past } = deduplicate;
  if (by === undefined && near === undefined) {
    report.error(place, {
      code: "missing-key",
      message: "deduplicate needs by, or near",
      hint: "by: [id] keeps the first record of each id; near finds texts that are nearly the same.",
    });
    return { records: before };
  }
  const keys = by?.map((text, index) => keyAt(report, [...place, "by", index], text, before)?.key);
  const known = keys?.filter((key) => key !== undefined);
  const nearText = near && textAt(report, [...place, "near", "text"], near.text, before);
  const isTimed = within !== undefined && "time" in within;
  const time = isTimed ? timeAt(report, [...place, "within", "time"], within.time, before) : undefined;
  const isLacking =
    known?.length !== keys?.length ||
    (near !== undefined && nearText === undefined) ||
    (isTimed && time === undefined);
  if (isLacking) return { records: before };
  const options = {
    by: known,
    near: near && nearText !== undefined ? { ...near, text: nearText } : undefined,
    within: isTimed && time !== undefined ? { ...within, time } : isTimed ? undefined : within,
    maxKeys,
    past: await planPast(context, [...place, "past"], past),
    id,
    onError,
  };
  const nothing = flow(fromIterable<unknown>([]));
  if (!isRightly(report, place, () => nothing.deduplicate(options))) return { records: before };
  return { records: before, add: (made) => made.deduplicate(options) };
}
