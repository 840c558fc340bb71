import type { RunEvent, RunStatus } from "@atomic-agents/core";

/** What is wrong with the events of a run that has ended. */
export function checkEvents(
  events: readonly RunEvent[],
  dropped: number,
  status: RunStatus,
  maxRetries: number,
): readonly string[] {
  const problems: string[] = [];
  const retries = events.filter(({ type }) => type === "stage-retry").length;
  if (retries > maxRetries) problems.push(`${retries} retries, ${maxRetries} were allowed`);
  const ends = events.filter((event) => event.type === "run-end");
  if (ends.length !== 1) problems.push(`run-end was told ${ends.length} times`);
  if (ends[0]?.status !== status) problems.push(`run-end says ${ends[0]?.status}, the run ${status}`);
  let atMs = 0;
  let hasEnded = false;
  const open = new Map<string, number>();
  for (const event of events) {
    if (event.atMs < atMs) problems.push(`${event.type} is told after what came later`);
    ({ atMs } = event);
    // Work that was given up on, and succeeds after all, is undone whenever that is.
    if (hasEnded && event.type !== "stage-undo" && event.type !== "stage-undo-error") {
      problems.push(`${event.type} is told after run-end`);
    }
    if (event.type === "run-end") hasEnded = true;
    if (event.type === "stage-start") open.set(event.stage, (open.get(event.stage) ?? 0) + 1);
    if (isStageEnd(event)) {
      const left = (open.get(event.stage) ?? 0) - 1;
      open.set(event.stage, left);
      if (left < 0 && dropped === 0) problems.push(`${event.type} ${event.stage} is told without a start`);
    }
  }
  if (dropped === 0) {
    if (events[0]?.type !== "run-start") problems.push(`the first event is ${events[0]?.type}`);
    for (const [stage, count] of open) if (count !== 0) problems.push(`${stage} began and has no end`);
  }
  return problems;
}

function isStageEnd(event: RunEvent): event is Extract<RunEvent, { readonly stage: string }> {
  return ["stage-end", "stage-error", "stage-cancelled", "stage-pass"].includes(event.type);
}
