import type { JsonSchema } from "@atomic-agents/contracts";
import { fitJson } from "@atomic-agents/contracts/fit";
import type { Calculation, Calculations } from "@atomic-agents/flow";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import { columnOfNumbersAsTexts } from "./numbers-as-texts.ts";
import { comparable, type KeyKind, type KeyPlan, keyOfKindAt, keyName, typesWith } from "./record-key.ts";
import type { RecordType } from "./record-type.ts";

/** What is computed of groups, and what the figures are. */
export interface FiguresPlan {
  readonly calculate: Calculations;
  /** Each is there in the record of each group. */
  readonly properties: Readonly<Record<string, JsonSchema>>;
}

/** How groups are made. */
interface GroupsOfFigures {
  /** Whether there can be a group without records. */
  readonly mayBeEmpty: boolean;
  /** What makes them, as the subject of a sentence; an aggregate unless it is said. */
  readonly what?: string;
}

const numbers: KeyKind = { type: { type: ["number", "null"] }, words: "a number" };
const texts: JsonSchema = { type: ["string", "null"] };
const ordered: KeyKind = { type: { anyOf: [numbers.type, texts] }, words: "a number or a text" };

const kinds = {
  sum: numbers,
  mean: numbers,
  quantile: numbers,
  min: ordered,
  max: ordered,
  distinct: comparable,
  count: { type: {}, words: "" },
} as const;

/** The figures of a `calculate`; undefined where one is wrong, which is reported. */
export function planFigures(
  report: FlowReport,
  path: DocumentPath,
  calculate: Calculations,
  before: RecordType,
  groups: GroupsOfFigures,
): FiguresPlan | undefined {
  const plans = Object.entries(calculate).map(([name, calculation]) =>
    planFigure(report, [...path, name], name, calculation, before, groups),
  );
  const known = plans.filter((plan) => plan !== undefined);
  if (known.length < plans.length) return undefined;
  return {
    calculate: Object.fromEntries(known.map(({ name, calculation }) => [name, calculation])),
    properties: Object.fromEntries(known.map(({ name, type }) => [name, type])),
  };
}

interface FigurePlan {
  readonly name: string;
  readonly calculation: Calculation;
  readonly type: JsonSchema;
}

function planFigure(
  report: FlowReport,
  path: DocumentPath,
  name: string,
  calculation: Calculation,
  before: RecordType,
  groups: GroupsOfFigures,
): FigurePlan | undefined {
  const kind = kindOf(calculation);
  const text = (calculation as Readonly<Record<string, unknown>>)[kind];
  if (typeof text !== "string") {
    return { name, calculation, type: { type: "integer", minimum: groups.mayBeEmpty ? 0 : 1 } };
  }
  const key = keyName(report, [...path, kind], text, "calculate with", groups.what);
  const plan = key === undefined ? undefined : keyOfKindAt(report, [...path, kind], key, before, kinds[kind]);
  if (key === undefined || plan === undefined) return undefined;
  if (kinds[kind] === ordered) {
    doubtMixture(report, [...path, kind], key, plan);
    const column = columnOfNumbersAsTexts(plan.type);
    if (column !== undefined) doubtTexts(report, [...path, kind], key, column);
  }
  const settled = { ...calculation, [kind]: key };
  return { name, calculation: settled, type: typeOf(kind, plan, groups) };
}

/** All values have to be of the kind of the first. */
function doubtMixture(report: FlowReport, path: DocumentPath, key: string, { type }: KeyPlan): void {
  if (type === undefined || !fits(type, ordered.type) || fits(type, numbers.type) || fits(type, texts))
    return;
  report.doubt(path, {
    code: "fit",
    message: `${JSON.stringify(key)} must be numbers only or texts only; here it may be both`,
    hint: "Make one of the two of it in a map before.",
  });
}

/** Of texts the greatest is another one than of the numbers that they are written as. */
function doubtTexts(report: FlowReport, path: DocumentPath, key: string, column: string): void {
  report.doubt(path, {
    code: "fit",
    message: `${JSON.stringify(key)} holds numbers as texts, and of texts "9.5" is more than "10"`,
    hint: `Say ${typesWith(column)} in the source, or ${typesWith(column, "text")} where texts are meant.`,
  });
}

/** The one that there is; the file's schema has seen to it. */
function kindOf(calculation: Calculation): keyof typeof kinds {
  return Object.keys(calculation).find((key) => key in kinds) as keyof typeof kinds;
}

function typeOf(kind: keyof typeof kinds, { type, absence }: KeyPlan, groups: GroupsOfFigures): JsonSchema {
  if (kind === "count" || kind === "distinct") return { type: "integer", minimum: 0 };
  const value = valueOf(kind, type);
  const isLacking = groups.mayBeEmpty || absence !== undefined || type === undefined || mayBeNull(type);
  return isLacking
    ? { type: [...value, "null"] }
    : { type: value.length === 1 ? (value[0] as "number") : [...value] };
}

function valueOf(
  kind: keyof typeof kinds,
  type: JsonSchema | undefined,
): readonly ("integer" | "number" | "string")[] {
  if (kind === "mean" || kind === "quantile") return ["number"];
  if (type !== undefined && fits(type, { type: ["integer", "null"] })) return ["integer"];
  if (kind === "sum" || (type !== undefined && fits(type, numbers.type))) return ["number"];
  return type !== undefined && fits(type, texts) ? ["string"] : ["number", "string"];
}

function fits(type: JsonSchema, kind: JsonSchema): boolean {
  return fitJson(type, kind).verdict === "always";
}

function mayBeNull(type: JsonSchema): boolean {
  return fitJson({ type: "null" }, type).verdict !== "never";
}
