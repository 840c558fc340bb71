import type { JsonSchema } from "@atomic-agents/contracts";
import type { Calculation, SortKey } from "@atomic-agents/flow";
import type { AggregateStage, DeduplicateStage, SortStage } from "../schemas/flow-file.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import type { StagePlan } from "./plan-stage.ts";
import { isExpression, keyAt, type KeyPlan, nameAt, numberNameAt } from "./record-key.ts";
import { brokenRecords, madeOf, type RecordType } from "./record-type.ts";

export function planSort(
  report: FlowReport,
  { sort, id, onError }: SortStage,
  path: DocumentPath,
  before: RecordType,
): StagePlan {
  const { by, ...options } = sort;
  const keys = by.map((given, index): SortKey<unknown> | undefined => {
    const place = [...path, "sort", "by", index];
    if (typeof given === "string") return keyAt(report, place, given, before)?.key;
    const key = keyAt(report, [...place, "key"], given.key, before)?.key;
    return key === undefined ? undefined : { key, order: given.order };
  });
  const known = keys.filter((key) => key !== undefined);
  if (known.length < keys.length) return { records: before };
  return { records: before, add: (flow) => flow.sort({ ...options, by: known, id, onError }) };
}

export function planDeduplicate(
  report: FlowReport,
  { deduplicate, id, onError }: DeduplicateStage,
  path: DocumentPath,
  before: RecordType,
): StagePlan {
  const { by, ...options } = deduplicate;
  const keys = by.map(
    (text, index) => keyAt(report, [...path, "deduplicate", "by", index], text, before)?.key,
  );
  const known = keys.filter((key) => key !== undefined);
  if (known.length < keys.length) return { records: before };
  return { records: before, add: (flow) => flow.deduplicate({ ...options, by: known, id, onError }) };
}

export function planAggregate(
  report: FlowReport,
  { aggregate, id, onError }: AggregateStage,
  path: DocumentPath,
  before: RecordType,
): StagePlan {
  const { by, calculate, ...options } = aggregate;
  const place = [...path, "aggregate"];
  const groups = by.map((text, index) => groupAt(report, [...place, "by", index], text, before));
  const figures = Object.entries(calculate).map(([name, calculation]) =>
    figureAt(report, [...place, "calculate", name], name, calculation, before),
  );
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
  const knownFigures = figures.filter((figure) => figure !== undefined);
  if (knownGroups.length < groups.length || knownFigures.length < figures.length) {
    return { records: brokenRecords };
  }
  const settings = { ...options, id, onError, by: names, calculate: Object.fromEntries(knownFigures) };
  const records = madeOf(before, documentOfGroups(knownGroups, knownFigures));
  // The keys and figures were looked up above; the flow's type knows nothing of the records.
  return { records, add: (flow) => flow.aggregate(settings as never) };
}

interface GroupPlan {
  readonly name: string;
  readonly plan: KeyPlan;
}

type FigurePlan = readonly [name: string, calculation: Calculation];

const member = /^record\.(?<name>[A-Za-z_]\w*)$/;

function groupAt(
  report: FlowReport,
  path: DocumentPath,
  text: string,
  before: RecordType,
): GroupPlan | undefined {
  const name = keyName(report, path, text, "group by");
  const plan = name === undefined ? undefined : nameAt(report, path, name, before);
  return name === undefined || plan === undefined ? undefined : { name, plan };
}

function figureAt(
  report: FlowReport,
  path: DocumentPath,
  name: string,
  calculation: Calculation,
  before: RecordType,
): FigurePlan | undefined {
  const [kind, text] = Object.entries(calculation)[0] ?? [];
  if (kind === undefined || typeof text !== "string") return [name, calculation];
  const key = keyName(report, [...path, kind], text, "calculate with");
  if (key === undefined || numberNameAt(report, [...path, kind], key, before) === undefined) return undefined;
  // One key, of those that the file's schema allows.
  return [name, { [kind]: key } as unknown as Calculation];
}

/** The key that a text names, which may be written as a member of the record. */
function keyName(report: FlowReport, path: DocumentPath, text: string, use: string): string | undefined {
  const name = member.exec(text)?.groups?.["name"];
  if (name !== undefined || !isExpression(text)) return name ?? text;
  report.error(path, {
    code: "expression",
    message: `An aggregate can only ${use} a key of the record, not an expression`,
    hint: "Compute it in a map before, and name the key that it has there.",
  });
  return undefined;
}

function documentOfGroups(groups: readonly GroupPlan[], figures: readonly FigurePlan[]): JsonSchema {
  const definitions = groups.map(({ plan }) => plan.type?.$defs ?? {});
  const properties = [
    ...groups.map(({ name, plan }): [string, JsonSchema] => [name, plan.type ?? {}]),
    ...figures.map(([name, calculation]): [string, JsonSchema] => [
      name,
      "count" in calculation ? { type: "integer", minimum: 1 } : { type: "number" },
    ]),
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
