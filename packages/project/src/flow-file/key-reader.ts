import type { KeyValue } from "@atomic-agents/flow";
import type { JsonSchema } from "@atomic-agents/contracts";
import { inWords, kinds } from "../expressions/kinds.ts";
import { typeOfSchema } from "../expressions/schema-type.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import { mayBeSame } from "./put-type.ts";
import type { KeyPlan } from "./record-key.ts";

/** What reads a key of a record, as it is written in a flow file. */
export function keyReader({ key }: KeyPlan): (record: unknown) => KeyValue {
  // What is no value to compare by is told where it is compared.
  return typeof key === "string" ? (record) => (record as Readonly<Record<string, KeyValue>>)[key] : key;
}

/** Whether values of both keys may be the same; reports where they are of other kinds. */
export function checkSame(
  report: FlowReport,
  path: DocumentPath,
  own: KeyPlan,
  other: { readonly plan: KeyPlan; readonly what: string },
): boolean {
  if (mayBeSame(own.type, other.plan.type)) return true;
  report.error(path, {
    code: "fit",
    message: `No record can have the same key: here it is ${shownKind(own.type)}, ${other.what} ${shownKind(other.plan.type)}`,
    hint: 'Make them alike: "1" and 1 are different. CSV has texts unless types says otherwise; transform casts.',
  });
  return false;
}

function shownKind(type: JsonSchema | undefined): string {
  return inWords(typeOfSchema(type).kinds & ~kinds.null);
}
