import { defineAgent, pipeline } from "@atomic-agents/core";
import type { Build } from "../contender.ts";
import type { Labelled, Message, Schemas, Stages } from "../workload.ts";

/*
 * The project's own rows, written as its documentation tells a user to write them, with nothing switched off:
 * the deadline of every attempt is armed when a wait begins, stage durations are kept, telemetry is the no-op default.
 */

function syncAgents(schemas: Schemas, stages: Stages) {
  return {
    count: defineAgent({
      name: "count",
      description: "Counts the words of a message.",
      input: schemas.countIn,
      output: schemas.countOut,
      execute: (message) => stages.count(message),
    }),
    weigh: defineAgent({
      name: "weigh",
      description: "Weighs how urgent a message sounds.",
      input: schemas.weighIn,
      output: schemas.weighOut,
      execute: (counted) => stages.weigh(counted),
    }),
    label: defineAgent({
      name: "label",
      description: "Labels a message.",
      input: schemas.labelIn,
      output: schemas.labelOut,
      execute: (weighed) => stages.label(weighed),
    }),
  };
}

function asyncAgents(schemas: Schemas, stages: Stages) {
  return {
    count: defineAgent({
      name: "count",
      description: "Counts the words of a message.",
      input: schemas.countIn,
      output: schemas.countOut,
      execute: async (message) => stages.count(message),
    }),
    weigh: defineAgent({
      name: "weigh",
      description: "Weighs how urgent a message sounds.",
      input: schemas.weighIn,
      output: schemas.weighOut,
      execute: async (counted) => stages.weigh(counted),
    }),
    label: defineAgent({
      name: "label",
      description: "Labels a message.",
      input: schemas.labelIn,
      output: schemas.labelOut,
      execute: async (weighed) => stages.label(weighed),
    }),
  };
}

type Agents = ReturnType<typeof syncAgents> | ReturnType<typeof asyncAgents>;

function triageOf({ count, weigh, label }: Agents) {
  return pipeline("triage").stage(count).stage(weigh).stage(label);
}

export const syncRun: Build = (schemas, stages) => {
  const triage = triageOf(syncAgents(schemas, stages));
  return (message) => triage.run(message);
};

export const asyncRun: Build = (schemas, stages) => {
  const triage = triageOf(asyncAgents(schemas, stages));
  return (message) => triage.run(message);
};

export const asyncRetryRun: Build = (schemas, stages) => {
  const { count, weigh, label } = asyncAgents(schemas, stages);
  const policy = { timeoutMs: 5_000, retry: { attempts: 3 } };
  const triage = pipeline("triage")
    .stage("count", count, policy)
    .stage("weigh", weigh, policy)
    .stage("label", label, policy);
  return (message) => triage.run(message);
};

/** run-start, a start and an end for each of three stages, run-end. */
const EVENTS_PER_RUN = 8;

type Triage = ReturnType<typeof triageOf>;

type Run = ReturnType<Triage["start"]>;
type RunEvent = ReturnType<Run["events"]["snapshot"]>[number];

/** Reads every field of the report, so that nothing of it can stay unmade. */
function readReport(report: ReturnType<Run["report"]>): void {
  const { runId, requestId, agent, status, startedAtMs, durationMs, stages } = report;
  let read = runId.length + requestId.length + agent.length + startedAtMs + durationMs;
  for (const stage of stages) {
    if (stage.status !== "success" || stage.attempts !== 1)
      throw new Error(`stage ${stage.id}: ${stage.status}`);
    read += stage.id.length + stage.agent.length + stage.durationMs;
  }
  if (status !== "success" || stages.length !== 3 || !(read > 0)) {
    throw new Error(`unexpected report: ${JSON.stringify(report)}`);
  }
}

/** What a reader of an event looks at; never zero. */
function readEvent(event: RunEvent): number {
  return event.type.length + event.runId.length + event.atMs + ("stage" in event ? event.stage.length : 0);
}

async function startAndSnapshot(triage: Triage, message: Message): Promise<Labelled> {
  const run = triage.start(message);
  const result = await run.result;
  if (!result.ok) throw result.error;
  readReport(run.report());
  let events = 0;
  for (const event of run.events.snapshot()) if (readEvent(event) > 0) events += 1;
  if (events !== EVENTS_PER_RUN) throw new Error(`expected ${EVENTS_PER_RUN} events, got ${events}`);
  return result.output;
}

async function startAndIterate(triage: Triage, message: Message): Promise<Labelled> {
  const run = triage.start(message);
  let events = 0;
  for await (const event of run.events) if (readEvent(event) > 0) events += 1;
  const result = await run.result;
  if (!result.ok) throw result.error;
  readReport(run.report());
  if (events !== EVENTS_PER_RUN) throw new Error(`expected ${EVENTS_PER_RUN} events, got ${events}`);
  return result.output;
}

export const syncStartSnapshot: Build = (schemas, stages) => {
  const triage = triageOf(syncAgents(schemas, stages));
  return (message) => startAndSnapshot(triage, message);
};

export const syncStartIterate: Build = (schemas, stages) => {
  const triage = triageOf(syncAgents(schemas, stages));
  return (message) => startAndIterate(triage, message);
};

export const asyncStartSnapshot: Build = (schemas, stages) => {
  const triage = triageOf(asyncAgents(schemas, stages));
  return (message) => startAndSnapshot(triage, message);
};
