import { isDeepStrictEqual } from "node:util";
import { createLog, type MaybePromise, systemClock } from "@atomic-agents/core";
import {
  defineSink,
  flow,
  type FlowRun,
  type FlowSummary,
  fromIterable,
  type Sink,
  type SinkContext,
  type SinkWriter,
} from "@atomic-agents/flow";
import { ensure } from "../conformance/verdict.ts";
import { preview, usageError } from "../usage-error.ts";
import { ensureBalance, ensureStatus } from "./balance.ts";
import {
  behavioursOf,
  type Check,
  chosenOf,
  type FlowBehaviour,
  type FlowConformanceOptions,
  lookAt,
  type Seen,
} from "./suite.ts";

/** A sink, and how it can be seen what it has done. */
export interface SinkCase<TRecord = unknown> {
  readonly sink: Sink<TRecord>;
  /** A record that it takes, by its number, counted from 0; each another. */
  readonly record: (number: number) => TRecord;
  /** The records that are there for all to see, in order; undefined when there is nothing, not even an empty result. */
  readonly shown: () => MaybePromise<readonly unknown[] | undefined>;
  /** Whether what is written is there at once and for good, as on a terminal; false unless it is said. */
  readonly isDirect?: boolean | undefined;
  /** What is left besides: names of temporary files, open handles and transactions. */
  readonly leftovers?: (() => MaybePromise<readonly string[]>) | undefined;
  /** A record that it cannot take. */
  readonly badRecord?: unknown;
  /** Has where records go fail from now on, as a full disk does. */
  readonly fail?: (() => void) | undefined;
  /** Removes what was made for the case. */
  readonly dispose?: (() => MaybePromise<void>) | undefined;
}

/** Makes a sink that goes to a place of its own. */
export type CreateSink<TRecord = unknown> = () => MaybePromise<SinkCase<TRecord>>;

class Lab {
  private readonly create: CreateSink;
  private readonly cases: SinkCase[] = [];

  constructor(create: CreateSink) {
    this.create = create;
  }

  async newCase(): Promise<SinkCase> {
    const made = await this.create();
    this.cases.push(made);
    return made;
  }

  async close(): Promise<void> {
    for (const { dispose } of this.cases.splice(0)) await dispose?.();
  }
}

const checks: readonly Check<Lab>[] = [
  ["shows-all", "all records are shown, in their order, when the flow has ended well", showsAll],
  ["shows-none", "also of no records there is a result", showsNone],
  ["again", "a second flow shows all of its own records", again],
  ["at-a-time", "two sinks at a time mix nothing up", atATime],
  ["hides", "nothing is shown before it is published", hides],
  ["takes-back", "what was written is gone when it is discarded, at any moment", takesBack],
  ["hides-failed", "nothing is shown or left of a flow that failed", hidesFailed],
  ["hides-cancelled", "nothing is shown or left of a flow that was cancelled, whenever", hidesCancelled],
  ["waits-for-others", "nothing is shown or left when another sink could not be prepared", waitsForOthers],
  ["keeps-shown", "what an earlier flow has shown stays when a later one fails", keepsShown],
  [
    "tells-failure",
    "when where records go fails, so does the flow, and nothing is shown or left",
    tellsFailure,
  ],
  ["refuses-record", "a record that cannot be written fails by itself", refusesRecord],
];

/** What is expected of every sink, in order. */
export const sinkBehaviours: readonly FlowBehaviour[] = behavioursOf(checks);

/**
 * Asserts that a sink does what flows expect of one. Each behaviour is looked at with sinks of its own. What a case does not
 * tell (`leftovers`, `badRecord`, `fail`) cannot be looked at, nor can what is hidden of a sink that `isDirect`. Needs no test
 * framework, and fails in any.
 *
 * @returns the behaviours that were seen
 * @throws AssertionError that says which behaviours do not hold and why; AtomicError `CONFIG` for a wrong option
 * @example
 * ```ts
 * import { defineSink } from "@atomic-agents/flow";
 *
 * const seen = await expectSinkConforms(() => {
 *   let shown: number[] | undefined;
 *   const sink = defineSink<number>({
 *     name: "list",
 *     open: () => {
 *       const written: number[] = [];
 *       return {
 *         write: (numbers) => void written.push(...numbers),
 *         publish: () => void (shown = written),
 *       };
 *     },
 *   });
 *   return { sink, record: (number) => number, shown: () => shown };
 * });
 * console.log(seen.length, "of", sinkBehaviours.length); // => 10 of 12
 * ```
 */
export async function expectSinkConforms<TRecord>(
  createSink: CreateSink<TRecord>,
  options: FlowConformanceOptions = {},
): Promise<readonly FlowBehaviour[]> {
  const what = "expectSinkConforms";
  if (typeof createSink !== "function") {
    throw usageError(what, "createSink", "a function that gives a sink", createSink);
  }
  // It is given only records that the case itself makes.
  const create = createSink as unknown as CreateSink;
  return lookAt(what, "sink", chosenOf(what, checks, options), () => new Lab(create));
}

/** More than most sinks take at a time. */
const manyRecords = 10_000;

function recordsOf({ record }: SinkCase, count: number, from = 0): readonly unknown[] {
  return Array.from({ length: count }, (_, index) => record(from + index));
}

async function ensureShows(made: SinkCase, records: readonly unknown[], when: string): Promise<void> {
  const shown = await made.shown();
  ensure(shown !== undefined, () => `nothing is shown ${when}`);
  const first = records.findIndex((record, index) => !isDeepStrictEqual(shown[index], record));
  ensure(first === -1 && shown.length === records.length, () => {
    const place = first === -1 ? records.length : first;
    return `${when} ${shown.length} records are shown instead of ${records.length}; record ${place + 1} is ${preview(shown[place])} instead of ${preview(records[place])}`;
  });
  await ensureNothingLeft(made, when);
}

async function ensureShowsNothing(made: SinkCase, when: string): Promise<void> {
  const shown = await made.shown();
  ensure(shown === undefined, () => `${shown?.length ?? 0} records are shown ${when}`);
}

async function ensureNothingLeft(made: SinkCase, when: string): Promise<void> {
  const left = (await made.leftovers?.()) ?? [];
  ensure(left.length === 0, () => `${when} there is left: ${left.join(", ")}`);
}

async function ensureWrites(made: SinkCase, records: readonly unknown[], when: string): Promise<void> {
  const summary = await flow(fromIterable(records)).to(made.sink);
  ensureStatus("a flow", summary, "success");
  ensureBalance("a flow", summary);
  await ensureShows(made, records, when);
}

async function showsAll(lab: Lab): Promise<Seen> {
  for (const count of [1, 3, manyRecords]) {
    const made = await lab.newCase();
    await ensureWrites(made, recordsOf(made, count), `after ${count} records`);
  }
  return "seen";
}

async function showsNone(lab: Lab): Promise<Seen> {
  const made = await lab.newCase();
  if (made.isDirect === true) {
    const summary = await flow(fromIterable<unknown>([])).to(made.sink);
    ensureStatus("a flow without records", summary, "success");
    await ensureNothingLeft(made, "after no records");
  } else await ensureWrites(made, [], "after no records");
  return "seen";
}

async function again(lab: Lab): Promise<Seen> {
  const made = await lab.newCase();
  await ensureWrites(made, recordsOf(made, 5), "after a first flow");
  const records = recordsOf(made, 7, 5);
  const summary = await flow(fromIterable(records)).to(made.sink);
  ensureStatus("a second flow", summary, "success");
  const shown = await made.shown();
  // In the place of the first flow's records, or after them.
  ensure(
    isDeepStrictEqual(shown, records) || isDeepStrictEqual(shown, recordsOf(made, 12)),
    () => `after a second flow ${preview(shown)} is shown, neither its records nor those of both`,
  );
  await ensureNothingLeft(made, "after a second flow");
  return "seen";
}

async function atATime(lab: Lab): Promise<Seen> {
  const cases = [await lab.newCase(), await lab.newCase()];
  await Promise.all(
    cases.map(async (made, index) => {
      const summary = await flow(fromIterable(recordsOf(made, 2_000, index * 2_000))).to(made.sink);
      ensureStatus("one of two flows", summary, "success");
    }),
  );
  for (const [index, made] of cases.entries()) {
    await ensureShows(made, recordsOf(made, 2_000, index * 2_000), "after two flows at a time");
  }
  return "seen";
}

/** A writer, without a flow around it. */
async function openWriter(
  made: SinkCase,
): Promise<{ readonly writer: SinkWriter<unknown>; readonly encode: (record: unknown) => unknown }> {
  const context: SinkContext = {
    runId: `conformance-${Math.floor(systemClock.now())}`,
    signal: new AbortController().signal,
    clock: systemClock,
    log: createLog({ level: "silent" }),
    random: Math.random,
  };
  const { open, encode } = made.sink["~sink"];
  // It takes what its `encode` gives.
  const writer = (await open(context)) as SinkWriter<unknown>;
  const encoder = (writer.encode ?? encode ?? ((record) => record)) as (record: unknown) => unknown;
  return { writer, encode: encoder };
}

async function hides(lab: Lab): Promise<Seen> {
  const made = await lab.newCase();
  if (made.isDirect === true) return "no-occasion";
  const records = recordsOf(made, 5);
  const { writer, encode } = await openWriter(made);
  await ensureShowsNothing(made, "when it is opened");
  for (const part of [records.slice(0, 3), records.slice(3)]) {
    await writer.write(part.map(encode));
    await ensureShowsNothing(made, "before it is prepared");
  }
  await writer.prepare?.();
  await ensureShowsNothing(made, "before it is published");
  await writer.publish?.();
  await ensureShows(made, records, "when it is published");
  return "seen";
}

async function takesBack(lab: Lab): Promise<Seen> {
  for (const upTo of ["open", "write", "prepare"] as const) {
    const made = await lab.newCase();
    if (made.isDirect === true) return "no-occasion";
    const { writer, encode } = await openWriter(made);
    if (upTo !== "open") await writer.write(recordsOf(made, 5).map(encode));
    if (upTo === "prepare") await writer.prepare?.();
    await writer.discard?.();
    const when = `when it is discarded after ${upTo}`;
    await ensureShowsNothing(made, when);
    await ensureNothingLeft(made, when);
  }
  return "seen";
}

/** A flow in whose middle something is done. */
function upTo(made: SinkCase, count: number, then: (run: FlowRun) => void): Promise<FlowSummary> {
  let come = 0;
  const run: FlowRun = flow(fromIterable(recordsOf(made, manyRecords)))
    .map((record) => {
      come++;
      if (come === count) then(run);
      return record;
    })
    .start(made.sink);
  return run.summary;
}

async function ensureHidden(made: SinkCase, when: string): Promise<void> {
  if (made.isDirect !== true) await ensureShowsNothing(made, when);
  await ensureNothingLeft(made, when);
}

async function hidesFailed(lab: Lab): Promise<Seen> {
  for (const count of [1, 600, manyRecords]) {
    const made = await lab.newCase();
    const summary = await upTo(made, count, () => {
      throw new Error("as asked");
    });
    ensureStatus(`a flow whose stage fails at record ${count}`, summary, "failed");
    ensureBalance("a failed flow", summary);
    await ensureHidden(made, `after a stage failed at record ${count}`);
  }
  return "seen";
}

async function hidesCancelled(lab: Lab): Promise<Seen> {
  for (const count of [0, 1, 600, 5_000, manyRecords]) {
    const made = await lab.newCase();
    let summary: FlowSummary;
    if (count === 0) {
      const run = flow(fromIterable(recordsOf(made, 3))).start(made.sink);
      run.cancel();
      summary = await run.summary;
    } else summary = await upTo(made, count, (run) => run.cancel());
    ensureStatus(`a flow cancelled at record ${count}`, summary, "cancelled");
    ensureBalance("a cancelled flow", summary);
    await ensureHidden(made, `after a flow was cancelled at record ${count}`);
  }
  return "seen";
}

async function waitsForOthers(lab: Lab): Promise<Seen> {
  const made = await lab.newCase();
  if (made.isDirect === true) return "no-occasion";
  const broken = defineSink<unknown>({
    name: "broken",
    open: () => ({
      write: () => {},
      prepare: () => {
        throw new Error("as asked");
      },
    }),
  });
  const records = recordsOf(made, 5);
  const first = await flow(fromIterable(records)).tee(made.sink).to(broken);
  ensureStatus("a flow whose other sink fails", first, "failed");
  await ensureHidden(made, "after another sink failed");
  const last = await flow(fromIterable(records)).tee(broken).to(made.sink);
  ensureStatus("a flow whose other sink fails", last, "failed");
  await ensureHidden(made, "after an earlier sink failed");
  return "seen";
}

async function keepsShown(lab: Lab): Promise<Seen> {
  const made = await lab.newCase();
  if (made.isDirect === true) return "no-occasion";
  const records = recordsOf(made, 5);
  await ensureWrites(made, records, "after a first flow");
  await upTo(made, 600, () => {
    throw new Error("as asked");
  });
  await ensureShows(made, records, "after a second flow failed");
  await upTo(made, 5_000, (run) => run.cancel());
  await ensureShows(made, records, "after a third flow was cancelled");
  return "seen";
}

async function tellsFailure(lab: Lab): Promise<Seen> {
  for (const count of [1, 5_000]) {
    const made = await lab.newCase();
    const { fail, sink } = made;
    if (fail === undefined) return "no-occasion";
    const summary = await upTo(made, count, () => fail());
    ensureStatus("a flow whose sink fails", summary, "failed");
    ensureBalance("a flow whose sink fails", summary);
    const stage = summary.error?.stage;
    ensure(stage === sink.name, () => `the error names ${preview(stage)}, not the sink "${sink.name}"`);
    await ensureHidden(made, "after the sink failed");
  }
  return "seen";
}

async function refusesRecord(lab: Lab): Promise<Seen> {
  const made = await lab.newCase();
  if (!("badRecord" in made)) return "no-occasion";
  const records = recordsOf(made, 4);
  const summary = await flow(fromIterable([...records.slice(0, 2), made.badRecord, ...records.slice(2)])).to(
    made.sink,
  );
  ensureStatus("a flow with a record that cannot be written", summary, "partial");
  ensureBalance("a flow with a record that cannot be written", summary);
  const [letter] = summary.deadLetters;
  ensure(
    summary.deadLettered === 1 && letter?.record === 3 && letter.stage === made.sink.name,
    () =>
      `${summary.deadLettered} records were dead-lettered, the first of them record ${letter?.record} at ${letter?.stage}`,
  );
  await ensureShows(made, records, "after a record that could not be written");
  return "seen";
}
