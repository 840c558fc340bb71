import type { FlowRun, FlowSummary } from "@atomic-agents/flow";
import type { Session } from "../terminal/session.ts";
import { watchFlow } from "../terminal/watch-flow.ts";

/** How a run ended, and whether it was because nobody reads what it writes to standard output. */
export interface WatchedRun {
  readonly summary: FlowSummary;
  readonly isUnread: boolean;
}

/** Shows how a flow goes until it has ended. A reader of standard output who goes ends it, as Ctrl-C does. */
export async function watchedRun(run: FlowRun, session: Session, json: boolean): Promise<WatchedRun> {
  const { status, reader } = session;
  const takeBack = reader.whenGone((error) => {
    // Where it is the flow that writes there, it fails by itself and says more.
    setImmediate(() => run.cancel(`standard output cannot be written: ${error.message}`));
  });
  const stop = watchFlow(run, status, { json });
  try {
    const summary = await run.summary;
    return { summary, isUnread: reader.isGone() };
  } finally {
    stop();
    takeBack();
  }
}
