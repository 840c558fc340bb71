import type { Agent, OnError } from "@atomic-agents/core";
import { type AggregateOptions, aggregateSettings } from "./aggregate-options.ts";
import type { Calculations, GroupKey, GroupRecord } from "./aggregation/calculation.ts";
import { checkAlerts } from "./alerts.ts";
import { type BatchOptions, designOfLimits, limitsOf } from "./batch/batch-options.ts";
import type { ItemOutcome } from "./batch/item-outcome.ts";
import { checkCount, checkKeys, configError } from "./config-error.ts";
import { type DeduplicateOptions, deduplicateSettings } from "./deduplicate/deduplicate-options.ts";
import { type Design, type NewPart, type Part, withPart } from "./design.ts";
import { hashOf } from "./flow-hash.ts";
import type { FlowOptions, FlowRunOptions } from "./flow-options.ts";
import { FlowRun } from "./flow-run.ts";
import type { FlowStage } from "./flow-stage.ts";
import { checkFunctionOptions, checkPolicy, type FunctionOptions } from "./function-options.ts";
import { JoinNode } from "./join/join-node.ts";
import { type Joined, type JoinFilterOptions, type JoinOptions, joinSettings } from "./join/join-options.ts";
import type { RecordKey } from "./keys.ts";
import { Redrive } from "./letters/redrive.ts";
import { checkRedrive, type DeadLetters, type RedriveOptions } from "./letters/redrive-scan.ts";
import { AggregateNode } from "./nodes/aggregate-node.ts";
import { BatchNode } from "./nodes/batch-node.ts";
import type { BatchMapping } from "./nodes/batch-through-node.ts";
import { FilterNode } from "./nodes/filter-node.ts";
import { MapNode } from "./nodes/map-node.ts";
import type { Node, RecordPolicy } from "./nodes/node.ts";
import { OperatorNode } from "./nodes/operator-node.ts";
import { SinkNode } from "./nodes/sink-node.ts";
import { SortNode } from "./nodes/sort-node.ts";
import { SplitNode } from "./nodes/split-node.ts";
import { TeeNode } from "./nodes/tee-node.ts";
import { WindowNode } from "./nodes/window-node.ts";
import { checkOperator, type Operator, type OperatorOptions } from "./operator.ts";
import { checkSink, type Sink } from "./sink.ts";
import type { RawFlow } from "./raw-flow.ts";
import { type SortOptions, sortSettings } from "./sort/sort-options.ts";
import { checkName, checkSource, type Source } from "./source.ts";
import type { FlowSummary } from "./summary.ts";
import {
  type Passed,
  type PassThroughOptions,
  throughBatchPart,
  type ThroughBatchOptions,
  type ThroughOptions,
  throughPart,
} from "./through-options.ts";
import type { TimeKey } from "./window/event-time.ts";
import { type WindowOptions, type WindowResult, windowSettings } from "./window/window-options.ts";

const defaultMaxHeld = 100_000;

/**
 * Records on their way from a source to a sink. An immutable value: each call gives a new flow, and nothing is read
 * before `to` or `start`, which may be called any number of times.
 *
 * Records are read only when there is room for them, so memory does not grow with their number. Each record of the
 * source ends exactly once: `read = delivered + filtered + deadLettered + unfinished`.
 */
export class Flow<out TRecord> {
  private readonly design: Design;

  constructor(design: Design) {
    this.design = design;
  }

  get name(): string {
    return this.design.name;
  }

  /** Its stages, in the order in which records pass them. */
  get stages(): readonly FlowStage[] {
    return this.design.parts.map(({ id, kind, agent, needsAll }) =>
      agent === undefined ? { id, kind, needsAll } : { id, kind, agent, needsAll },
    );
  }

  /**
   * Says in hexadecimal digits what the flow does to records that do not fail: the ids, kinds and settings of its
   * stages, agents by name and version, and the text given as `design`. The same for two flows that differ in names,
   * sources, sinks, time limits, retries, `onError`, concurrency, order, or the code of functions.
   */
  get hash(): string {
    return hashOf(this.design.parts, this.design.text);
  }

  /**
   * Has each record worked on by an agent, up to `concurrency` at a time; outputs come in the order of the records
   * unless `ordered` is false. A record that fails for good ends as the policy's `onError` says: `stop` ends the
   * flow as failed, `pass` lets it go on as it was, `drop` filters it, `dead-letter` keeps it apart.
   *
   * @throws AtomicError `CONFIG` for wrong options
   */
  through<TOutput>(agent: Agent<TRecord, TOutput>, options: PassThroughOptions): Flow<TOutput | TRecord>;
  through<TOutput>(agent: Agent<TRecord, TOutput>, options?: ThroughOptions): Flow<TOutput>;
  through(agent: Agent<never, unknown>, options: ThroughOptions = {}): Flow<unknown> {
    const { part, makeNode } = throughPart("flow.through", agent, options);
    return this.with(part, makeNode);
  }

  /**
   * Keeps the records for which the function says true; the others end as filtered.
   *
   * @throws AtomicError `CONFIG` for wrong options
   */
  filter<TKept extends TRecord>(
    keeps: (record: TRecord) => record is TKept,
    options?: FunctionOptions,
  ): Flow<TKept>;
  filter(keeps: (record: TRecord) => boolean, options?: FunctionOptions): Flow<TRecord>;
  filter(keeps: (record: never) => boolean, options: FunctionOptions = {}): Flow<unknown> {
    return this.call("filter", keeps, options, FilterNode);
  }

  /**
   * Puts what the function gives in the place of each record. It answers at once; what has to wait is an agent.
   *
   * @throws AtomicError `CONFIG` for wrong options
   */
  map<TOutput>(
    change: (record: TRecord) => TOutput extends PromiseLike<unknown> ? never : TOutput,
    options: FunctionOptions = {},
  ): Flow<TOutput> {
    return this.call<TOutput>("map", change, options, MapNode);
  }

  /**
   * Gives any number of records for each, in their order, taken as there is room. The record of the source has ended
   * when all of them have: dead-lettered if one is, else delivered if one is, else filtered.
   *
   * @throws AtomicError `CONFIG` for wrong options
   */
  split<TOutput>(
    parts: (record: TRecord) => Iterable<TOutput>,
    options: FunctionOptions = {},
  ): Flow<TOutput> {
    return this.call<TOutput>("split", parts, options, SplitNode);
  }

  /**
   * Gives arrays of records: of so many as the number says, or as long as the limits allow, whichever is reached first.
   * The last may have fewer, and so has one whose first record has waited for `maxWaitMs`. A record that is longer than
   * `maxBytes` is a batch of its own; one that cannot be measured, because it is no JSON, fails as `onError` says. What
   * becomes of an array becomes of its members.
   *
   * @throws AtomicError `CONFIG` for wrong options, such as a size that is not a whole number from 1
   * @example
   * ```ts
   * const got: (readonly string[])[] = [];
   * await flow(fromIterable(["a", "bb", "a long text", "c"]))
   *   .batch({ size: 2, maxBytes: 8 })
   *   .to(toArray(got));
   * console.log(got); // => [ [ 'a', 'bb' ], [ 'a long text' ], [ 'c' ] ]
   * ```
   */
  batch(size: number | BatchOptions): Flow<readonly TRecord[]> {
    const what = "flow.batch";
    const limits = limitsOf(what, size);
    const options = typeof size === "number" ? {} : { id: size.id, onError: size.onError };
    const { id, onError } = checkFunctionOptions(what, options, "batch");
    const part = { id, kind: "batch", design: designOfLimits(limits) } as const;
    return this.with(part, (unique) => new BatchNode(unique, limits, onError));
  }

  /**
   * Has an agent work on several records at a time: it is given an array, and gives one of as many results, in the same
   * order. Each record then goes on, or fails, by itself.
   *
   * With `settled` a result says how its record ended, and those that failed end as `onError` says while the others go on. An
   * agent that fails, or gives another number of results, fails all records of the batch, when it has been tried as often
   * as `retry` says. Each has its own dead letter, and is put into a batch with others when it is done again.
   *
   * A batch is full as `batch` has it. Up to `concurrency` batches are worked on at a time.
   *
   * @throws AtomicError `CONFIG` for wrong options
   * @example
   * ```ts
   * const lengths = defineAgent({
   *   name: "lengths",
   *   description: "Tells how long texts are.",
   *   input: z.array(z.string()),
   *   output: z.array(
   *     z.union([
   *       z.object({ ok: z.literal(true), output: z.number() }),
   *       z.object({ ok: z.literal(false), error: z.string() }),
   *     ]),
   *   ),
   *   execute: (texts) =>
   *     texts.map((text) => {
   *       if (text === "") return { ok: false, error: "empty" } as const;
   *       return { ok: true, output: text.length } as const;
   *     }),
   * });
   * const got: number[] = [];
   * const summary = await flow(fromIterable(["one", "", "three"]))
   *   .throughBatch(lengths, { size: 100, settled: true, onError: "dead-letter" })
   *   .to(toArray(got));
   * console.log(got, summary.deadLettered); // => [ 3, 5 ] 1
   * ```
   */
  throughBatch<TOutput, const TOnError extends OnError = "stop">(
    agent: Agent<TRecord[], readonly ItemOutcome<TOutput>[]>,
    options: ThroughBatchOptions<TOnError> & { readonly settled: true },
  ): Flow<TOutput | Passed<TRecord, TOnError>>;
  throughBatch<TOutput, const TOnError extends OnError = "stop">(
    agent: Agent<TRecord[], readonly TOutput[]>,
    options: ThroughBatchOptions<TOnError> & { readonly settled?: false | undefined },
  ): Flow<TOutput | Passed<TRecord, TOnError>>;
  /** What the agent is given is made of each record, and what goes on of the record and the result. */
  throughBatch<TItem, TGiven, TNext, const TOnError extends OnError = "stop">(
    agent: Agent<TItem[], readonly unknown[]>,
    options: ThroughBatchOptions<TOnError>,
    mapping: BatchMapping<TRecord, TItem, TGiven, TNext>,
  ): Flow<TNext | Passed<TRecord, TOnError>>;
  throughBatch(
    agent: Agent<never, unknown>,
    options: ThroughBatchOptions,
    mapping: BatchMapping<never, unknown, never, unknown> = {},
  ): Flow<unknown> {
    const { part, makeNode } = throughBatchPart("flow.throughBatch", agent, options, mapping);
    return this.with(part, makeNode);
  }

  /**
   * Gives, when all records have come, one record for each group: the values it is grouped by, and the figures. Groups
   * come in the order in which they first appeared; by no keys there is one group, also of no records. Where a record has
   * nothing at a key, `null` or no such key, a figure is of the others; of none it is `null`. A record whose values are of
   * another kind fails as `onError` says, and changes no figure. What becomes of a group's record becomes of its members.
   * Memory grows with the number of groups, not of records, but for parts of a split.
   *
   * @throws AtomicError `CONFIG` for wrong options
   * @example
   * ```ts
   * const sales = [
   *   { country: "FR", price: 3 },
   *   { country: "DE", price: 2 },
   *   { country: "FR", price: 5 },
   * ];
   * const got: unknown[] = [];
   * await flow(fromIterable(sales))
   *   .aggregate({
   *     by: ["country"],
   *     calculate: { sales: { count: true }, mean: { mean: "price" }, p95: { quantile: "price", at: 0.95 } },
   *   })
   *   .to(toArray(got));
   * console.log(got[0]); // => { country: 'FR', sales: 2, mean: 4, p95: 5 }
   * console.log(got[1]); // => { country: 'DE', sales: 1, mean: 2, p95: 2 }
   * ```
   */
  aggregate<
    TBy extends GroupKey<TRecord>,
    const TCalculate extends Calculations<TRecord>,
    // Were it written as what comes out, the compiler could not see that flows vary with their records.
    TGroup = GroupRecord<TRecord, TBy, TCalculate>,
  >(options: AggregateOptions<TRecord, TBy, TCalculate>): Flow<TGroup> {
    // What a type says of keys holds no more where they are texts like any other.
    const untyped = options as AggregateOptions<unknown, string, Calculations>;
    const { id, settings, design } = aggregateSettings("flow.aggregate", untyped);
    const part = { id, kind: "aggregate", needsAll: true, design } as const;
    return this.with(part, (unique) => new AggregateNode(unique, settings));
  }

  /**
   * Gives one record for each group in each window of time: the values it is grouped by, when the window was, and the
   * figures. A window's records come when no more of it are waited for: when the watermark, the latest time so far less
   * `outOfOrderMs`, has passed its end by `allowedLatenessMs`, or when all records have come. They come in the order
   * of windows' ends, those of one end in that of first appearance.
   *
   * A record of which all windows are closed ends as `onLate` says, with `EVENT_TIME`, and so does one that is more than
   * `maxAheadMs` ahead of the run's clock. One without a time, or with values of another kind, fails as `onError` says. What
   * becomes of a window's record becomes of its members; one that belongs to several ends when all of them have.
   * Memory grows with the number of windows that are open, counted for each group, and not with that of records.
   *
   * @throws AtomicError `CONFIG` for wrong options
   * @example
   * ```ts
   * const clicks = [
   *   { at: "2026-01-31T10:00:20Z", page: "a" },
   *   { at: "2026-01-31T10:01:10Z", page: "a" },
   *   { at: "2026-01-31T10:00:50Z", page: "a" },
   * ];
   * const got: { windowStart: string; clicks: number }[] = [];
   * await flow(fromIterable(clicks))
   *   .window({
   *     time: "at",
   *     tumbling: { sizeMs: 60_000 },
   *     by: ["page"],
   *     calculate: { clicks: { count: true } },
   *     outOfOrderMs: 30_000,
   *     maxAheadMs: 1e12,
   *   })
   *   .to(toArray(got));
   * for (const { windowStart, clicks } of got) console.log(windowStart, clicks);
   * // => 2026-01-31T10:00:00.000Z 2
   * // => 2026-01-31T10:01:00.000Z 1
   * ```
   */
  window<
    const TCalculate extends Calculations<TRecord>,
    TBy extends GroupKey<TRecord> = never,
    TTime extends TimeKey<TRecord> = TimeKey<TRecord>,
    TResult = WindowResult<TRecord, TBy, TCalculate>,
  >(options: WindowOptions<TRecord, TBy, TCalculate, NoInfer<TTime>>): Flow<TResult> {
    const { id, settings, design } = windowSettings("flow.window", options);
    const part = { id, kind: "window", needsAll: true, design } as const;
    return this.with(part, (unique) => new WindowNode(unique, settings));
  }

  /**
   * Gives, when all records have come, all of them in order; records that are alike stay as they came. What is missing
   * (`null` or `undefined`) comes before `false` and `true`, these before numbers (`NaN` before the others), numbers
   * before texts, which are compared by UTF-16 code units: the order is the same everywhere. `desc` turns all of it
   * round. A record whose value is of another kind fails as `onError` says.
   *
   * Up to `maxInMemory` records are sorted in memory, or fewer where they would take more than a quarter of what Node may
   * use. Of more, sorted runs are written to temporary files, which are gone when the flow has ended, however it does. A
   * record that is no JSON then fails as `onError` says; keys whose value is undefined are left out. Parts of a split need
   * some memory each all the same. With `past` they are sorted there instead, to the same order.
   *
   * @throws AtomicError `CONFIG` for wrong options
   * @example
   * ```ts
   * const cities = [
   *   { name: "Rome", country: "IT" },
   *   { name: "Lyon", country: "FR" },
   *   { name: "Bari", country: "IT" },
   * ];
   * const got: string[] = [];
   * await flow(fromIterable(cities))
   *   .sort({ by: [{ key: "country", order: "desc" }, "name"] })
   *   .map(({ name }) => name)
   *   .to(toArray(got));
   * console.log(got); // => [ 'Bari', 'Rome', 'Lyon' ]
   * ```
   */
  sort<TKey extends RecordKey<TRecord> = RecordKey<TRecord>>(
    options: SortOptions<TRecord, NoInfer<TKey>>,
  ): Flow<TRecord> {
    const { id, settings, design } = sortSettings("flow.sort", options);
    const part = { id, kind: "sort", needsAll: true, design } as const;
    return this.with(part, (unique) => new SortNode(unique, settings));
  }

  /**
   * Keeps the first of the records that are alike; the others end as filtered. `null`, `undefined`, `false`, `0` and `""`
   * are all different. A record whose value is of another kind fails as `onError` says. Memory grows with the number of
   * different records, or of those that are remembered: with `within` a record that was kept is forgotten after so many
   * records, or when their time has gone on by so much, and the next that is alike is kept again.
   *
   * With `near` records are alike when, by an estimate, their texts share so many of their pieces (MinHash). Same texts are
   * always found; the document `docs/stream-processing.md` of the repository has the chances of others.
   *
   * @throws AtomicError `CONFIG` for wrong options
   * @example
   * ```ts
   * const got: string[] = [];
   * const summary = await flow(fromIterable(["a", "B", "A", "b"]))
   *   .deduplicate({ by: [(text) => text.toLowerCase()] })
   *   .to(toArray(got));
   * console.log(got, summary.filtered); // => [ 'a', 'B' ] 2
   * ```
   */
  deduplicate<TKey extends RecordKey<TRecord> = RecordKey<TRecord>>(
    options: DeduplicateOptions<TRecord, NoInfer<TKey>>,
  ): Flow<TRecord> {
    const { id, makeNode, design } = deduplicateSettings("flow.deduplicate", options);
    return this.with({ id, kind: "deduplicate", needsAll: true, design }, makeNode);
  }

  /**
   * Puts into each record what another source, or flow, has of the same key: that side is read first, as a whole, then
   * records are joined as they pass, in their order. A record with several matches becomes as many; without any, `inner` leaves
   * it out and `left` gives it null. `semi` keeps the records that have a match, `anti` those that have none. What is
   * missing (`null` or `undefined`) matches nothing; `1` and `"1"` are different.
   *
   * With more than `maxInMemory` records on the other side, or fewer large ones, both sides go to temporary files, which
   * are gone when the flow has ended, however it does. Records then come in another order, those of a file together, and
   * those that are no JSON fail as `onError` says. With `past` both sides go there instead, and records stay in order.
   *
   * A source as the other side is read with `onError: "stop"`: the flow fails with the first record that cannot be read. With a
   * flow it fails where that does, or has dead letters. The summary counts this side's records alone.
   *
   * @throws AtomicError `CONFIG` for wrong options
   * @example
   * ```ts
   * const customers = fromIterable([
   *   { id: 1, name: "Ada" },
   *   { id: 2, name: "Bob" },
   * ]);
   * const orders = fromIterable([
   *   { order: "a", customer: 2 },
   *   { order: "b", customer: 3 },
   * ]);
   * const got: unknown[] = [];
   * await flow(orders)
   *   .join(customers, { on: { left: "customer", right: "id" }, type: "left", as: "buyer" })
   *   .to(toArray(got));
   * console.log(got[0]); // => { order: 'a', customer: 2, buyer: { id: 2, name: 'Bob' } }
   * console.log(got[1]); // => { order: 'b', customer: 3, buyer: null }
   * ```
   */
  join<
    TRight,
    const TAs extends string,
    TType extends "inner" | "left" = "inner",
    TKey extends RecordKey<TRecord> = RecordKey<TRecord>,
  >(
    other: OtherRecords<TRight>,
    options: JoinOptions<TRecord, NoInfer<TRight>, TAs, TType, NoInfer<TKey>>,
  ): Flow<Joined<TRecord, TRight, TAs, TType>>;
  join<TRight, TKey extends RecordKey<TRecord> = RecordKey<TRecord>>(
    other: OtherRecords<TRight>,
    options: JoinFilterOptions<TRecord, NoInfer<TRight>, NoInfer<TKey>>,
  ): Flow<TRecord>;
  join(other: OtherRecords<unknown>, options: object): Flow<unknown> {
    const what = "flow.join";
    // What is wrong with them is told there.
    const { id, settings, design } = joinSettings(what, options as Parameters<typeof joinSettings>[1]);
    const right = other instanceof Flow ? other : otherSide(other as Source<unknown>);
    const hash = other instanceof Flow ? other.hash : null;
    return this.with({ id, kind: "join", design: [design, hash] }, (unique) => {
      return new JoinNode(unique, settings, (sink, ctx) => right.start(sink, { run: ctx }));
    });
  }

  /**
   * Has an operator of one's own take the records and give others: see `defineOperator`. A record for which its `take`
   * throws fails as `onError` says, and so does all that it holds when its `end` throws.
   *
   * @throws AtomicError `CONFIG` for wrong options
   */
  operator<TOutput>(operator: Operator<TRecord, TOutput>, options: OperatorOptions = {}): Flow<TOutput> {
    const what = "flow.operator";
    checkOperator(what, operator);
    const { id, onError } = checkFunctionOptions(what, options, operator.name, ["maxHeld"]);
    const { maxHeld = defaultMaxHeld } = options;
    checkCount(what, "maxHeld", maxHeld);
    // It takes what the flow's type says there is.
    const internals = operator["~operator"] as Operator<unknown, unknown>["~operator"];
    const { needsAll, design = operator.name, makeNode } = internals;
    return this.with({ id, kind: "operator", needsAll, design }, (unique) =>
      makeNode === undefined
        ? new OperatorNode(unique, internals, { maxHeld, onError })
        : makeNode(unique, onError),
    );
  }

  /**
   * Gives each record to a sink as well. A record counts as delivered when all sinks that it reached have
   * acknowledged it.
   *
   * @throws AtomicError `CONFIG` for what is no sink
   */
  tee(sink: Sink<TRecord>): Flow<TRecord> {
    checkSink("flow.tee", sink);
    return this.with({ id: "tee", kind: "tee" }, (unique) => new TeeNode(unique, new SinkNode(sink)));
  }

  /**
   * Runs the flow into a sink and tells how it ended, also when it failed: look at `status`.
   *
   * @throws AtomicError `CONFIG` for wrong options, at once
   */
  to(sink: Sink<TRecord>, options: FlowRunOptions = {}): Promise<FlowSummary> {
    return this.start(sink, options).summary;
  }

  /**
   * Begins to run the flow into a sink; returns before anything is read.
   *
   * @throws AtomicError `CONFIG` for wrong options
   */
  start(sink: Sink<TRecord>, options: FlowRunOptions = {}): FlowRun {
    checkSink("flow.start", sink);
    const what = "flow.start";
    checkKeys(what, options, ["deadLetters", "alerts", "origin", "run"]);
    const { deadLetters, alerts, origin, run } = options;
    if (deadLetters !== undefined) checkSink(what, deadLetters);
    if (alerts !== undefined) checkAlerts(what, alerts);
    if (origin !== undefined && (typeof origin !== "object" || origin === null)) {
      throw configError(what, "origin", "an object", origin);
    }
    const { name, source, policy, parts, letters } = this.design;
    const nodes = [...parts.map(({ id, make }) => make(id)), new SinkNode(sink)];
    const redrive = letters === undefined ? undefined : new Redrive(letters.source, this, letters.options);
    const plan = {
      name,
      hash: () => this.hash,
      source,
      policy,
      nodes,
      letters: deadLetters,
      redrive,
      alerts,
    };
    return new FlowRun(plan, run, origin);
  }

  /**
   * The same flow over dead letters of one of its runs: each record goes in at the stage where it failed, with the input
   * that it had there, and keeps its number, file and line. What fails again is a dead letter of this run, whose
   * `redriveOf` names the run before.
   *
   * Before anything is opened or run all letters are looked at; when one of those chosen cannot be done again, the flow
   * ends as failed with `CONFIG`, and the error says which and why: letters of several runs, of another flow, or of a
   * flow whose `hash` was another (unless `force`); letters of a stage that needs all records, or stands after one; and
   * letters whose input was not kept, such as lines that the source could not read.
   *
   * @throws AtomicError `CONFIG` for wrong options
   * @example
   * ```ts
   * let isMended = false;
   * const halve = (number: number) => {
   *   if (number === 4 && !isMended) throw new Error("out of order");
   *   return number / 2;
   * };
   * const letters: DeadLetter[] = [];
   * const got: number[] = [];
   * const halves = flow(fromIterable([2, 4, 6])).map(halve, { onError: "dead-letter" });
   * const first = await halves.to(toArray(got), { deadLetters: toArray(letters) });
   * isMended = true;
   * const second = await halves.redrive(letters).to(toArray(got));
   * console.log(got, first.delivered, second.delivered); // => [ 1, 3, 2 ] 2 1
   * ```
   */
  redrive(letters: DeadLetters, options: RedriveOptions = {}): Flow<TRecord> {
    const source = checkRedrive("flow.redrive", letters, options);
    return new Flow<TRecord>({ ...this.design, letters: { source, options } });
  }

  private call<TOutput>(
    what: "filter" | "map" | "split",
    use: (record: never) => unknown,
    options: FunctionOptions,
    Kind: new (id: string, use: (record: unknown) => never, policy: RecordPolicy) => Node,
  ): Flow<TOutput> {
    if (typeof use !== "function") throw configError(`flow.${what}`, "its argument", "a function", use);
    const { id, onError } = checkFunctionOptions(`flow.${what}`, options, what);
    // It is given what the flow's type says there is.
    const call = use as (record: unknown) => never;
    return this.with({ id, kind: what }, (unique) => new Kind(unique, call, onError));
  }

  /** A flow with one part more; an id that is taken gets a number. */
  private with<TOutput>(part: NewPart, make: Part["make"]): Flow<TOutput> {
    return new Flow<TOutput>(withPart(this.design, part, make));
  }
}

/** What records are joined with: a source, or a flow without its sink. */
export type OtherRecords<TRecord> = Source<TRecord> | Flow<TRecord> | RawFlow;

/**
 * Begins a flow at a source. Where the source does not know what its records are, any agent may come first.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * const got: { words: number }[] = [];
 * const texts = fromIterable([{ text: "Hello there" }, { text: "" }, { text: "Hi" }]);
 * const summary = await flow(texts)
 *   .through(countWords, { concurrency: 4, onError: "dead-letter" })
 *   .filter(({ words }) => words > 1)
 *   .to(toArray(got));
 * console.log(got); // => [ { words: 2 } ]
 * const { status, read, delivered, filtered, deadLettered } = summary;
 * console.log(status, read, delivered, filtered, deadLettered); // => partial 3 1 1 1
 * ```
 */
export function flow<TRecord>(
  source: Source<TRecord>,
  options?: FlowOptions,
): unknown extends TRecord ? RawFlow : Flow<TRecord>;
export function flow(source: Source<unknown>, options: FlowOptions = {}): RawFlow | Flow<unknown> {
  checkSource("flow", source);
  checkKeys("flow", options, ["name", "onError", "design"]);
  const { name = "flow", onError = "dead-letter", design } = options;
  checkName("flow", name);
  checkPolicy("flow", onError);
  if (design !== undefined && typeof design !== "string")
    throw configError("flow", "design", "a text", design);
  return new Flow({ name, text: design, policy: onError, source, parts: [] });
}

/** The other side of a join, of which all has to be there. */
function otherSide(source: Source<unknown>): Flow<unknown> {
  checkSource("flow.join", source);
  return new Flow({ name: source.name, text: undefined, policy: "stop", source, parts: [] });
}
