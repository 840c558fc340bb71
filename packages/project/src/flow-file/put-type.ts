import type { JsonSchema } from "@atomic-agents/contracts";
import { RecordShape } from "../capabilities/transform/record-shape.ts";
import { kinds } from "../expressions/kinds.ts";
import { typeOfSchema } from "../expressions/schema-type.ts";
import { nullType, type Type, unionOf } from "../expressions/type.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import { brokenRecords, documentOf, madeOf, type RecordType } from "./record-type.ts";

/** What is put under a key of each record. */
export interface PutValue {
  readonly name: string;
  readonly type: Type;
  /** Whether null stands there where nothing is found. */
  readonly isNullable: boolean;
  /** Where the flow file names the key. */
  readonly path: DocumentPath;
}

/** What records are when values have been put under keys of them; a key that is there already is reported. */
export function withPut(
  report: FlowReport,
  before: RecordType,
  values: readonly PutValue[],
  replaces: boolean,
): RecordType {
  if (before.isBroken) return brokenRecords;
  const type = typeOfSchema(documentOf(before));
  if ((type.kinds & kinds.object) === 0) {
    report.error(values[0]?.path ?? [], {
      code: "fit",
      message: "These records are no objects, so that nothing can be put under a key of them",
      hint: "Make objects of them in a map before.",
    });
    return brokenRecords;
  }
  const shape = RecordShape.of(type);
  let isSound = true;
  for (const { name, type: own, isNullable, path } of values) {
    if (name === "__proto__") {
      isSound = false;
      report.error(path, {
        code: "wrong-value",
        message: 'The key "__proto__" is not allowed: programs may take it for a part of the object itself',
        hint: "Choose another name.",
      });
    } else if (!replaces && shape.fields.has(name)) {
      isSound = false;
      report.error(path, {
        code: "duplicate",
        message: `The records have a key ${JSON.stringify(name)} already`,
        hint: "Choose another name, or say replace: true.",
      });
    }
    shape.set(name, { type: isNullable ? unionOf([own, nullType]) : own, isSure: true });
  }
  return isSound ? madeOf(before, shape.write()) : brokenRecords;
}

/** What a key of what is found holds; undefined where there is no such key. */
export function fieldOf(found: JsonSchema | undefined, key: string): Type | undefined {
  const type = typeOfSchema(found);
  if (type.kinds === kinds.any) return type;
  const field = type.only(kinds.object).field(key);
  if (field.presence === "never" || field.presence === "unlisted") return undefined;
  return field.presence === "always" ? field.type : unionOf([field.type, nullType]);
}

/** Whether values of both may be the same, null left out; where nothing is known, they may. */
export function mayBeSame(one: JsonSchema | undefined, two: JsonSchema | undefined): boolean {
  const first = typeOfSchema(one).kinds & ~kinds.null;
  const second = typeOfSchema(two).kinds & ~kinds.null;
  if (first === 0 || second === 0) return true;
  const wide = (set: number): number => ((set & kinds.number) === 0 ? set : set | kinds.number);
  return (wide(first) & wide(second)) !== 0;
}
