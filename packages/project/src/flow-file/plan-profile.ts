import { AtomicError } from "@atomic-agents/core";
import type { JsonSchema } from "@atomic-agents/contracts";
import { valueSorts } from "../capabilities/profile/field-node.ts";
import { profileRecords } from "../capabilities/profile/profile-records.ts";
import type { ProfileStage } from "../schemas/flow-file.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import type { StagePlan } from "./plan-stage.ts";
import { brokenRecords, madeOf, type RecordType } from "./record-type.ts";

export function planProfile(
  report: FlowReport,
  { profile, id }: ProfileStage,
  path: DocumentPath,
  before: RecordType,
): StagePlan {
  try {
    const operator = profileRecords(profile === true ? {} : profile);
    return {
      // Whatever the records are.
      records: { ...madeOf(before, profileType), isGuess: false },
      add: (flow) => flow.operator(operator, { id }),
    };
  } catch (thrown) {
    // What the file's schema takes has been told.
    if (!AtomicError.isInstance(thrown, "CONFIG")) report.thrown([...path, "profile"], thrown);
    return { records: brokenRecords };
  }
}

const count: JsonSchema = { type: "integer", minimum: 0 };
const number: JsonSchema = { type: "number" };

const fieldType: JsonSchema = {
  type: "object",
  properties: {
    path: { type: "string" },
    present: count,
    missing: count,
    nulls: count,
    types: {
      type: "object",
      properties: Object.fromEntries(valueSorts.map((sort) => [sort, count])),
      additionalProperties: false,
    },
    distinct: count,
    isDistinctExact: { type: "boolean" },
    min: number,
    max: number,
    mean: number,
    quantiles: { type: "object", additionalProperties: number },
    inexact: count,
    minLength: count,
    maxLength: count,
    minItems: count,
    maxItems: count,
    examples: { type: "array", items: { type: ["string", "number", "boolean"] } },
  },
  required: ["path", "present", "missing", "nulls", "types", "distinct", "isDistinctExact", "examples"],
  additionalProperties: false,
};

const profileType: JsonSchema = {
  type: "object",
  properties: { records: count, fields: { type: "array", items: fieldType }, untold: count },
  required: ["records", "fields", "untold"],
  additionalProperties: false,
};
