import type { FlowProgress } from "@atomic-agents/flow";
import { styleText } from "node:util";
import { Pace } from "../output/pace.ts";
import { type Mark, progressLine, progressText, type ProgressView } from "../output/progress-line.ts";
import { showsUnicode } from "./shows-unicode.ts";
import type { StatusLine } from "./status-line.ts";

/** What is watched: a flow's run. */
export interface WatchedFlow {
  readonly progress: () => FlowProgress;
}

/** How it is told. */
export interface WatchFlowOptions {
  /** As a line of JSON each, for programs. */
  readonly json: boolean;
  /** The moment in milliseconds, from wherever. */
  readonly now?: (() => number) | undefined;
}

const redrawMs = 200;
const jsonMs = 1_000;
/** Where lines stay, as in a log, few are enough. */
const plainMs = 10_000;

/**
 * Tells on standard error how far a flow has come: on a terminal as one line that changes five times a second, elsewhere as
 * a line every ten seconds, and for programs as `{"progress": …}` every second. Returns what ends it.
 */
export function watchFlow(
  run: WatchedFlow,
  status: StatusLine,
  { json, now = () => performance.now() }: WatchFlowOptions,
): () => void {
  const startMs = now();
  const pace = new Pace(startMs);
  const look = (): ProgressView => {
    const progress = run.progress();
    const atMs = now();
    pace.note({ atMs, count: progress.read, ratio: progress.ratio });
    return { progress, perSecond: pace.perSecond, msLeft: pace.msLeft, elapsedMs: atMs - startMs };
  };
  const ascii = !showsUnicode();
  const draw = () => {
    const view = look();
    if (json) status.writeLine(jsonText(view));
    else if (status.live) status.show((width) => progressLine(view, { width, ascii, mark }));
    else status.writeLine(progressText(view));
  };
  const timer = setInterval(draw, json ? jsonMs : status.live ? redrawMs : plainMs);
  return () => {
    clearInterval(timer);
    status.clear();
  };
}

const mark: Mark = (text, kind) =>
  styleText(kind === "bar" ? "green" : kind === "rest" ? "dim" : "red", text, { stream: process.stderr });

function jsonText({ progress, perSecond, msLeft, elapsedMs }: ProgressView): string {
  return JSON.stringify({
    progress: {
      ...progress,
      recordsPerSecond: Math.round(perSecond * 10) / 10,
      elapsedMs: Math.round(elapsedMs),
      leftMs: msLeft === undefined ? undefined : Math.round(msLeft),
    },
  });
}
