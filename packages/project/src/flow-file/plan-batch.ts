import { type AnySchema, anything, arrayOf, type JsonSchema, toJsonSchema } from "@atomic-agents/contracts";
import { fit } from "@atomic-agents/contracts/fit";
import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import type { AnyAgent } from "@atomic-agents/core";
import type { AgentBatchOfFile, BatchStage } from "../schemas/flow-file.ts";
import type { AgentPlace } from "./plan-agent.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import { itemsOf } from "./items-of.ts";
import { judgeFit } from "./judge-fit.ts";
import type { StagePlan } from "./plan-stage.ts";
import { brokenRecords, documentOf, recordsOf, recordsOfDocument, type RecordType } from "./record-type.ts";

export function planBatch({ batch, id, onError }: BatchStage, before: RecordType): StagePlan {
  const options = typeof batch === "number" ? { size: batch } : batch;
  return { records: listsOf(before), add: (flow) => flow.batch({ ...options, id, onError }) };
}

/** Lists of records. */
function listsOf(before: RecordType): RecordType {
  const schema = before.schema === undefined ? undefined : arrayOf(before.schema);
  // What was passed on stands in one list with the others.
  const passed = before.passed && { ...before.passed, schema, made: schema };
  return { ...before, schema, passed };
}

/** How an agent is given lists of records, in its long form; undefined where that is wrong, which is reported. */
export function agentBatchAt(
  report: FlowReport,
  batch: number | AgentBatchOfFile,
  place: AgentPlace,
): AgentBatchOfFile | undefined {
  if (typeof batch === "number") return { size: batch };
  const { size, maxBytes, maxWaitMs } = batch;
  if (size !== undefined || maxBytes !== undefined || maxWaitMs !== undefined) return batch;
  report.error([...place.stage, "batch"], {
    code: "missing-key",
    message: "This does not say when a batch is full",
    hint: "Add a size, such as 100, or maxBytes or maxWaitMs.",
    of: "key",
  });
  return undefined;
}

/** Reports what an agent over lists does not take of the records, or of lists. */
export function checkItems(
  report: FlowReport,
  agent: AnyAgent,
  { size }: AgentBatchOfFile,
  records: RecordType,
  places: {
    readonly name: DocumentPath;
    readonly batch: DocumentPath;
    readonly of: (part: string) => DocumentPath;
  },
): void {
  const name = JSON.stringify(agent.name);
  const taker = `agent ${name}`;
  if (isNever(arrayOf(anything()), agent.input)) {
    report.error(places.name, {
      code: "fit",
      message: `The ${taker} takes no lists, and a batch is one`,
      hint: "Leave out batch: an agent that takes single records is given them one by one.",
    });
    return;
  }
  const document = inputOf(agent);
  const most = document?.["maxItems"];
  if (typeof most === "number" && size !== undefined && size > most) {
    report.error(places.batch, {
      code: "fit",
      message: `The ${taker} takes up to ${most} records at a time, and a batch has up to ${size}`,
      hint: `Give the batch a size of ${most}.`,
    });
  }
  const item = itemsOf(document);
  // No batch is empty: what is asked is whether it takes the records, not that it would take none.
  const problems =
    item === undefined
      ? judgeFit(listsOf(records), agent.input, taker)
      : judgeFit(records, fromJsonSchema(item), taker);
  for (const problem of problems) report.fit(problem, places.of);
}

function inputOf(agent: AnyAgent): JsonSchema | undefined {
  try {
    return toJsonSchema(agent.input, "input");
  } catch {
    // Dates and such.
    return undefined;
  }
}

/** What an agent gives for each record of a list, where it gives lists; what it does not give is reported. */
export function resultsOf(
  report: FlowReport,
  agent: AnyAgent,
  { settled = false }: AgentBatchOfFile,
  place: AgentPlace,
): RecordType {
  const name = JSON.stringify(agent.name);
  if (isNever(agent.output, arrayOf(anything()))) {
    report.error(place.name, {
      code: "fit",
      message: `The agent ${name} gives no list, and a batch needs a result for each of its records`,
      hint: "Leave out batch: an agent that takes single records is given them one by one.",
    });
    return brokenRecords;
  }
  const item = itemsOf(documentOf({ schema: agent.output }));
  if (!settled) return recordsOfDocument(item);
  if (item === undefined) return recordsOf(undefined);
  const outputs = optionsOf(item)
    .map(outputIn)
    .filter((output) => output !== undefined);
  if (outputs.length > 0) {
    const [only] = outputs;
    const { $defs } = item;
    const output = outputs.length === 1 && only !== undefined ? only : { anyOf: outputs };
    return recordsOfDocument($defs === undefined ? output : { ...output, $defs });
  }
  report.error([...place.stage, "batch", "settled"], {
    code: "fit",
    message: `The agent ${name} gives no outcomes`,
    hint: "It gives { ok: true, output } or { ok: false, error } for each record; without them leave out settled.",
  });
  return brokenRecords;
}

function isNever(schema: AnySchema, to: AnySchema): boolean {
  return fit(schema, to).verdict === "never";
}

function optionsOf(schema: JsonSchema): readonly JsonSchema[] {
  const options = schema.anyOf ?? schema.oneOf;
  if (options === undefined) return [schema];
  return options.flatMap((option) => (typeof option === "boolean" ? [] : optionsOf(option)));
}

/** The output of an outcome that went well; undefined for another one. */
function outputIn({ properties = {} }: JsonSchema): JsonSchema | undefined {
  const { ok, output } = properties;
  if (ok === undefined || output === undefined || typeof ok === "boolean" || ok.const === false)
    return undefined;
  return typeof output === "boolean" ? {} : output;
}
