import { AssertionError } from "node:assert";
import { isDeepStrictEqual } from "node:util";
import {
  AtomicError,
  type MaybePromise,
  recordToJson,
  type RunEvent,
  type RunFlow,
  type RunQuery,
  type RunRecord,
  type RunStatus,
  type RunStore,
  systemClock,
} from "@atomic-agents/core";
import { ensure } from "./conformance/verdict.ts";
import { checkSpanMs, preview, usageError } from "./usage-error.ts";

/** How a store is looked at. */
export interface StoreConformanceOptions {
  /** When the runs were that are saved, in milliseconds since 1970; now. A store that lets old records go must keep them. */
  readonly nowMs?: number | undefined;
  /** How long one call of the store may take: 5,000 ms. */
  readonly patienceMs?: number | undefined;
  /** Only the behaviours with these ids. */
  readonly only?: readonly string[] | undefined;
}

/** Something that every `RunStore` does. */
export interface StoreBehaviour {
  readonly id: string;
  /** What is so, in one sentence. */
  readonly title: string;
}

type Check = (store: WatchedStore, nowMs: number) => Promise<void>;

const checks: readonly (readonly [string, string, Check])[] = [
  ["keeps", "what was saved is found by its run id, as JSON has it", keeps],
  ["knows-no-other", "what was not saved is not found", knowsNoOther],
  ["keeps-errors", "errors come back with code, message, place and details", keepsErrors],
  ["keeps-odd-values", "values that are no JSON, or are large, do not fail", keepsOddValues],
  ["keeps-odd-ids", "run ids are any text, and are told apart by each character", keepsOddIds],
  ["replaces", "a run that is saved again takes the place of what was saved before", replaces],
  ["newest-first", "list gives the run that began last first", newestFirst],
  ["limits", "list gives as many as it is asked for, 100 unless it is told", limits],
  ["by-agent", "list finds the runs of an agent, by its whole name", byAgent],
  ["by-status", "list finds the runs of a status", byStatus],
  ["before", "list finds the runs that began before a moment, so that pages follow one another", before],
  [
    "same-moment",
    "runs that began in one moment come in the order of their ids, and pages miss none of them",
    sameMoment,
  ],
  ["keeps-flow", "what is kept of a run of a flow comes back", keepsFlow],
  ["all-at-once", "a record is given when all that the query says holds", allAtOnce],
  ["deletes", "what was deleted is gone, and can be saved again", deletes],
  ["at-a-time", "many calls at a time lose nothing and mix nothing up", atATime],
  ["own-lists", "a list that was given does not change, and changing it changes nothing", ownLists],
];

/** What is expected of every store of runs, in order. */
export const runStoreBehaviours: readonly StoreBehaviour[] = Object.freeze(
  checks.map(([id, title]) => Object.freeze({ id, title })),
);

/**
 * Asserts that a store of runs does what `RunStore` says. Each behaviour is looked at with a store of its own, which is
 * empty; one that has `Symbol.asyncDispose` or `Symbol.dispose` is disposed of. Needs no test framework, and fails in any.
 *
 * @returns the behaviours that were looked at
 * @throws AssertionError that says which behaviours do not hold and why; AtomicError `CONFIG` for a wrong option
 * @example
 * ```ts
 * const held = await expectStoreConforms(() => new MemoryRunStore());
 * console.log(held.length); // => 17
 * ```
 */
export async function expectStoreConforms(
  createStore: () => MaybePromise<RunStore>,
  options: StoreConformanceOptions = {},
): Promise<readonly StoreBehaviour[]> {
  const what = "expectStoreConforms";
  if (typeof createStore !== "function") {
    throw usageError(what, "createStore", "a function that gives a store", createStore);
  }
  const { nowMs = systemClock.timestamp(), patienceMs = 5_000 } = options;
  if (!Number.isFinite(nowMs)) throw usageError(what, "nowMs", "milliseconds since 1970", nowMs);
  checkSpanMs(what, "patienceMs", patienceMs);
  const chosen = chosenOf(what, options);
  const broken: string[] = [];
  for (const [id, title, check] of chosen) {
    try {
      const store = await createStore();
      try {
        await check(new WatchedStore(store, patienceMs), nowMs);
      } finally {
        await dispose(store);
      }
    } catch (thrown) {
      broken.push(`${id}: ${title}\n    ${thrown instanceof Error ? thrown.message : preview(thrown)}`);
    }
  }
  if (broken.length === 0) return chosen.map(([id, title]) => ({ id, title }));
  throw new AssertionError({
    message: `The store does not conform: ${broken.length} of ${chosen.length} behaviours failed\n  ${broken.join("\n  ")}`,
    actual: broken,
    expected: [],
    operator: what,
  });
}

function chosenOf(what: string, options: StoreConformanceOptions): typeof checks {
  const known = ["nowMs", "patienceMs", "only"];
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw usageError(what, key, `one of ${known.join(", ")}`, key);
  }
  const { only } = options;
  if (only === undefined) return checks;
  const chosen = checks.filter(([id]) => only.includes(id));
  if (chosen.length === 0 || chosen.length !== only.length) {
    throw usageError(what, "only", `some of ${checks.map(([id]) => id).join(", ")}`, only);
  }
  return chosen;
}

async function dispose(store: object): Promise<void> {
  const { [Symbol.asyncDispose]: disposeAsync, [Symbol.dispose]: disposeNow } = store as Partial<
    AsyncDisposable & Disposable
  >;
  if (disposeAsync !== undefined) await disposeAsync.call(store);
  else disposeNow?.call(store);
}

/** A store each of whose calls has to end in time. */
class WatchedStore {
  private readonly store: RunStore;
  private readonly patienceMs: number;

  constructor(store: RunStore, patienceMs: number) {
    this.store = store;
    this.patienceMs = patienceMs;
  }

  async save(...records: readonly RunRecord[]): Promise<void> {
    for (const record of records) await this.inTime("save", this.store.save(record));
  }

  get(runId: string): Promise<RunRecord | undefined> {
    return this.inTime("get", this.store.get(runId));
  }

  list(query?: RunQuery): Promise<readonly RunRecord[]> {
    return this.inTime("list", this.store.list(query));
  }

  delete(runId: string): Promise<boolean> {
    return this.inTime("delete", this.store.delete(runId));
  }

  /** The run ids that a query gives, in order. */
  async ids(query?: RunQuery): Promise<readonly string[]> {
    return (await this.list(query)).map(({ report }) => report.runId);
  }

  private async inTime<T>(method: string, value: MaybePromise<T>): Promise<T> {
    let stop: (() => void) | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const fail = () => reject(new Error(`${method} took longer than ${this.patienceMs} ms`));
      stop = systemClock.setTimer(fail, this.patienceMs).cancel;
    });
    try {
      return await Promise.race([value, late]);
    } finally {
      stop?.();
    }
  }
}

interface RecordParts extends Pick<RunRecord, "userId" | "sessionId" | "metadata" | "flow"> {
  readonly agent?: string;
  readonly status?: RunStatus;
  readonly startedAtMs: number;
  readonly error?: AtomicError;
  readonly data?: unknown;
  readonly droppedEvents?: number;
}

function recordOf(runId: string, parts: RecordParts): RunRecord {
  const {
    agent = "triage",
    status = "success",
    startedAtMs,
    error,
    data,
    droppedEvents = 0,
    ...rest
  } = parts;
  const stage = { stage: "clean", agent: "clean", runId };
  const failed = error === undefined ? {} : { error };
  const events: readonly RunEvent[] = [
    { type: "run-start", runId, atMs: 0, agent },
    { ...stage, type: "stage-start", atMs: 0 },
    { ...stage, type: "custom", atMs: 1, name: "seen", data },
    error === undefined
      ? { ...stage, type: "stage-end", atMs: 2 }
      : { ...stage, type: "stage-error", atMs: 2, error },
    { type: "run-end", runId, atMs: 2, agent, status },
  ];
  return {
    report: {
      runId,
      requestId: `request of ${runId}`,
      agent,
      status,
      startedAtMs,
      durationMs: 2,
      stages: [
        {
          id: "clean",
          agent: "clean",
          status: error === undefined ? "success" : "failed",
          attempts: 1,
          atMs: 0,
          durationMs: 2,
          ...failed,
          stages: [{ id: "trim", agent: "trim", status: "success", attempts: 2, atMs: 0, durationMs: 1 }],
        },
      ],
      ...failed,
    },
    events,
    droppedEvents,
    ...rest,
  };
}

/** Fails unless a record is there and is what was saved, as JSON has it. */
function ensureSame(what: string, got: RunRecord | undefined, saved: RunRecord): void {
  ensure(got !== undefined, () => `${what} gave nothing`);
  const [is, was] = [recordToJson(got), recordToJson(saved)];
  const key = Object.keys({ ...was, ...is }).find((one) => !isDeepStrictEqual(is[one], was[one]));
  ensure(key === undefined, () => {
    return `${what} gave another ${key}: ${preview(is[key ?? ""])} instead of ${preview(was[key ?? ""])}`;
  });
}

function ensureIds(what: string, got: readonly string[], expected: readonly string[]): void {
  ensure(
    isDeepStrictEqual(got, expected),
    () => `${what} gave ${preview(got)} instead of ${preview(expected)}`,
  );
}

async function keeps(store: WatchedStore, nowMs: number): Promise<void> {
  const full = recordOf("full", {
    startedAtMs: nowMs,
    data: { text: "a\u2028b \ud83d\ude00", list: [1, 0.1, null, true], "": {} },
    droppedEvents: 3,
    userId: "ada",
    sessionId: "s-1",
    metadata: { tenant: "acme", nested: { deep: [1] } },
  });
  const bare = recordOf("bare", { startedAtMs: nowMs });
  await store.save(full, bare);
  ensureSame("get", await store.get("full"), full);
  const got = await store.get("bare");
  ensureSame("get", got, bare);
  for (const key of ["userId", "sessionId", "metadata"] as const) {
    ensure(got?.[key] === undefined, () => `a record without ${key} came back with ${preview(got?.[key])}`);
  }
  ensureSame(
    "list",
    (await store.list({ limit: 2 })).find(({ report }) => report.runId === "full"),
    full,
  );
}

async function knowsNoOther(store: WatchedStore, nowMs: number): Promise<void> {
  ensure((await store.get("a")) === undefined, () => "an empty store has a record");
  ensureIds("list of an empty store", await store.ids(), []);
  ensure(!(await store.delete("a")), () => "delete of what is not there gave true");
  await store.save(recordOf("a", { startedAtMs: nowMs }));
  ensure((await store.get("b")) === undefined, () => 'get("b") gave a record when only "a" was saved');
}

async function keepsErrors(store: WatchedStore, nowMs: number): Promise<void> {
  const error = new AtomicError("TIMEOUT", "too slow", {
    agent: "clean",
    stage: "clean",
    runId: "failed",
    requestId: "request of failed",
    details: { scope: "attempt", timeoutMs: 50 },
    hint: "Give it more time.",
    retryable: false,
    disposition: "dead-letter",
    timestamp: nowMs,
    cause: new Error("inner"),
  });
  const saved = recordOf("failed", { startedAtMs: nowMs, status: "failed", error });
  await store.save(saved);
  const got = await store.get("failed");
  ensureSame("get", got, saved);
  ensure(AtomicError.isInstance(got?.report.error, "TIMEOUT"), () => {
    return `the report's error is no AtomicError TIMEOUT but ${preview(got?.report.error)}`;
  });
}

async function keepsOddValues(store: WatchedStore, nowMs: number): Promise<void> {
  const circular: Record<string, unknown> = { a: 1 };
  circular["self"] = circular;
  const values: readonly (readonly [string, unknown])[] = [
    ["circular", circular],
    ["a bigint", 5n],
    ["huge", Array.from({ length: 20_000 }, (_, index) => `item ${index}`)],
    ["a function", () => {}],
    ["nothing", undefined],
    [
      "a getter that throws",
      {
        get bad() {
          throw new Error("not to be read");
        },
      },
    ], // prettier-ignore
    ["a name of the prototype", JSON.parse('{"__proto__":{"a":1}}')],
    ["half a character", "\ud83d"],
  ];
  for (const [name, data] of values) {
    const saved = recordOf(name, { startedAtMs: nowMs, data, metadata: { data } });
    await store.save(saved);
    const got = await store.get(name);
    ensure(
      got?.events.length === saved.events.length,
      () => `the record with data that is ${name} is not whole`,
    );
  }
}

async function keepsOddIds(store: WatchedStore, nowMs: number): Promise<void> {
  const ids = [
    "run",
    "Run",
    "run ",
    "r\u00fcn",
    "ru\u0308n",
    "../run",
    "a/b\\c",
    ".",
    "..",
    "__proto__",
    "constructor",
    "con",
    "a:b*?\"<>|'%00%2e",
    "new\nline",
    "\ud83d\ude00",
    "x".repeat(1_000),
    `${"x".repeat(1_000)}y`,
  ];
  const saved = ids.map((id, index) => recordOf(id, { startedAtMs: nowMs - index, userId: `user ${index}` }));
  await store.save(...saved);
  for (const record of saved) {
    const { runId } = record.report;
    ensureSame(`get(${preview(runId)})`, await store.get(runId), record);
  }
  ensureIds("list", await store.ids(), ids);
}

async function replaces(store: WatchedStore, nowMs: number): Promise<void> {
  const running = recordOf("a", { startedAtMs: nowMs, status: "running", userId: "ada" });
  const ended = recordOf("a", { startedAtMs: nowMs, status: "success", droppedEvents: 7 });
  await store.save(running, ended);
  ensureSame("get", await store.get("a"), ended);
  ensureIds("list", await store.ids(), ["a"]);
  ensureIds("list of the former status", await store.ids({ status: "running" }), []);
}

async function newestFirst(store: WatchedStore, nowMs: number): Promise<void> {
  const offsets = [-30, -10, -50, -20.5, -40, -20.25];
  await store.save(...offsets.map((offset) => recordOf(`at ${offset}`, { startedAtMs: nowMs + offset })));
  const expected = offsets.toSorted((a, b) => b - a).map((offset) => `at ${offset}`);
  ensureIds("list", await store.ids(), expected);
  ensureIds("list of two", await store.ids({ limit: 2 }), expected.slice(0, 2));
}

async function limits(store: WatchedStore, nowMs: number): Promise<void> {
  const ids = Array.from({ length: 105 }, (_, index) => `run ${index}`);
  await store.save(...ids.map((id, index) => recordOf(id, { startedAtMs: nowMs - index })));
  ensureIds("list", await store.ids(), ids.slice(0, 100));
  ensureIds("list of one", await store.ids({ limit: 1 }), ids.slice(0, 1));
  ensureIds("list of 1,000", await store.ids({ limit: 1_000 }), ids);
  ensureIds(
    "list that is told nothing",
    await store.ids({ limit: undefined, agent: undefined }),
    ids.slice(0, 100),
  );
}

async function byAgent(store: WatchedStore, nowMs: number): Promise<void> {
  const agents = ["clean", "clean-text", "Clean", "c", "100%", "a_b", "acb"];
  await store.save(
    ...agents.map((agent, index) => recordOf(`of ${agent}`, { startedAtMs: nowMs - index, agent })),
  );
  for (const agent of agents) {
    ensureIds(`list of agent ${agent}`, await store.ids({ agent }), [`of ${agent}`]);
  }
  ensureIds("list of an agent that never ran", await store.ids({ agent: "clean-" }), []);
}

async function byStatus(store: WatchedStore, nowMs: number): Promise<void> {
  const statuses: readonly RunStatus[] = ["success", "failed", "partial", "cancelled", "running", "waiting"];
  await store.save(
    ...statuses.map((status, index) => recordOf(status, { startedAtMs: nowMs - index, status })),
  );
  for (const status of statuses) {
    ensureIds(`list of status ${status}`, await store.ids({ status }), [status]);
  }
  ensureIds("list of status pending", await store.ids({ status: "pending" }), []);
}

async function before(store: WatchedStore, nowMs: number): Promise<void> {
  const ids = Array.from({ length: 10 }, (_, index) => `run ${index}`);
  await store.save(...ids.map((id, index) => recordOf(id, { startedAtMs: nowMs - index })));
  ensureIds("list of what began before all", await store.ids({ beforeMs: nowMs - 9 }), []);
  const seen: string[] = [];
  let beforeMs: number | undefined;
  // One page more than there are: the last is empty.
  for (let page = 0; page < 5; page++) {
    const records = await store.list({ limit: 3, beforeMs });
    seen.push(...records.map(({ report }) => report.runId));
    beforeMs = records.at(-1)?.report.startedAtMs ?? beforeMs;
  }
  ensureIds("page after page", seen, ids);
}

async function sameMoment(store: WatchedStore, nowMs: number): Promise<void> {
  // Greatest first, by UTF-16 units: an emoji comes before a letter of the private use area.
  const ids = ["\ue000", "\ud83d\ude00", "b", "ab", "a9", "a10", "a", "B", ""];
  const mixed = ["a", "\ud83d\ude00", "ab", "", "a10", "\ue000", "b", "a9", "B"];
  await store.save(...mixed.map((id) => recordOf(id, { startedAtMs: nowMs })));
  await store.save(recordOf("later", { startedAtMs: nowMs + 1 }), recordOf("zz", { startedAtMs: nowMs - 1 }));
  const expected = ["later", ...ids, "zz"];
  ensureIds("list", await store.ids(), expected);
  ensureIds("list of what began before the moment", await store.ids({ beforeMs: nowMs }), ["zz"]);
  for (const limit of [1, 4, 100]) {
    const seen: string[] = [];
    let last: RunRecord["report"] | undefined;
    do {
      const query = { limit, beforeMs: last?.startedAtMs, beforeRunId: last?.runId };
      const records: readonly RunRecord[] = await store.list(query);
      seen.push(...records.map(({ report }) => report.runId));
      last = records.at(-1)?.report;
    } while (last !== undefined && seen.length <= expected.length);
    ensureIds(`pages of ${limit}`, seen, expected);
  }
}

async function keepsFlow(store: WatchedStore, nowMs: number): Promise<void> {
  const flow: RunFlow = {
    name: "tickets",
    hash: "0123456789abcdef",
    pid: 1,
    host: "here",
    updatedAtMs: nowMs,
    counts: { read: 10, delivered: 5, filtered: 2, deadLettered: 2, unfinished: 1 },
    emitted: 5,
    published: true,
    source: "in.jsonl",
    stages: [{ id: "clean", taken: 9, given: 7, filtered: 0, deadLettered: 2 }],
    sinks: [{ name: "out.jsonl", written: 5, published: true }],
    letters: 3,
    lettersTo: "letters.jsonl",
    redriveOf: "before",
    stoppedBy: { record: 10, source: "in.jsonl", file: "in.jsonl", line: 12 },
    origin: { file: "tickets.flow.yaml", args: ["--limit", "10"], limit: 10, dryRun: false },
  };
  const saved = recordOf("of a flow", { startedAtMs: nowMs, status: "partial", flow });
  await store.save(saved);
  ensureSame("get", await store.get("of a flow"), saved);
}

async function allAtOnce(store: WatchedStore, nowMs: number): Promise<void> {
  const records = ["a", "b"].flatMap((agent, byName) =>
    (["success", "failed"] as const).flatMap((status, byEnd) =>
      [0, 1, 2, 3].map((index) =>
        recordOf(`${agent} ${status} ${index}`, {
          agent,
          status,
          startedAtMs: nowMs - index * 10 - byName * 2 - byEnd,
        }),
      ),
    ),
  );
  await store.save(...records);
  const query = { agent: "b", status: "failed", beforeMs: nowMs - 3, limit: 2 } as const;
  ensureIds("list", await store.ids(query), ["b failed 1", "b failed 2"]);
}

async function deletes(store: WatchedStore, nowMs: number): Promise<void> {
  const [a, b] = [recordOf("a", { startedAtMs: nowMs }), recordOf("b", { startedAtMs: nowMs - 1 })];
  await store.save(a, b);
  ensure(await store.delete("a"), () => "delete of what is there did not give true");
  ensure((await store.get("a")) === undefined, () => "what was deleted is still found");
  ensureIds("list", await store.ids(), ["b"]);
  ensure(!(await store.delete("a")), () => "the second delete gave true");
  await store.save(a);
  ensureSame("get", await store.get("a"), a);
  ensureIds("list", await store.ids(), ["a", "b"]);
}

async function atATime(store: WatchedStore, nowMs: number): Promise<void> {
  const records = Array.from({ length: 50 }, (_, index) =>
    recordOf(`run ${index}`, { startedAtMs: nowMs - index, userId: `user ${index}` }),
  );
  const versions = Array.from({ length: 20 }, (_, index) =>
    recordOf("same", { startedAtMs: nowMs + 1, userId: `user ${index}`, droppedEvents: index }),
  );
  await Promise.all([...records, ...versions].map((record) => store.save(record)));
  for (const record of records) ensureSame("get", await store.get(record.report.runId), record);
  const same = await store.get("same");
  const whole = versions.find(({ userId }) => userId === same?.userId);
  ensure(whole !== undefined, () => `of a run that was saved often at a time came ${preview(same)}`);
  ensureSame("get of a run that was saved often at a time", same, whole);
  ensure((await store.ids()).length === 51, () => "list does not give each run once");
}

async function ownLists(store: WatchedStore, nowMs: number): Promise<void> {
  const [a, b] = [recordOf("a", { startedAtMs: nowMs }), recordOf("b", { startedAtMs: nowMs - 1 })];
  await store.save(a, b);
  const list = await store.list();
  await store.delete("a");
  ensure(list.length === 2, () => "a list that was given changed when a record was deleted");
  // As a program in JavaScript might do.
  if (!Object.isFrozen(list)) (list as RunRecord[]).length = 0;
  ensureIds("list", await store.ids(), ["b"]);
}
