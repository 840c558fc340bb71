import { type Log, type RunRecord, type RunStore, systemClock } from "@atomic-agents/core";
import { unpublishedFiles } from "@atomic-agents/flow";
import { runStateOf, type UnpublishedAddition, unpublishedAdditions } from "@atomic-agents/project";
import { rm, stat } from "node:fs/promises";
import { shellWord } from "../output/shell-word.ts";
import { shownPath } from "../output/shown-path.ts";
import { isGone } from "./is-gone.ts";

/** A run that goes on is saved every ten seconds. */
const silentMs = 60_000;
/** What may be of a run that goes on is told of when it has not been written for a day. */
const oldMs = 86_400_000;

/**
 * Removes what runs that are surely over have left beside outputs under temporary names, and tells of what is old but may be of one
 * that goes on. Never rejects: it is no reason not to run.
 *
 * @param outputs absolute paths
 */
export async function clearLeftFiles(store: RunStore, outputs: readonly string[], log: Log): Promise<void> {
  for (const output of outputs) {
    try {
      const all = [...(await unpublishedFiles(output)), ...(await unpublishedAdditions(output))];
      for (const left of all) await clear(left, await store.get(left.runId), log);
    } catch (error) {
      log.debug("What lies beside an output could not be looked at", { file: output, error });
    }
  }
}

async function clear(
  { path, runId }: UnpublishedAddition,
  record: RunRecord | undefined,
  log: Log,
): Promise<void> {
  if (record !== undefined && isSurelyOver(record)) {
    await rm(path, { recursive: true, force: true });
    log.info("Removed what a run that was killed had left", { file: path, of: runId });
    return;
  }
  if (systemClock.timestamp() - (await stat(path)).mtimeMs < oldMs) return;
  log.warn("A run that may have been killed has left a file", {
    file: path,
    of: runId,
    hint: `When it is over: rm -r ${shellWord(shownPath(path))}`,
  });
}

/**
 * Whether a run's record says that it has ended, or its process is gone and was silent before: the same number and the same
 * name may be those of a process in another container.
 */
function isSurelyOver(record: RunRecord, nowMs: number = systemClock.timestamp()): boolean {
  const { flow } = record;
  if (flow === undefined) return false;
  const state = runStateOf(record, { nowMs: flow.updatedAtMs });
  if (state !== "interrupted") return !["pending", "running", "waiting"].includes(state);
  return isGone(record) && nowMs - flow.updatedAtMs > silentMs;
}
