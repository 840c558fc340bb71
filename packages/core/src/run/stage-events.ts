import type { RunEvent } from "./events.ts";
import type { Frame } from "./frame.ts";
import type { Step } from "./program.ts";

/** What a journal entry is about. */
export const entryKind = {
  begin: 0,
  boundary: 1,
  end: 2,
  fail: 3,
  other: 4,
  unbegun: 5,
  /** The stage's end alone, where something comes between it and the run's. */
  lastStage: 6,
  stageFail: 7,
  runEnd: 8,
} as const;
export type EntryKind = (typeof entryKind)[keyof typeof entryKind];

/** Adds the events that an entry stands for; `outermostFrame` is the frame whose run the journal is of. */
export function addStageEvents(
  events: RunEvent[],
  outermostFrame: Frame,
  kind: EntryKind,
  frame: Frame,
  index: number,
  runId: string,
  atMs: number,
): void {
  const { agent, staged } = frame.program;
  const isOutermost = frame === outermostFrame;
  // A composed agent's own frame within a stage: the stage has said the same.
  if (!isOutermost && !staged) return;
  const begins = kind === entryKind.begin || kind === entryKind.unbegun;
  if (begins && isOutermost) events.push({ type: "run-start", runId, atMs, agent });
  const hasFailed = kind === entryKind.fail || kind === entryKind.stageFail;
  if (!begins && kind !== entryKind.runEnd) addStageEnd(events, frame, index, runId, atMs, hasFailed);
  if (kind === entryKind.begin) addStageStart(events, frame, index, runId, atMs);
  else if (kind === entryKind.boundary) addStageStart(events, frame, index + 1, runId, atMs);
  else if (isOutermost && kind !== entryKind.lastStage && kind !== entryKind.stageFail)
    events.push({ type: "run-end", runId, atMs, agent, status: frame.outcome });
}

export function addStageStart(
  events: RunEvent[],
  frame: Frame,
  index: number,
  runId: string,
  atMs: number,
): void {
  const step = frame.program.steps[index];
  if (step === undefined) return;
  events.push({ type: "stage-start", runId, atMs, stage: stageOf(frame, step, index), agent: step.agent });
}

export function addStageEnd(
  events: RunEvent[],
  frame: Frame,
  index: number,
  runId: string,
  atMs: number,
  hasFailed: boolean,
): void {
  const step = frame.program.steps[index];
  // A stage that was passed has said so.
  if (step === undefined || frame.rare?.passed?.[index] !== undefined) return;
  const stage = stageOf(frame, step, index);
  const { agent } = step;
  const { error } = frame;
  if (!hasFailed || error === undefined) events.push({ type: "stage-end", runId, atMs, stage, agent });
  else if (error.code === "CANCELLED")
    events.push({ type: "stage-cancelled", runId, atMs, stage, agent, error });
  else events.push({ type: "stage-error", runId, atMs, stage, agent, error });
}

function stageOf(frame: Frame, step: Step, index: number): string {
  if (frame.place === undefined) return step.id;
  return frame.pathOf(index) || step.id;
}
