import { isDeepStrictEqual } from "node:util";
import type { MaybePromise } from "@atomic-agents/core";
import {
  type DeadLetter,
  flow,
  type FlowRun,
  type FlowSummary,
  type Source,
  toArray,
} from "@atomic-agents/flow";
import { ensure } from "../conformance/verdict.ts";
import { preview, usageError } from "../usage-error.ts";
import { ensureBalance, ensureStatus } from "./balance.ts";
import { createGate, standing } from "./gate.ts";
import {
  behavioursOf,
  type Check,
  chosenOf,
  type FlowBehaviour,
  type FlowConformanceOptions,
  lookAt,
  type Seen,
} from "./suite.ts";

/** A source, and what is known of it. */
export interface SourceCase<TRecord = unknown> {
  readonly source: Source<TRecord>;
  /** What it gives, in order. */
  readonly records: readonly TRecord[];
  /** How many records it refuses besides: none unless it is said. */
  readonly refused?: number | undefined;
  /** Whether it can be read only once, as a stream; false unless it is said. */
  readonly isOnce?: boolean | undefined;
  /** How many readings are open right now: handles, connections, iterators. */
  readonly open?: (() => number) | undefined;
  /** How many records it has taken from where they come from, so far. */
  readonly taken?: (() => number) | undefined;
  /** Has where they come from fail from now on. */
  readonly fail?: (() => void) | undefined;
  /** Has where they come from give nothing any more, and not end. */
  readonly stall?: (() => void) | undefined;
  /** Removes what was made for the case. */
  readonly dispose?: (() => MaybePromise<void>) | undefined;
}

/** How a source is looked at. */
export interface SourceConformanceOptions extends FlowConformanceOptions {
  /** How many records it may take ahead of those that are asked for, as a page or chunk: 16. */
  readonly maxAhead?: number | undefined;
}

/** Makes a source of so many records, each time one of its own. Where they have bytes, a hundred or so each. */
export type CreateSource = (count: number) => MaybePromise<SourceCase>;

class Lab {
  readonly maxAhead: number;
  private readonly create: CreateSource;
  private readonly cases: SourceCase[] = [];

  constructor(create: CreateSource, maxAhead: number) {
    this.create = create;
    this.maxAhead = maxAhead;
  }

  async caseOf(count: number): Promise<SourceCase> {
    const made = await this.create(count);
    this.cases.push(made);
    ensure(
      made.records.length + (made.refused ?? 0) === count,
      () => `asked for a source of ${count} records, came one of ${made.records.length}`,
    );
    return made;
  }

  async close(): Promise<void> {
    for (const { dispose } of this.cases.splice(0)) await dispose?.();
  }
}

const checks: readonly Check<Lab>[] = [
  ["gives-all", "all records come, in their order, each once", givesAll],
  ["gives-none", "a source without records ends well", givesNone],
  ["lets-go-at-end", "nothing is open when all records have come", letsGoAtEnd],
  ["lets-go-when-cancelled", "nothing is open after a flow was cancelled, whenever", letsGoWhenCancelled],
  ["lets-go-when-failed", "nothing is open after a stage has failed", letsGoWhenFailed],
  ["stops-waiting", "a cancelled flow ends also while where records come from gives nothing", stopsWaiting],
  ["tells-failure", "when where records come from fails, so does the flow, and says so", tellsFailure],
  ["reads-no-further", "no more is taken than is asked for, but a page", readsNoFurther],
  ["tells-places", "places go up, and so do the records' numbers", tellsPlaces],
  ["tells-size", "progress goes up to 1 at the end, and is not there long before", tellsSize],
  ["again", "a second flow gets the same", again],
  ["at-a-time", "two flows at a time get the same", atATime],
];

/** What is expected of every source, in order. */
export const sourceBehaviours: readonly FlowBehaviour[] = behavioursOf(checks);

/**
 * Asserts that a source does what flows expect of one. Each behaviour is looked at with sources of its own, of as many
 * records as are asked for: none, a few, or some thousands. What a case does not tell (`open`, `taken`, `fail`, `stall`) cannot
 * be looked at. Needs no test framework, and fails in any.
 *
 * @returns the behaviours that were seen
 * @throws AssertionError that says which behaviours do not hold and why; AtomicError `CONFIG` for a wrong option
 * @example
 * ```ts
 * import { defineSource } from "@atomic-agents/flow";
 *
 * const seen = await expectSourceConforms((count) => {
 *   let open = 0;
 *   let taken = 0;
 *   const source = defineSource<number>({
 *     name: "countdown",
 *     read: function* (reader) {
 *       reader.setSize({ records: count });
 *       open++;
 *       try {
 *         for (let number = count; number > 0; number--) {
 *           taken++;
 *           yield number;
 *         }
 *       } finally {
 *         open--;
 *       }
 *     },
 *   });
 *   const records = Array.from({ length: count }, (_, index) => count - index);
 *   return { source, records, open: () => open, taken: () => taken };
 * });
 * console.log(seen.length, "of", sourceBehaviours.length); // => 9 of 12
 * ```
 */
export async function expectSourceConforms(
  createSource: CreateSource,
  options: SourceConformanceOptions = {},
): Promise<readonly FlowBehaviour[]> {
  const what = "expectSourceConforms";
  if (typeof createSource !== "function") {
    throw usageError(what, "createSource", "a function that gives a source", createSource);
  }
  const chosen = chosenOf(what, checks, options, ["maxAhead"]);
  const { maxAhead = 16 } = options;
  if (!Number.isInteger(maxAhead) || maxAhead < 0) {
    throw usageError(what, "maxAhead", "a whole number from 0", maxAhead);
  }
  return lookAt(what, "source", chosen, () => new Lab(createSource, maxAhead));
}

const begin = ({ source }: SourceCase) => flow(source);

async function ensureGives(made: SourceCase, what = "a flow"): Promise<void> {
  const got: unknown[] = [];
  ensureGave(made, await begin(made).to(toArray(got)), got, what);
}

function ensureGave(made: SourceCase, summary: FlowSummary, got: readonly unknown[], what: string): void {
  const { records, refused = 0 } = made;
  ensureStatus(what, summary, refused === 0 ? "success" : "partial");
  ensureBalance(what, summary);
  const first = records.findIndex((record, index) => !isDeepStrictEqual(got[index], record));
  ensure(first === -1 && got.length === records.length, () => {
    const place = first === -1 ? records.length : first;
    return `${what} got ${got.length} records instead of ${records.length}; record ${place + 1} is ${preview(got[place])} instead of ${preview(records[place])}`;
  });
  ensure(summary.deadLettered === refused, () => {
    return `${what} got ${summary.deadLettered} records refused instead of ${refused}`;
  });
}

function ensureClosed({ open }: SourceCase, when: string): void {
  const left = open?.() ?? 0;
  ensure(left === 0, () => `${left} still open after ${when}`);
}

async function givesAll(lab: Lab): Promise<Seen> {
  for (const count of [1, 2, 17, 2_500]) await ensureGives(await lab.caseOf(count));
  return "seen";
}

async function givesNone(lab: Lab): Promise<Seen> {
  await ensureGives(await lab.caseOf(0));
  return "seen";
}

async function letsGoAtEnd(lab: Lab): Promise<Seen> {
  for (const count of [0, 1, 500]) {
    const made = await lab.caseOf(count);
    if (made.open === undefined) return "no-occasion";
    await ensureGives(made);
    ensureClosed(made, `the end of ${count} records`);
  }
  return "seen";
}

/** Runs a flow that something is done to when so many records have come. */
async function upTo(made: SourceCase, count: number, then: (run: FlowRun) => void): Promise<FlowSummary> {
  let come = 0;
  const run: FlowRun = begin(made)
    .map((record) => {
      come++;
      if (come === count) then(run);
      return record;
    })
    .start(toArray<unknown>([]));
  return run.summary;
}

async function letsGoWhenCancelled(lab: Lab): Promise<Seen> {
  for (const count of [1, 2, 100, 999]) {
    const made = await lab.caseOf(1_000);
    const summary = await upTo(made, count, (run) => run.cancel());
    ensureStatus(`a flow cancelled at record ${count}`, summary, "cancelled");
    ensureBalance("a cancelled flow", summary);
    ensureClosed(made, `a flow was cancelled at record ${count}`);
  }
  const made = await lab.caseOf(1_000);
  const run = begin(made).start(toArray<unknown>([]));
  run.cancel();
  ensureStatus("a flow cancelled before its first record", await run.summary, "cancelled");
  ensureClosed(made, "a flow was cancelled before its first record");
  return "seen";
}

async function letsGoWhenFailed(lab: Lab): Promise<Seen> {
  for (const count of [1, 100]) {
    const made = await lab.caseOf(1_000);
    const summary = await upTo(made, count, () => {
      throw new Error("as asked");
    });
    ensureStatus(`a flow whose stage fails at record ${count}`, summary, "failed");
    ensureBalance("a failed flow", summary);
    ensureClosed(made, `a stage failed at record ${count}`);
  }
  return "seen";
}

async function stopsWaiting(lab: Lab): Promise<Seen> {
  const made = await lab.caseOf(1_000);
  const { stall } = made;
  if (stall === undefined) return "no-occasion";
  let come = 0;
  const run = begin(made)
    .map((record) => {
      come++;
      if (come === 3) stall();
      return record;
    })
    .start(toArray<unknown>([]));
  await standing(() => come);
  run.cancel();
  const summary = await run.summary;
  ensureStatus("a flow cancelled while it waits", summary, "cancelled");
  ensureClosed(made, "a flow was cancelled while it waited");
  return "seen";
}

async function tellsFailure(lab: Lab): Promise<Seen> {
  const made = await lab.caseOf(5_000);
  const { fail, source } = made;
  if (fail === undefined) return "no-occasion";
  const summary = await upTo(made, 3, () => fail());
  ensureStatus("a flow whose source fails", summary, "failed");
  ensureBalance("a flow whose source fails", summary);
  const stage = summary.error?.stage;
  ensure(stage === source.name, () => `the error names ${preview(stage)}, not the source "${source.name}"`);
  ensureClosed(made, "the source had failed");
  return "seen";
}

/** What the flow itself may have asked for when one record is at its end: one being written, one waiting, one asked for. */
const asked = 3;
const manyRecords = 20_000;

async function readsNoFurther(lab: Lab): Promise<Seen> {
  const made = await lab.caseOf(manyRecords);
  const gate = createGate(1);
  const run = begin(made).start(gate.sink);
  await gate.reached;
  const { taken } = made;
  let seen: Seen = "seen";
  if (taken === undefined) {
    await standing(() => run.progress().bytesRead);
    const { ratio, bytesRead, read } = run.progress();
    if (ratio === undefined || bytesRead === 0) seen = "no-occasion";
    else {
      ensure(
        ratio < 0.9,
        () =>
          `${bytesRead} bytes were read, nearly all there are, when ${read} of ${manyRecords} records were asked for`,
      );
    }
  } else {
    const count = await standing(taken);
    ensure(
      count <= asked + lab.maxAhead,
      () =>
        `${count} records were taken when ${run.progress().read} were asked for, and ${lab.maxAhead} may be ahead`,
    );
  }
  run.cancel();
  gate.open();
  await run.summary;
  return seen;
}

async function tellsPlaces(lab: Lab): Promise<Seen> {
  const made = await lab.caseOf(500);
  const letters: DeadLetter[] = [];
  const summary = await begin(made)
    .map(
      (): unknown => {
        throw new Error("as asked");
      },
      { onError: "dead-letter" },
    )
    .to(toArray<unknown>([]), { deadLetters: toArray(letters) });
  ensureStatus("a flow that dead-letters all", summary, "partial");
  let before: DeadLetter | undefined;
  for (const letter of letters) {
    const { record, line, byteOffset, file } = letter;
    const what = `record ${record}`;
    ensure(record === (before?.record ?? 0) + 1, () => `after record ${before?.record} came ${record}`);
    ensure(line === undefined || (Number.isInteger(line) && line > 0), () => `${what} has line ${line}`);
    ensure(
      byteOffset === undefined || (Number.isInteger(byteOffset) && byteOffset >= 0),
      () => `${what} has byteOffset ${byteOffset}`,
    );
    if (before !== undefined && before.file === file) {
      const { line: lineBefore = 0, byteOffset: offsetBefore = -1 } = before;
      ensure(
        line === undefined || line >= lineBefore,
        () => `${what} is in line ${line}, the one before in ${lineBefore}`,
      );
      ensure(
        byteOffset === undefined || byteOffset > offsetBefore,
        () => `${what} begins at byte ${byteOffset}, the one before at ${offsetBefore}`,
      );
    }
    before = letter;
  }
  return letters.some(({ line, byteOffset, file }) => (line ?? byteOffset ?? file) !== undefined)
    ? "seen"
    : "no-occasion";
}

async function tellsSize(lab: Lab): Promise<Seen> {
  const made = await lab.caseOf(manyRecords);
  let last = 0;
  let early: number | undefined;
  let come = 0;
  let isKnown = false;
  const look = (run: FlowRun): void => {
    const { ratio } = run.progress();
    if (ratio === undefined) return;
    isKnown = true;
    ensure(ratio >= last && ratio <= 1, () => `progress went from ${last} to ${ratio}`);
    last = ratio;
    if (come <= manyRecords / 20) early = ratio;
  };
  const run: FlowRun = begin(made)
    .map((record) => {
      come++;
      if (come % 100 === 1) look(run);
      return record;
    })
    .start(toArray<unknown>([]));
  const summary = await run.summary;
  if (summary.error !== undefined) throw summary.error;
  if (!isKnown) return "no-occasion";
  look(run);
  ensure(last === 1, () => `progress is ${last} at the end`);
  ensure(early === undefined || early < 0.9, () => `progress is ${early} at one record of twenty`);
  return "seen";
}

async function again(lab: Lab): Promise<Seen> {
  const made = await lab.caseOf(20);
  if (made.isOnce === true) return "no-occasion";
  await ensureGives(made, "the first flow");
  await ensureGives(made, "the second flow");
  // Also after one that has not come to the end.
  await upTo(made, 5, (run) => run.cancel());
  await ensureGives(made, "a flow after a cancelled one");
  return "seen";
}

async function atATime(lab: Lab): Promise<Seen> {
  const made = await lab.caseOf(3_000);
  if (made.isOnce === true) return "no-occasion";
  await Promise.all([ensureGives(made, "the one flow"), ensureGives(made, "the other flow")]);
  return "seen";
}
