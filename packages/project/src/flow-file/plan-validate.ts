import type { AnySchema, JsonSchema } from "@atomic-agents/contracts";
import { fit } from "@atomic-agents/contracts/fit";
import { reportKey } from "../capabilities/validate/validate-options.ts";
import { validateWith } from "../capabilities/validate/validate-with.ts";
import { RecordShape } from "../capabilities/transform/record-shape.ts";
import { typeOfSchema } from "../expressions/schema-type.ts";
import type { ValidateStage } from "../schemas/flow-file.ts";
import { narrowType } from "./narrow-type.ts";
import { loadSchema } from "./flow-schema.ts";
import type { DocumentPath } from "./flow-report.ts";
import type { PlanContext, StagePlan } from "./plan-stage.ts";
import {
  brokenRecords,
  documentOf,
  madeOf,
  recordsOf,
  recordsOfDocument,
  type RecordType,
} from "./record-type.ts";

export async function planValidate(
  context: PlanContext,
  { validate, id = "validate", onError }: ValidateStage,
  path: DocumentPath,
  before: RecordType,
): Promise<StagePlan> {
  const { report } = context;
  const place = [...path, "validate"];
  const schema = await loadSchema(context, validate.schema, [...place, "schema"]);
  if (schema === undefined) return { records: brokenRecords };
  const name = reportKey(validate);
  const answer = before.schema === undefined || before.isBroken ? undefined : fit(before.schema, schema);
  if (answer?.verdict === "never" && validate.mode !== "coerce" && name === undefined) {
    report.error([...place, "schema"], {
      code: "fit",
      message: `The schema takes none of these records: ${answer.why}`,
      hint: "With mode: coerce numbers are made of texts, and texts of numbers.",
    });
    return { records: brokenRecords };
  }
  let change: (record: unknown) => unknown;
  try {
    change = validateWith(schema, validate);
  } catch (thrown) {
    report.thrown([...place, "mode"], thrown, "wrong-value");
    return { records: brokenRecords };
  }
  return {
    records: recordsBehind(before, schema, { isSame: answer?.verdict === "always", name }),
    design: documentOf({ schema }),
    add: (flow) => flow.map(change as (record: unknown) => never, { id, onError }),
  };
}

interface Behind {
  /** Whether all records fit already. */
  readonly isSame: boolean;
  readonly name: string | undefined;
}

function recordsBehind(before: RecordType, schema: AnySchema, { isSame, name }: Behind): RecordType {
  if (before.isBroken) return brokenRecords;
  if (name === undefined) return isSame ? before : taken(before, schema);
  // Those that do not fit are there as well.
  const shape = RecordShape.of(typeOfSchema(documentOf(before)));
  shape.set(name, { type: typeOfSchema(issueList), isSure: true });
  return madeOf(before, shape.write());
}

/** Records that a schema has taken, with what was known of them before where it hands them on as they are. */
function taken(before: RecordType, schema: AnySchema): RecordType {
  const known = "~jsonSchema" in schema ? documentOf(before) : undefined;
  const document = documentOf({ schema });
  const narrowed = known === undefined || document === undefined ? undefined : narrowType(known, document);
  return narrowed === undefined ? recordsOf(schema) : recordsOfDocument(narrowed);
}

const text = { type: "string" } as const;
const issueList: JsonSchema = {
  type: "array",
  items: {
    type: "object",
    properties: { path: text, message: text, expected: text, got: text },
    required: ["path", "message", "got"],
    additionalProperties: false,
  },
};
