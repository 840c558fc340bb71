import type { JsonSchema } from "@atomic-agents/contracts";
import { fitJson } from "@atomic-agents/contracts/fit";
import type { ColumnType } from "@atomic-agents/flow";
import { compileExpression } from "../expressions/compile-expression.ts";
import { ExpressionError } from "../expressions/expression-error.ts";
import { asSentence, type DocumentPath, type FlowReport } from "./flow-report.ts";
import { shown } from "./judge-fit.ts";
import { columnOfNumbersAsTexts } from "./numbers-as-texts.ts";
import { expressionAt, overRecords } from "./record-expression.ts";
import { documentOf, type RecordType } from "./record-type.ts";

/** What records are ordered, grouped or told apart by. */
export interface KeyPlan {
  /** A key of the record, or what computes such a value. */
  readonly key: string | ((record: unknown) => string | number | boolean | null | undefined);
  readonly type: JsonSchema | undefined;
  /** What a record need not have, in words. */
  readonly absence: string | undefined;
}

/** What values of a key have to be. */
export interface KeyKind {
  readonly type: JsonSchema;
  readonly words: string;
}

export const comparable: KeyKind = {
  type: { type: ["string", "number", "boolean", "null"] },
  words: "a text, a number, true, false or null",
};

const member = /^record\.(?<name>[A-Za-z_]\w*)$/;

/** The key that a text names, which may be written as a member of the record; undefined for an expression, which is reported. */
export function keyName(
  report: FlowReport,
  path: DocumentPath,
  text: string,
  use: string,
  what = "An aggregate",
): string | undefined {
  const name = member.exec(text)?.groups?.["name"];
  if (name !== undefined || !isExpression(text)) return name ?? text;
  report.error(path, {
    code: "expression",
    message: `${what} can only ${use} a key of the record, not an expression`,
    hint: "Compute it in a map before, and name the key that it has there.",
  });
  return undefined;
}

/** Whether a text is an expression rather than the name of a key: it speaks of the record. */
export function isExpression(text: string): boolean {
  return /(?<![\w.])record(?!\w)/.test(text);
}

/** A key or an expression whose values can be compared; undefined where it is wrong, which is reported. */
export function keyAt(
  report: FlowReport,
  path: DocumentPath,
  text: string,
  before: RecordType,
): KeyPlan | undefined {
  if (!isExpression(text)) return nameAt(report, path, text, before);
  const computed = expressionAt(report, path, text, { record: documentOf(before) }, comparable.type);
  if (computed === undefined) return undefined;
  const key = overRecords("key", computed) as Exclude<KeyPlan["key"], string>;
  return { key, type: computed.type, absence: undefined };
}

/** The name of a key whose values can be compared. */
export function nameAt(
  report: FlowReport,
  path: DocumentPath,
  name: string,
  before: RecordType,
): KeyPlan | undefined {
  return keyOfKindAt(report, path, name, before, comparable);
}

/** The name of a key whose values are of a kind. */
export function keyOfKindAt(
  report: FlowReport,
  path: DocumentPath,
  name: string,
  before: RecordType,
  kind: KeyKind,
): KeyPlan | undefined {
  const found = memberOf(report, path, name, before);
  const column = columnOfNumbersAsTexts(found?.type);
  const hint = column === undefined ? undefined : `Say ${typesWith(column)} in the source.`;
  return found !== undefined && checkKind(report, path, found, kind, hint) ? found : undefined;
}

/** What a source of CSV says of a column of numbers, or of another type. */
export function typesWith(name: string, type: ColumnType = "number"): string {
  return `types: { ${/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)}: ${type} }`;
}

function memberOf(
  report: FlowReport,
  path: DocumentPath,
  name: string,
  before: RecordType,
): KeyPlan | undefined {
  const record = documentOf(before);
  if (record === undefined) return { key: name, type: undefined, absence: undefined };
  try {
    const source = /^[A-Za-z_]\w*$/.test(name) ? `record.${name}` : `record[${JSON.stringify(name)}]`;
    const { type, warnings } = compileExpression(source, { variables: { record } });
    return { key: name, type, absence: warnings[0]?.message };
  } catch (thrown) {
    if (!ExpressionError.isInstance(thrown)) throw thrown;
    report.error(path, { code: "expression", message: thrown.message, hint: asSentence(thrown.hint) });
    return undefined;
  }
}

/** Whether values of the key can be of the kind; reports where they need not be. */
function checkKind(
  report: FlowReport,
  path: DocumentPath,
  { key, type }: KeyPlan,
  { type: kind, words }: KeyKind,
  hint: string | undefined,
): boolean {
  if (type === undefined) return true;
  const answer = fitJson(type, kind);
  if (answer.verdict === "always" || Object.keys(type).length === 0) return true;
  const subject = `${JSON.stringify(key)} must be ${words}`;
  if (answer.verdict === "never") {
    const example = "example" in answer ? `; here it is such as ${shown(answer.example)}` : "";
    report.error(path, { code: "fit", message: `${subject}${example}`, hint });
    return false;
  }
  const doubt =
    answer.verdict === "sometimes" ? `; here it may be ${shown(answer.fails)}` : `: ${answer.why}`;
  report.doubt(path, { code: "fit", message: `${subject}${doubt}` });
  return true;
}
