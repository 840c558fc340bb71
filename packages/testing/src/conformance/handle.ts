import { isDeepStrictEqual } from "node:util";
import type { Run, RunEvent, StageReport } from "@atomic-agents/core";
import { eventLoopTurn } from "../event-loop.ts";
import { preview } from "../usage-error.ts";
import { started } from "./codes.ts";
import type { Lab } from "./lab.ts";
import { isText } from "./validation.ts";
import { ensure, passed, type Verdict } from "./verdict.ts";

/** 11. */
export async function startReturnsFirst(lab: Lab): Promise<Verdict> {
  const run = started("valid[0]", () => lab.start(lab.valid[0]));
  const early = run.events.snapshot().map((event) => event.type);
  ensure(
    !early.includes("stage-start"),
    () => `when start returned, these events had happened: ${early.join(", ")}`,
  );
  ensure(
    run.status === "pending",
    () => `when start returned, the status was ${preview(run.status)}, not pending`,
  );
  ensure(
    run.report().status === "pending",
    () => "when start returned, the report was not that of a pending run",
  );
  ensure(isText(run.id), () => `the run's id is ${preview(run.id)}`);
  await lab.wait("the result", run.result);
  return passed("no stage had begun");
}

/** 12. */
export async function eventsTellTheRun(lab: Lab): Promise<Verdict> {
  const inputs = [...lab.valid, ...lab.invalid.slice(0, 1)];
  let count = 0;
  for (const input of inputs) {
    const run = lab.start(input);
    const result = await lab.wait("the result", run.result);
    const events = run.events.snapshot();
    if (run.events.dropped > 0) continue;
    checkEvents(run, events, result.ok);
    checkReport(run, events, result.ok);
    count += events.length;
  }
  return passed(`${count} events of ${inputs.length} runs`);
}

/** What holds for the events of every run that has ended. */
export function checkEvents(run: Run<unknown>, events: readonly RunEvent[], isOk: boolean): void {
  const types = events.map((event) => event.type);
  const shown = () => types.join(", ");
  ensure(types[0] === "run-start", () => `the first event is not run-start: ${shown()}`);
  ensure(types.at(-1) === "run-end", () => `the last event is not run-end: ${shown()}`);
  ensure(types.filter((type) => type === "run-start" || type === "run-end").length === 2, () => {
    return `the run begins or ends more than once: ${shown()}`;
  });
  let beforeMs = 0;
  for (const event of events) {
    ensure(event.runId === run.id, () => `a ${event.type} event has the id of another run`);
    ensure(
      event.atMs >= beforeMs,
      () => `a ${event.type} event at ${event.atMs} ms follows one at ${beforeMs} ms`,
    );
    beforeMs = event.atMs;
  }
  const end = events.at(-1);
  ensure(end?.type === "run-end" && end.status === run.status, () => "run-end and the run's status differ");
  ensure((run.status === "success" || run.status === "partial") === isOk, () => {
    return `the status is ${run.status}, the result's ok is ${isOk}`;
  });
  for (const [stage, open] of openStages(events)) {
    ensure(open === 0, () => `the stage "${stage}" began ${open > 0 ? "more" : "less"} often than it ended`);
  }
}

const stageEnds: readonly string[] = ["stage-end", "stage-error", "stage-cancelled", "stage-pass"];

/** How often each stage began less how often it ended. */
function openStages(events: readonly RunEvent[]): ReadonlyMap<string, number> {
  const open = new Map<string, number>();
  for (const event of events) {
    if (!("stage" in event)) continue;
    const change = event.type === "stage-start" ? 1 : stageEnds.includes(event.type) ? -1 : 0;
    open.set(event.stage, (open.get(event.stage) ?? 0) + change);
  }
  return open;
}

const statusOfEvent: Readonly<Record<string, string>> = {
  "stage-end": "success",
  "stage-error": "failed",
  "stage-cancelled": "cancelled",
  "stage-pass": "passed",
};

function checkReport(run: Run<unknown>, events: readonly RunEvent[], isOk: boolean): void {
  const report = run.report();
  ensure(report.runId === run.id, () => "the report has the id of another run");
  ensure(report.status === run.status, () => `the report says ${report.status}, the run ${run.status}`);
  ensure((report.error === undefined) === isOk, () => "the report's error and the result differ");
  const told = new Map<string, string>();
  for (const event of events) {
    const status = statusOfEvent[event.type];
    if ("stage" in event && status !== undefined) told.set(event.stage, status);
  }
  for (const [path, stage] of pathsOf(report.stages, "")) {
    const isOpen = stage.status === "running" || stage.status === "pending";
    ensure(!isOpen, () => `the report of a run that has ended shows the stage "${path}" as ${stage.status}`);
    const status = told.get(path) ?? stage.status;
    ensure(
      status === stage.status,
      () => `the stage "${path}" is ${stage.status} in the report, ${status} by its events`,
    );
  }
}

function pathsOf(stages: readonly StageReport[], above: string): readonly (readonly [string, StageReport])[] {
  return stages.flatMap((stage) => {
    const path = above === "" ? stage.id : `${above}/${stage.id}`;
    return [[path, stage] as const, ...pathsOf(stage.stages ?? [], path)];
  });
}

/** 13. */
export async function eventsReplay(lab: Lab): Promise<Verdict> {
  const run = lab.start(lab.valid[0]);
  const readers = [readAll(run), readAll(run)];
  await lab.wait("the result", run.result);
  const [first, second] = await lab.wait("readers from the beginning", Promise.all(readers));
  const late = await lab.wait("a reader after the end", readAll(run));
  ensure(run.events.dropped > 0 || isDeepStrictEqual(first, run.events.snapshot()), () => {
    return "a reader from the beginning and the snapshot differ";
  });
  ensure(isDeepStrictEqual(first, second), () => "two readers from the beginning got different events");
  ensure(
    run.events.dropped > 0 || isDeepStrictEqual(first, late),
    () => "a reader after the end got other events",
  );
  return passed(`${late.length} events, three times`);
}

async function readAll(run: Run<unknown>): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run.events) events.push(event);
  return events;
}

/** How long late work is waited for, at most, on the computer's clock. */
const maxLateMs = 500;

/** 14. */
export async function nothingAfterTheEnd(lab: Lab): Promise<Verdict> {
  const beganMs = performance.now();
  const run = lab.start(lab.valid[0]);
  await lab.wait("the result", run.result);
  const tookMs = lab.clock === undefined ? Math.min(maxLateMs, 2 * (performance.now() - beganMs)) : 200_000;
  await staysEnded(lab, run, "a run that ended by itself", tookMs);

  const cancelled = lab.start(lab.valid[0]);
  // Past the microtask in which the run begins.
  await eventLoopTurn();
  cancelled.cancel("conformance");
  await lab.soon("the result of a cancelled run", cancelled.result);
  await staysEnded(lab, cancelled, "a run that was cancelled", tookMs);
  return passed("looked at again later, and after another cancel()");
}

async function staysEnded(lab: Lab, run: Run<unknown>, what: string, lateMs: number): Promise<void> {
  const look = () => ({ status: run.status, events: run.events.snapshot(), report: run.report() });
  const result = await lab.soon("the result", run.result);
  const before = look();
  ensure(before.events.at(-1)?.type === "run-end", () => `the events of ${what} do not end with run-end`);
  run.cancel("too late");
  await lab.pause(lateMs);
  const after = look();
  ensure(after.status === before.status, () => `${what} went from ${before.status} to ${after.status} later`);
  ensure(after.events.length === before.events.length, () => {
    return `${what} had further events: ${after.events
      .slice(before.events.length)
      .map((event) => event.type)
      .join(", ")}`;
  });
  ensure(isDeepStrictEqual(after.report, before.report), () => `the report of ${what} changed later`);
  ensure((await lab.soon("the result", run.result)) === result, () => `the result of ${what} changed later`);
}
