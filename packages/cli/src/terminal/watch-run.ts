import type { Run, RunEvent } from "@atomic-agents/core";
import { visible } from "../output/visible.ts";
import type { StatusLine } from "./status-line.ts";

const redrawMs = 100;

/**
 * Shows how a run goes: on a terminal as one line that changes, and with `verbose` as a line for each event, which
 * stays. Returns what takes the changing line away.
 */
export function watchRun(run: Run<unknown>, status: StatusLine, verbose: boolean): () => void {
  if (!status.live && !verbose) return () => {};
  const running = new Set<string>();
  let ended = 0;
  const follow = async () => {
    for await (const event of run.events) {
      if (event.type === "stage-start") running.add(event.stage);
      if (isEndOfStage(event)) {
        running.delete(event.stage);
        // Stages of stages have a path with a slash; the report counts the outer ones.
        if (!event.stage.includes("/")) ended++;
      }
      if (verbose) status.writeLine(visible(eventLine(event)));
    }
  };
  // Looping over events never throws, and a line that cannot be written fails as an error of the stream.
  void follow();
  if (!status.live) return () => {};
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    const stages = run.report().stages.length;
    const count = stages > 1 ? `${ended}/${stages} ` : "";
    status.show(`${count}${innermost(running).join(", ") || "waiting"} ${seconds} s`);
  }, redrawMs);
  return () => {
    clearInterval(timer);
    status.clear();
  };
}

type StageEnd = Extract<
  RunEvent,
  { readonly type: "stage-end" | "stage-error" | "stage-pass" | "stage-cancelled" }
>;

function isEndOfStage(event: RunEvent): event is StageEnd {
  return ["stage-end", "stage-error", "stage-pass", "stage-cancelled"].includes(event.type);
}

/** Stages without the ones that only hold others of them. */
function innermost(stages: ReadonlySet<string>): readonly string[] {
  const all = [...stages];
  return all.filter((stage) => !all.some((other) => other.startsWith(`${stage}/`)));
}

function eventLine(event: RunEvent): string {
  const at = `${event.atMs.toFixed(1).padStart(8)} ms  `;
  switch (event.type) {
    case "run-start":
      return `${at}run ${event.runId} of ${event.agent} begins`;
    case "run-end":
      return `${at}run ends: ${event.status}`;
    case "stage-start":
      return `${at}${event.stage} begins`;
    case "stage-end":
      return `${at}${event.stage} ends`;
    case "stage-error":
      return `${at}${event.stage} fails: ${event.error.message}`;
    case "stage-pass":
      return `${at}${event.stage} passes its input on: ${event.error.message}`;
    case "stage-cancelled":
      return `${at}${event.stage} is cancelled`;
    case "stage-retry":
      return `${at}${event.stage} tries again in ${Math.round(event.delayMs)} ms, attempt ${event.attempt} failed: ${event.error.message}`;
    case "stage-undo":
      return `${at}${event.stage} is undone`;
    case "stage-undo-error":
      return `${at}${event.stage} cannot be undone: ${event.error.message}`;
    case "resource-error":
      return `${at}${event.error.message}`;
    case "custom":
      return `${at}${event.stage} says ${event.name}`;
  }
}
