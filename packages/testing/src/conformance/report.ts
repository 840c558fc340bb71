import type { Run, RunReport, StageReport } from "@atomic-agents/core";
import { preview } from "../usage-error.ts";
import type { Lab } from "./lab.ts";
import { isText } from "./validation.ts";
import { ensure, passed, type Verdict } from "./verdict.ts";

/** Durations are made of differences of clock readings. */
const toleranceMs = 0.001;

/** 29. */
export async function reportAddsUp(lab: Lab): Promise<Verdict> {
  let stages = 0;
  for (const run of await endedRuns(lab)) {
    const report = run.report();
    checkWhole(report);
    stages += checkStages(report.stages, report.durationMs, "");
  }
  return passed(`${stages} stages`);
}

function checkWhole({ runId, agent, startedAtMs, durationMs }: RunReport): void {
  ensure(isText(runId), () => `the report's runId is ${preview(runId)}`);
  ensure(isText(agent), () => `the report names no agent`);
  ensure(Number.isFinite(startedAtMs), () => `the report's startedAtMs is ${preview(startedAtMs)}`);
  ensure(isSpan(durationMs), () => `the report's durationMs is ${preview(durationMs)}`);
}

/** Checks the stages of a report or of a stage, and counts them. */
function checkStages(stages: readonly StageReport[], endMs: number, above: string): number {
  const ids = stages.map((stage) => stage.id);
  const double = ids.find((id, index) => ids.indexOf(id) !== index);
  ensure(
    double === undefined,
    () => `two stages${above === "" ? "" : ` of ${above}`} have the id "${double}"`,
  );
  let count = stages.length;
  for (const { id, agent, status, attempts, atMs, durationMs, stages: inner = [] } of stages) {
    const path = above === "" ? id : `${above}/${id}`;
    const of = `the stage "${path}"`;
    ensure(isText(id) && isText(agent), () => `${of} lacks its id or its agent`);
    ensure(isSpan(atMs) && isSpan(durationMs), () => {
      return `${of} began at ${preview(atMs)} and took ${preview(durationMs)}`;
    });
    ensure(atMs + durationMs <= endMs + toleranceMs, () => {
      return `${of} ended at ${atMs + durationMs} ms, later than the run, which took ${endMs} ms`;
    });
    const leastAttempts = status === "pending" || status === "skipped" ? 0 : 1;
    ensure(Number.isInteger(attempts) && attempts >= leastAttempts, () => {
      return `${of} is ${status} after ${preview(attempts)} attempts`;
    });
    count += checkStages(inner, endMs, path);
  }
  return count;
}

function isSpan(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/** 30. */
export async function reportIsJson(lab: Lab): Promise<Verdict> {
  const runs = await endedRuns(lab);
  for (const run of runs) {
    const report = written("the report", run.report());
    ensure(hasFields(report, { runId: run.id, status: run.status }), () => {
      return `the report has lost its runId or its status as JSON: ${preview(report)}`;
    });
    const events = run.events.snapshot();
    const copies = written("the list of events", events);
    ensure(Array.isArray(copies) && copies.length === events.length, () => "events are lost as JSON");
    for (const [index, { type, runId, atMs }] of events.entries()) {
      const copy: unknown = copies[index];
      ensure(hasFields(copy, { type, runId, atMs }), () => `a ${type} event is ${preview(copy)} as JSON`);
    }
    const result = await lab.soon("the result", run.result);
    if (!result.ok) {
      const error = written("the error", result.error);
      ensure(hasFields(error, { code: result.error.code }), () => `the error is ${preview(error)} as JSON`);
    }
  }
  return passed(`${runs.length} runs`);
}

function written(what: string, value: unknown): unknown {
  let text: string | undefined;
  let problem: unknown;
  try {
    text = JSON.stringify(value);
  } catch (thrown) {
    problem = thrown;
  }
  ensure(text !== undefined, () => `${what} cannot be written as JSON: ${preview(problem)}`);
  return JSON.parse(text);
}

function hasFields(value: unknown, fields: Readonly<Record<string, unknown>>): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(fields).every(([key, field]) => Reflect.get(value, key) === field);
}

/** Runs of some inputs, all of which have ended, and one that was cancelled. */
async function endedRuns(lab: Lab): Promise<readonly Run<unknown>[]> {
  const runs: Run<unknown>[] = [];
  for (const input of [...lab.valid.slice(0, 3), ...lab.invalid.slice(0, 1)]) {
    const run = lab.start(input);
    await lab.wait("the result", run.result);
    runs.push(run);
  }
  const cancelled = lab.start(lab.valid[0]);
  cancelled.cancel("conformance");
  await lab.soon("the result of a cancelled run", cancelled.result);
  return [...runs, cancelled];
}
