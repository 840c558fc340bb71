import type { RunStore } from "@atomic-agents/core";
import { allRuns } from "../runs/all-runs.ts";
import { runLineOf } from "../runs/run-line.ts";
import type { LastRun, Listed, ListedState } from "./listed.ts";
import type { Look } from "./look-at-project.ts";

/** How many runs are looked through at most: of what ran before them, it is not told when. */
const maxRuns = 10_000;
const recentMs = 24 * 60 * 60 * 1_000;

/**
 * Adds to what has been looked at when it last ran, by itself or as a part of something else.
 *
 * @param nowMs milliseconds since 1970
 */
export async function withLastRuns(
  looks: readonly Look[],
  store: RunStore,
  nowMs: number,
): Promise<readonly Listed[]> {
  const runs = await lastRunsOf(new Set(looks.flatMap(({ runNames }) => runNames)), store);
  const own = looks.map(({ runNames }) => latest(runNames.map((name) => runs.get(name))));
  return looks.map(({ found }, index) => {
    const users = usersOf(found.name, looks);
    const lastRun = latest([own[index], ...looks.map((look, at) => (users.has(look) ? own[at] : undefined))]);
    return {
      ...found,
      state: stateOf(found.reason, lastRun, nowMs),
      ...(lastRun === undefined ? {} : { lastRun }),
    };
  });
}

/** By name, in one go: to ask for the runs of each name would read all of them as often as there are names. */
async function lastRunsOf(
  names: ReadonlySet<string>,
  store: RunStore,
): Promise<ReadonlyMap<string, LastRun>> {
  const found = new Map<string, LastRun>();
  let count = 0;
  for await (const record of allRuns(store)) {
    if (found.size === names.size || count++ >= maxRuns) break;
    const { name, runId, status, startedAtMs } = runLineOf(record);
    if (names.has(name) && !found.has(name)) found.set(name, { runId, status, startedAtMs });
  }
  return found;
}

/** What uses something, and what uses that. */
function usersOf(name: string, looks: readonly Look[], users: Set<Look> = new Set()): ReadonlySet<Look> {
  for (const look of looks) {
    if (users.has(look) || !look.uses.includes(name)) continue;
    users.add(look);
    usersOf(look.found.name, looks, users);
  }
  return users;
}

function latest(runs: readonly (LastRun | undefined)[]): LastRun | undefined {
  return runs
    .filter((run) => run !== undefined)
    .toSorted((a, b) => b.startedAtMs - a.startedAtMs)
    .at(0);
}

function stateOf(reason: string | undefined, lastRun: LastRun | undefined, nowMs: number): ListedState {
  if (reason !== undefined) return "broken";
  return lastRun !== undefined && nowMs - lastRun.startedAtMs < recentMs ? "ran" : "configured";
}
