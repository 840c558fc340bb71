import { AtomicError, type Secret } from "@atomic-agents/core";
import { checkRedactOptions } from "../capabilities/redact/create-redactor.ts";
import { redactWith } from "../capabilities/redact/redact-records.ts";
import { redactedType } from "../capabilities/redact/redacted-type.ts";
import type { RedactOptions } from "../capabilities/redact/redact-options.ts";
import { RecordShape } from "../capabilities/transform/record-shape.ts";
import { closest } from "../closest.ts";
import { kinds } from "../expressions/kinds.ts";
import { typeOfSchema } from "../expressions/schema-type.ts";
import type { RedactStage } from "../schemas/flow-file.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import type { PlanContext, StagePlan } from "./plan-stage.ts";
import { overRecords } from "./record-expression.ts";
import { brokenRecords, documentOf, madeOf, type RecordType } from "./record-type.ts";

export async function planRedact(
  context: PlanContext,
  { redact, id = "redact", onError }: RedactStage,
  path: DocumentPath,
  before: RecordType,
): Promise<StagePlan> {
  const { report } = context;
  const place = [...path, "redact"];
  const { key, ...others } = redact;
  const secret = key === undefined ? undefined : await secretAt(context, key, [...place, "key"]);
  const options: RedactOptions = {
    ...others,
    ...(key !== undefined && { key: secret ?? "checked when it is run" }),
  };
  try {
    checkRedactOptions("redact", options);
  } catch (thrown) {
    const [key = ""] = AtomicError.isInstance(thrown, "CONFIG") ? thrown.details.path.split(".") : [];
    // What the file's schema takes of these has been told.
    if (key !== "find" && key !== "with") {
      report.thrown(key in redact ? [...place, key] : place, thrown, "wrong-value");
    }
    return { records: brokenRecords };
  }
  const record = documentOf(before);
  const known = (redact.keys ?? []).every((keys, index) =>
    isThere(report, [...place, "keys", index], keys, record),
  );
  if (!known || secret === "missing") return { records: brokenRecords };
  const made = record === undefined ? {} : redactedType(record, redact.keys ?? []);
  const type = redact.counts === undefined ? made : withCounts(made, redact.counts);
  const redactor = redactWith(options);
  const change = overRecords("redaction", { type, evaluate: ({ record: each }) => redactor(each) });
  return {
    records: madeOf(before, type),
    add: (flow) => flow.map(change as (record: unknown) => never, { id, onError }),
  };
}

/** The key of hashes; undefined where it is not there and nothing is about to be run. */
async function secretAt(
  { project, report, isRun }: PlanContext,
  key: NonNullable<RedactStage["redact"]["key"]>,
  path: DocumentPath,
): Promise<Secret | "missing" | undefined> {
  try {
    // Never a text: the file's schema has only places of secrets.
    return (await project.secret(key, { document: report.document, path })) as Secret;
  } catch (thrown) {
    if (!isRun) report.warned(path, thrown, "secret");
    else report.thrown(path, thrown, "secret");
    return isRun ? "missing" : undefined;
  }
}

/** Whether records may have what a path names, as far as it has names; reports where they cannot. */
function isThere(
  report: FlowReport,
  path: DocumentPath,
  keys: string,
  record: ReturnType<typeof documentOf>,
): boolean {
  let type = typeOfSchema(record);
  for (const step of keys.split(".")) {
    if (step === "**") return true;
    if (step === "*" || /^\d+$/.test(step)) {
      const isList = (type.kinds & kinds.object) === 0;
      if (!isList && (type.kinds & kinds.list) !== 0) return true;
      type = isList ? type.items : type.anyField;
      continue;
    }
    if (type.kinds === kinds.any) return true;
    const field = type.only(kinds.object).field(step);
    if ((type.kinds & kinds.object) === 0 || field.presence === "never" || field.presence === "unlisted") {
      const near = closest(step, type.keys);
      const hint = near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`;
      report.error(path, { code: "expression", message: `there is no such field: ${keys}`, hint });
      return false;
    }
    type = field.type;
  }
  return true;
}

const count = { type: "integer", minimum: 1 } as const;

function withCounts(document: NonNullable<ReturnType<typeof documentOf>>, name: string) {
  const shape = RecordShape.of(typeOfSchema(document));
  const names = ["email", "phone", "card", "iban", "key"];
  const type = typeOfSchema({
    type: "object",
    properties: Object.fromEntries(names.map((each) => [each, count])),
    additionalProperties: false,
  });
  shape.set(name, { type, isSure: true });
  return shape.write();
}
