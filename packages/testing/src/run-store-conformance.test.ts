/** Stores that are wrong in one way each, to show that each behaviour can fail. */
import {
  MemoryRunStore,
  recordFromJson,
  recordToJson,
  type RunRecord,
  type RunStore,
} from "@atomic-agents/core";
import { AssertionError } from "node:assert";
import { expect, test } from "vitest";
import {
  expectStoreConforms,
  runStoreBehaviours,
  type StoreConformanceOptions,
} from "./run-store-conformance.ts";

test.each(runStoreBehaviours)("the store in memory: $title", async ({ id }) => {
  expect(await expectStoreConforms(() => new MemoryRunStore(), { only: [id] })).toHaveLength(1);
});

/** Keeps records as text, as a store of files does. */
class TextStore implements RunStore {
  readonly memory = new MemoryRunStore();
  readonly texts = new Map<string, string>();

  async save(record: RunRecord): Promise<void> {
    await Promise.resolve();
    this.texts.set(record.report.runId, JSON.stringify(recordToJson(record)));
    this.memory.save(record);
  }

  get(runId: string): RunRecord | undefined {
    const text = this.texts.get(runId);
    return text === undefined ? undefined : recordFromJson(JSON.parse(text));
  }

  async list(query: Parameters<RunStore["list"]>[0]): Promise<readonly RunRecord[]> {
    await Promise.resolve();
    return this.memory.list(query).flatMap(({ report }) => this.get(report.runId) ?? []);
  }

  delete(runId: string): boolean {
    this.memory.delete(runId);
    return this.texts.delete(runId);
  }
}

test("a store that keeps text conforms", async () => {
  expect(await expectStoreConforms(() => new TextStore())).toHaveLength(runStoreBehaviours.length);
});

const noError = ({ error: _error, ...report }: RunRecord["report"]) => report;

/** A good store with parts replaced. */
const spoilt = (spoil: (store: MemoryRunStore) => Partial<RunStore>) => (): RunStore => {
  const store = new MemoryRunStore();
  const good: RunStore = {
    save: (record) => store.save(record),
    get: (runId) => store.get(runId),
    list: (query) => store.list(query),
    delete: (runId) => store.delete(runId),
  };
  return { ...good, ...spoil(store) };
};

const mutants: readonly (readonly [string, string, () => RunStore])[] = [
  [
    "keeps",
    "loses the user",
    spoilt((store) => ({ save: ({ userId: _lost, ...record }) => store.save(record) })),
  ],
  [
    "knows-no-other",
    "gives anything",
    spoilt((store) => ({ get: (id) => store.get(id) ?? store.list()[0] })),
  ],
  [
    "keeps-errors",
    "loses errors",
    spoilt((store) => ({ save: (record) => store.save({ ...record, report: noError(record.report) }) })),
  ],
  [
    "keeps-odd-values",
    "writes JSON without care",
    spoilt((store) => ({
      save: (record) => {
        JSON.stringify(record);
        store.save(record);
      },
    })),
  ],
  [
    "keeps-odd-ids",
    "has file names without regard to case",
    spoilt((store) => {
      const known = new Map<string, string>();
      return {
        save: (record) => {
          known.set(record.report.runId.toLowerCase(), record.report.runId);
          store.save(record);
        },
        get: (id) => store.get(known.get(id.toLowerCase()) ?? id),
      };
    }),
  ],
  [
    "replaces",
    "keeps the first",
    spoilt((store) => ({
      save: (record) => {
        if (store.get(record.report.runId) === undefined) store.save(record);
      },
    })),
  ],
  [
    "newest-first",
    "gives them as they came",
    spoilt((store) => {
      const order: string[] = [];
      return {
        save: (record) => {
          order.push(record.report.runId);
          store.save(record);
        },
        list: (query) => order.flatMap((id) => store.get(id) ?? []).slice(0, query?.limit ?? 100),
      };
    }),
  ],
  [
    "limits",
    "has no limit of its own",
    spoilt((store) => ({ list: (query) => store.list({ limit: 1_000, ...query }) })),
  ],
  [
    "by-agent",
    "looks for names that begin alike",
    spoilt((store) => ({
      list: ({ agent = "", ...query } = {}) =>
        store.list(query).filter(({ report }) => report.agent.startsWith(agent)),
    })),
  ],
  [
    "by-status",
    "does not know waiting",
    spoilt((store) => ({
      list: (query) => store.list(query).filter(({ report }) => report.status !== "waiting"),
    })),
  ],
  [
    "before",
    "takes the moment itself in",
    spoilt((store) => ({
      list: ({ beforeMs, ...query } = {}) =>
        store.list({ ...query, beforeMs: beforeMs === undefined ? undefined : beforeMs + 0.5 }),
    })),
  ],
  [
    "same-moment",
    "knows no ids to go on from",
    spoilt((store) => ({
      list: ({ beforeRunId: _beforeRunId, ...query } = {}) => store.list(query),
    })),
  ],
  [
    "keeps-flow",
    "knows nothing of flows",
    spoilt((store) => ({ save: ({ flow: _flow, ...record }) => store.save(record) })),
  ],
  [
    "all-at-once",
    "limits before it filters",
    spoilt((store) => ({
      list: ({ limit = 100, ...query } = {}) => {
        const first = store.list({ limit });
        return store.list(query).filter((record) => first.includes(record));
      },
    })),
  ],
  [
    "deletes",
    "does not say whether there was one",
    spoilt((store) => ({
      delete: (id) => {
        store.delete(id);
        return true;
      },
    })),
  ],
  [
    "at-a-time",
    "loses what comes while it saves",
    spoilt((store) => {
      let saving = false;
      return {
        save: async (record) => {
          if (saving) return;
          saving = true;
          await Promise.resolve();
          store.save(record);
          saving = false;
        },
      };
    }),
  ],
  [
    "own-lists",
    "hands out its own list",
    spoilt((store) => {
      const own: RunRecord[] = [];
      return {
        save: (record) => void own.push(record),
        list: () => own,
        delete: (id) => {
          own.splice(
            own.findIndex(({ report }) => report.runId === id),
            1,
          );
          return store.delete(id);
        },
      };
    }),
  ],
];

test("every behaviour has a mutant", () => {
  expect(mutants.map(([id]) => id)).toEqual(runStoreBehaviours.map(({ id }) => id));
});

test.each(mutants)("%s fails for a store that %s", async (id, _fault, createStore) => {
  const failure = expectStoreConforms(createStore, { only: [id] });
  await expect(failure).rejects.toThrow(AssertionError);
  await expect(failure).rejects.toThrow(`1 of 1 behaviours failed\n  ${id}: `);
});

test("a store that hangs, throws or rejects fails the behaviour, and is disposed of", async () => {
  let open = 0;
  const broken = (save: RunStore["save"]) => () => {
    open++;
    return {
      ...spoilt(() => ({ save }))(),
      [Symbol.asyncDispose]: async () => {
        await Promise.resolve();
        open--;
      },
    };
  };
  const options = { only: ["keeps"], patienceMs: 5 };
  await expect(
    expectStoreConforms(
      broken(() => new Promise(() => {})),
      options,
    ),
  ).rejects.toThrow("save took longer than 5 ms");
  for (const save of [
    () => {
      throw new Error("disk full");
    },
    () => Promise.reject(new Error("disk full")),
  ]) {
    await expect(expectStoreConforms(broken(save), options)).rejects.toThrow("disk full");
  }
  expect(open).toBe(0);
});

test.each([
  [null, {}, "createStore"],
  [() => new MemoryRunStore(), { nowMs: Number.NaN }, "nowMs"],
  [() => new MemoryRunStore(), { patienceMs: -1 }, "patienceMs"],
  [() => new MemoryRunStore(), { only: ["keep"] }, "only"],
  [() => new MemoryRunStore(), { only: [] }, "only"],
  [() => new MemoryRunStore(), { patience: 1 }, "patience"],
])("%j with %j is refused", async (createStore, options, path) => {
  await expect(
    expectStoreConforms(createStore as () => RunStore, options as StoreConformanceOptions),
  ).rejects.toMatchObject({
    code: "CONFIG",
    details: { path },
  });
});
