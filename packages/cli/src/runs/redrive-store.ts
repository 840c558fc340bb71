import type { RunRecord, RunStore } from "@atomic-agents/core";

/**
 * The store of a re-drive. Its records say from the first one on whose letters it takes, which the flow itself knows only
 * when it has read them, and once that one is saved, `ask` says whether the run may go on. Of two processes that each save
 * their run before they look for those of others, at least one finds the other's: both cannot go on unseen.
 *
 * @param redriveOf the run whose letters they are
 */
export function redriveStore(
  store: RunStore,
  redriveOf: string,
  ask: (record: RunRecord) => Promise<void>,
): RunStore {
  let hasAsked = false;
  return {
    save: async (record) => {
      const { flow } = record;
      await store.save(flow === undefined ? record : { ...record, flow: { ...flow, redriveOf } });
      if (hasAsked) return;
      hasAsked = true;
      await ask(record);
    },
    get: (runId) => store.get(runId),
    list: (query) => store.list(query),
    delete: (runId) => store.delete(runId),
  };
}
