import type { AtomicError } from "../errors/atomic-error.ts";
import type { RunEvent } from "./events.ts";
import type { Frame } from "./frame.ts";

/** What a journal entry is about. */
export const entryKind = { begin: 0, boundary: 1, end: 2, fail: 3, other: 4, unbegun: 5 } as const;
export type EntryKind = (typeof entryKind)[keyof typeof entryKind];

/** Adds the events that an entry stands for; `outermost` is the frame whose run the journal is of. */
export function addStageEvents(
  events: RunEvent[],
  outermostFrame: Frame,
  kind: EntryKind,
  frame: Frame,
  index: number,
  runId: string,
  atMs: number,
): void {
  const { steps, agent } = frame.program;
  const outermost = frame === outermostFrame;
  if (kind === entryKind.unbegun) {
    events.push({ type: "run-start", runId, atMs, agent }, { type: "run-end", runId, atMs, agent, status: frame.status });
    return;
  }
  // A composed agent's own frame within a stage: the stage has said the same.
  if (!outermost && !frame.program.staged) return;
  if (kind === entryKind.begin) {
    if (outermost) events.push({ type: "run-start", runId, atMs, agent });
    stageStart(events, frame, index, runId, atMs);
    return;
  }
  const step = steps[index];
  // A stage that was passed has said so.
  if (step !== undefined && frame.rare?.passed?.[index] === undefined) {
    const stage = frame.pathOf(index) || step.id;
    if (kind === entryKind.fail) {
      // A frame that failed at this index has its error.
      const error = frame.error as AtomicError;
      const type = error.code === "CANCELLED" ? "stage-cancelled" : "stage-error";
      events.push({ type, runId, atMs, stage, agent: step.agent, error });
    } else {
      events.push({ type: "stage-end", runId, atMs, stage, agent: step.agent });
    }
  }
  if (kind === entryKind.boundary) stageStart(events, frame, index + 1, runId, atMs);
  else if (outermost) {
    const status = kind === entryKind.end ? "success" : frame.status;
    events.push({ type: "run-end", runId, atMs, agent, status });
  }
}

function stageStart(events: RunEvent[], frame: Frame, index: number, runId: string, atMs: number): void {
  const step = frame.program.steps[index];
  if (step === undefined) return;
  events.push({ type: "stage-start", runId, atMs, stage: frame.pathOf(index) || step.id, agent: step.agent });
}
