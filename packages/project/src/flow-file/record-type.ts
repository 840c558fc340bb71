import { type AnySchema, type JsonSchema, toJsonSchema, unionOf } from "@atomic-agents/contracts";
import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";

/** Records that go on as they were because a stage failed under `onError: pass`. */
interface PassedRecords {
  /** The id of that stage. */
  readonly stage: string;
  readonly schema: AnySchema | undefined;
  /** What is known of the others, which the stage has made. */
  readonly made: AnySchema | undefined;
}

/** What is known of the records at one place of a flow, before any is read. */
export interface RecordType {
  /** A schema that hands on what the records are; undefined where nothing is known. */
  readonly schema: AnySchema | undefined;
  /** What is among them that the last agent was to change, and did not. */
  readonly passed: PassedRecords | undefined;
  /** Something before this place is wrong, so that nothing can be said of what follows from it. */
  readonly isBroken: boolean;
  /** They are made of records of which nothing is known, so that it is no news when something cannot be proved. */
  readonly isGuess: boolean;
}

/** The records that a schema describes. */
export function recordsOf(schema: AnySchema | undefined): RecordType {
  return { schema, passed: undefined, isBroken: false, isGuess: schema === undefined };
}

/** The records that a JSON Schema describes. */
export function recordsOfDocument(document: JsonSchema | undefined): RecordType {
  return recordsOf(isTelling(document) ? fromJsonSchema(document) : undefined);
}

/** The records behind a mistake. */
export const brokenRecords: RecordType = {
  schema: undefined,
  passed: undefined,
  isBroken: true,
  isGuess: true,
};

/** What a stage makes of records, as a JSON Schema says it. */
export function madeOf(before: RecordType, document: JsonSchema | undefined): RecordType {
  if (before.isBroken) return brokenRecords;
  const made = recordsOfDocument(document);
  return { ...made, isGuess: made.isGuess || before.isGuess };
}

/** What comes of a stage that makes `made` of records, and lets those that fail pass. */
export function withPassed(made: RecordType, before: RecordType, stage: string): RecordType {
  const isKnown = made.schema !== undefined && before.schema !== undefined;
  return {
    schema: isKnown ? unionOf([made.schema, before.schema]) : undefined,
    passed: { stage, schema: before.schema, made: made.schema },
    isBroken: made.isBroken || before.isBroken,
    isGuess: made.isGuess || before.isGuess,
  };
}

/** The JSON Schema of what a schema hands on; undefined where that is not JSON, or nothing is known. */
export function documentOf({ schema }: Pick<RecordType, "schema">): JsonSchema | undefined {
  if (schema === undefined) return undefined;
  try {
    const document = toJsonSchema(schema, "output");
    return isTelling(document) ? document : undefined;
  } catch {
    // Dates and such: what an expression makes of them is seen when it meets one.
    return undefined;
  }
}

/** Whether a JSON Schema says anything of a value. */
function isTelling(document: JsonSchema | undefined): document is JsonSchema {
  return document !== undefined && Object.keys(document).some((keyword) => !silent.has(keyword));
}

const silent: ReadonlySet<string> = new Set(["$schema", "$id", "$defs", "$comment", "title", "description"]);
