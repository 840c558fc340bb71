import type { JsonSchema } from "@atomic-agents/contracts";
import type { SortKey } from "@atomic-agents/flow";
import type { AggregateStage, SortStage } from "../schemas/flow-file.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import type { PlanContext, StagePlan } from "./plan-stage.ts";
import { type FiguresPlan, planFigures } from "./plan-figures.ts";
import { planPast } from "./plan-past.ts";
import { keyAt, keyName, type KeyPlan, nameAt } from "./record-key.ts";
import { brokenRecords, madeOf, type RecordType } from "./record-type.ts";

export async function planSort(
  context: PlanContext,
  { sort, id, onError }: SortStage,
  path: DocumentPath,
  before: RecordType,
): Promise<StagePlan> {
  const { report } = context;
  const { by, ...options } = sort;
  const past = await planPast(context, [...path, "sort", "past"], options.past);
  const keys = by.map((given, index): SortKey<unknown> | undefined => {
    const place = [...path, "sort", "by", index];
    if (typeof given === "string") return keyAt(report, place, given, before)?.key;
    const key = keyAt(report, [...place, "key"], given.key, before)?.key;
    return key === undefined ? undefined : { key, order: given.order };
  });
  const known = keys.filter((key) => key !== undefined);
  if (known.length < keys.length) return { records: before };
  return { records: before, add: (flow) => flow.sort({ ...options, past, by: known, id, onError }) };
}

export async function planAggregate(
  context: PlanContext,
  { aggregate, id, onError }: AggregateStage,
  path: DocumentPath,
  before: RecordType,
): Promise<StagePlan> {
  const { report } = context;
  const { by, calculate, ...options } = aggregate;
  const place = [...path, "aggregate"];
  const past = await planPast(context, [...place, "past"], options.past);
  const groups = by.map((text, index) => groupAt(report, [...place, "by", index], text, before));
  const figures = planFigures(report, [...place, "calculate"], calculate, before, {
    mayBeEmpty: by.length === 0,
  });
  const names = groups.flatMap((group) => (group === undefined ? [] : [group.name]));
  for (const name of Object.keys(calculate).filter((figure) => names.includes(figure))) {
    report.error([...place, "calculate", name], {
      code: "duplicate",
      message: `${JSON.stringify(name)} is the name of a figure and of a key that is grouped by`,
      hint: "Give the figure another name.",
      of: "key",
    });
    return { records: brokenRecords };
  }
  const knownGroups = groups.filter((group) => group !== undefined);
  if (knownGroups.length < groups.length || figures === undefined) return { records: brokenRecords };
  const settings = { ...options, past, id, onError, by: names, calculate: figures.calculate };
  const records = madeOf(before, documentOfGroups(knownGroups, figures));
  return { records, add: (flow) => flow.aggregate(settings) };
}

/** A key that records are grouped by. */
export interface GroupPlan {
  readonly name: string;
  readonly plan: KeyPlan;
}

/** A key to group by; undefined where it is wrong, which is reported. */
export function groupAt(
  report: FlowReport,
  path: DocumentPath,
  text: string,
  before: RecordType,
  what?: string,
): GroupPlan | undefined {
  const name = keyName(report, path, text, "group by", what);
  const plan = name === undefined ? undefined : nameAt(report, path, name, before);
  return name === undefined || plan === undefined ? undefined : { name, plan };
}

/** What the records of groups are. */
export function documentOfGroups(
  groups: readonly GroupPlan[],
  figures: Pick<FiguresPlan, "properties">,
): JsonSchema {
  const definitions = groups.map(({ plan }) => plan.type?.$defs ?? {});
  const properties = [
    ...groups.map(({ name, plan }): [string, JsonSchema] => [name, plan.type ?? {}]),
    ...Object.entries(figures.properties),
  ];
  const optional = new Set(groups.flatMap(({ name, plan }) => (plan.absence === undefined ? [] : [name])));
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    required: properties.map(([name]) => name).filter((name) => !optional.has(name)),
    additionalProperties: false,
    $defs: Object.assign({}, ...definitions) as NonNullable<JsonSchema["$defs"]>,
  };
}
