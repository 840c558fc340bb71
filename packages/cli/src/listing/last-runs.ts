import type { RunStore } from "@atomic-agents/core";
import { runLineOf } from "../runs/run-line.ts";
import { inTurn } from "./in-turn.ts";
import type { LastRun, Listed, ListedState } from "./listed.ts";
import type { Look } from "./look-at-project.ts";

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
  const own = await inTurn(looks, 4, async ({ runNames }) => {
    const names = [...new Set(runNames)];
    return latest(await inTurn(names, 1, (name) => lastRunOf(name, store)));
  });
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

async function lastRunOf(agent: string, store: RunStore): Promise<LastRun | undefined> {
  const [record] = await store.list({ agent, limit: 1 });
  if (record === undefined) return undefined;
  const { runId, status, startedAtMs } = runLineOf(record);
  return { runId, status, startedAtMs };
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
