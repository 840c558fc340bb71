import type { Run } from "@atomic-agents/core";
import { draftText } from "../output/draft-text.ts";
import type { StatusLine } from "./status-line.ts";
import { watchRun } from "./watch-run.ts";

/**
 * Shows drafts of a run's output while they come: in the line that changes, or for programs as a line of JSON each. With
 * `verbose` each step has a line as well. Returns what takes the changing line away.
 */
export function watchDrafts(
  run: Run<unknown>,
  status: StatusLine,
  { json = false, verbose = false }: { readonly json?: boolean; readonly verbose?: boolean },
): () => void {
  const stopWatching = verbose ? watchRun(run, status, verbose) : () => {};
  const follow = async () => {
    for await (const draft of run.partials) {
      if (json) status.writeLine(JSON.stringify({ draft }));
      else status.show(draftText(draft));
    }
  };
  // Looping over drafts never throws.
  void follow();
  return () => {
    stopWatching();
    status.clear();
  };
}
