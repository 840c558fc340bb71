import { type Agent, type AnyAgent, untyped } from "@atomic-agents/core";
import type { Flow, ThroughBatchOptions, ThroughOptions } from "@atomic-agents/flow";
import { stageHint } from "../catalog/stage-hint.ts";
import { typeOfSchema } from "../expressions/schema-type.ts";
import { isModuleReference } from "../module-reference.ts";
import type { AgentBatchOfFile, AgentStage } from "../schemas/flow-file.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import { judgeFit } from "./judge-fit.ts";
import { mappedAgent, mappedBy } from "./mapped-agent.ts";
import { agentBatchAt, checkItems, resultsOf } from "./plan-batch.ts";
import { placeInTemplate } from "./place-in-template.ts";
import type { PlanContext, StagePlan } from "./plan-stage.ts";
import { withPut } from "./put-type.ts";
import { mappingAt, type RecordExpression } from "./record-expression.ts";
import { brokenRecords, documentOf, madeOf, recordsOf, type RecordType, withPassed } from "./record-type.ts";

/** Where a stage that has an agent work on each record stands in its file. */
export interface AgentPlace {
  readonly stage: DocumentPath;
  /** Of the agent's name, which may be all there is of the stage. */
  readonly name: DocumentPath;
}

/** Plans a stage that has an agent work on each record. */
export async function planAgent(
  context: PlanContext,
  stage: AgentStage,
  place: AgentPlace,
  before: RecordType,
): Promise<StagePlan> {
  const { report } = context;
  const agent = await loadAgent(context, stage.agent, place.name);
  const id = stage.id ?? agent?.name ?? stage.agent;
  const batch = stage.batch === undefined ? undefined : agentBatchAt(report, stage.batch, place);
  const input = planInput(report, stage, place.stage, before);
  if (agent !== undefined) checkInput(report, agent, stage, place, input.records);
  const given = givenBy(report, agent, batch, place);
  const output = planOutput(report, stage, place.stage, before, given);
  const records = stage.onError === "pass" ? withPassed(output.records, before, id) : output.records;
  if (agent === undefined || input.records.isBroken || output.records.isBroken) return { records };
  if (stage.batch === undefined) {
    return { records, add: (flow) => addAgent(flow, agent, context, stage, input.mapping, output.mapping) };
  }
  if (batch === undefined) return { records };
  return {
    records,
    add: (flow) => addBatch(flow, agent, context, stage, batch, input.mapping, output.mapping),
  };
}

interface MappingPlan {
  readonly records: RecordType;
  /** Absent where there is none to be done. */
  readonly mapping: RecordExpression | undefined;
}

async function loadAgent(
  { project, report, moduleOptions }: PlanContext,
  name: string,
  path: DocumentPath,
): Promise<AnyAgent | undefined> {
  try {
    return await project.agent(name, moduleOptions);
  } catch (thrown) {
    const isKnown = project.agents.has(name) || project.pipelines.has(name) || isModuleReference(name);
    if (!isKnown && project.flows.has(name) && stageHint(name) === undefined) {
      report.error(path, {
        code: "unknown-name",
        message: `${JSON.stringify(name)} is a flow, and no agent`,
        hint: "A flow is no stage of another one: read what it writes, as a source.",
      });
      return undefined;
    }
    report.thrown(path, thrown, isKnown ? "load" : "unknown-name");
    return undefined;
  }
}

/** What the agent is given. */
function planInput(
  report: FlowReport,
  stage: AgentStage,
  path: DocumentPath,
  before: RecordType,
): MappingPlan {
  if (stage.input === undefined) return { records: before, mapping: undefined };
  const mapping = mappingAt(report, [...path, "input"], stage.input, { record: documentOf(before) });
  return { records: mapping === undefined ? brokenRecords : madeOf(before, mapping.type), mapping };
}

/** What the agent gives for a record. */
function givenBy(
  report: FlowReport,
  agent: AnyAgent | undefined,
  batch: AgentBatchOfFile | undefined,
  place: AgentPlace,
): RecordType {
  if (agent === undefined) return brokenRecords;
  return batch === undefined ? recordsOf(agent.output) : resultsOf(report, agent, batch, place);
}

/** What goes on. */
function planOutput(
  report: FlowReport,
  stage: AgentStage,
  path: DocumentPath,
  before: RecordType,
  given: RecordType,
): MappingPlan {
  if (stage.as !== undefined) return planUnder(report, stage, path, before, given);
  if (stage.output === undefined) return { records: given, mapping: undefined };
  const mapping = mappingAt(report, [...path, "output"], stage.output, {
    record: documentOf(before),
    output: documentOf(given),
  });
  const isBroken = mapping === undefined || given.isBroken;
  return { records: isBroken ? brokenRecords : madeOf(before, mapping.type), mapping };
}

/** Puts the agent's answer under a key of the record. */
function planUnder(
  report: FlowReport,
  { as = "", output }: AgentStage,
  path: DocumentPath,
  before: RecordType,
  given: RecordType,
): MappingPlan {
  const place = [...path, "as"];
  if (output !== undefined) {
    report.error(place, {
      code: "wrong-value",
      message: "as and output both say what goes on",
      hint: "Remove one of them: with as it is the record, with the agent's answer under that key.",
      of: "key",
    });
    return { records: brokenRecords, mapping: undefined };
  }
  const type = typeOfSchema(documentOf(given));
  const records = withPut(report, before, [{ name: as, type, isNullable: false, path: place }], false);
  const evaluate: RecordExpression["evaluate"] = ({ record, output: answer }) => {
    if (typeof record !== "object" || record === null || Array.isArray(record)) {
      throw new TypeError("the record is no object, so that nothing can be put under a key of it");
    }
    if (Object.hasOwn(record, as)) throw new TypeError(`the record has a key ${JSON.stringify(as)} already`);
    return { ...record, [as]: answer };
  };
  const isBroken = given.isBroken || records.isBroken;
  return { records: isBroken ? brokenRecords : records, mapping: { type: documentOf(records), evaluate } };
}

function checkInput(
  report: FlowReport,
  agent: AnyAgent,
  stage: AgentStage,
  place: AgentPlace,
  records: RecordType,
): void {
  const { batch, input } = stage;
  const of = (path: string): DocumentPath =>
    input === undefined ? place.name : placeInTemplate([...place.stage, "input"], input, path);
  if (batch !== undefined) {
    const options = typeof batch === "number" ? { size: batch } : batch;
    checkItems(report, agent, options, records, { name: place.name, batch: [...place.stage, "batch"], of });
    return;
  }
  for (const problem of judgeFit(records, agent.input, `agent ${JSON.stringify(agent.name)}`)) {
    report.fit(problem, of);
  }
}

function addAgent(
  flow: Flow<unknown>,
  agent: AnyAgent,
  { concurrency: asked }: PlanContext,
  stage: AgentStage,
  input: RecordExpression | undefined,
  output: RecordExpression | undefined,
): Flow<unknown> {
  const { id, concurrency, ordered, timeoutMs, retry, onError } = stage;
  const options: ThroughOptions = {
    id,
    concurrency: asked ?? concurrency,
    ordered,
    timeoutMs,
    retry,
    onError,
  };
  if (input === undefined && output === undefined) return flow.through(untyped(agent), options);
  const toInput = input && ((record: unknown) => input.evaluate({ record }));
  const toOutput =
    output && ((record: unknown, given: unknown) => output.evaluate({ record, output: given }));
  const mapped = mappedAgent(agent, { toInput, toOutput }, timeoutMs);
  return flow.through(untyped(mapped.agent), { ...options, timeoutMs: mapped.timeoutMs });
}

/** The agent over lists of what is made of the records, each of which ends by itself. */
function addBatch(
  flow: Flow<unknown>,
  agent: AnyAgent,
  { concurrency: asked }: PlanContext,
  { id, concurrency, ordered, timeoutMs, retry, onError }: AgentStage,
  batch: AgentBatchOfFile,
  input: RecordExpression | undefined,
  output: RecordExpression | undefined,
): Flow<unknown> {
  const manner = { id, concurrency: asked ?? concurrency, ordered, timeoutMs, retry, onError };
  const options: ThroughBatchOptions = { ...batch, ...manner };
  const toInput = input && ((record: unknown) => mappedBy("input", () => input.evaluate({ record })));
  const toOutput =
    output &&
    ((record: unknown, given: unknown) =>
      mappedBy("output", () => output.evaluate({ record, output: given })));
  // Its schemas check that what it is given, and gives, are lists.
  const overLists = untyped(agent) as Agent<unknown[], readonly unknown[]>;
  return flow.throughBatch(overLists, options, { toInput, toOutput });
}
