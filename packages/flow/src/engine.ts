// Imported by name, so that tools which replace the global timers do not stop a flow.
import { clearImmediate, setImmediate } from "node:timers";
import { AtomicError, type Context, toAtomicError } from "@atomic-agents/core";
import { AlertWatch } from "./alerts.ts";
import { describeIssues } from "./describe-issues.ts";
import type { DeadLetter } from "./dead-letter.ts";
import { recordOf, stageSummaries } from "./flow-record.ts";
import { Feed, noMore, nothingYet } from "./feed.ts";
import type { FlowRecord } from "./run-saver.ts";
import { letterBehind } from "./letters/letter-item.ts";
import { LetterBox } from "./letters/letter-box.ts";
import { LetterMaker } from "./letters/letter-maker.ts";
import { EntryNode } from "./nodes/entry-node.ts";
import { close, fate, type Fate, Item } from "./item.ts";
import type { Failure, Host, Node } from "./nodes/node.ts";
import { TeeNode } from "./nodes/tee-node.ts";
import { showPlace } from "./place.ts";
import type { Plan } from "./plan.ts";
import { placeOfRefusal, refusalError } from "./refusal-error.ts";
import { Sinks } from "./sinks.ts";
import { asynchronousSchema, later, saidOf } from "./source-schema.ts";
import { sourceFailure } from "./source-failure.ts";
import {
  Refusal,
  type RefusedRecord,
  type SourceCursor,
  type SourceReader,
  type SourceSize,
} from "./source.ts";
import type { FlowCounts, FlowProgress, FlowStatus, FlowSummary } from "./summary.ts";
import { withinLimit } from "./within-limit.ts";

/** How many records are read before timers, input and output get their turn. */
const recordsPerTurn = 2_048;
/** How many records that need no items take as long as one that does. */
const absorbedPerItem = 8;
/** The most that closing a source, or one step of closing a sink, may take. */
const closeTimeoutMs = 30_000;
/** Calls back in a moment, for less than a new promise costs. */
const settled = Promise.resolve();
/** How far apart progress events are at least. */
const eventIntervalMs = 1_000;

/**
 * Drives one flow: reads while the first node is free, and moves on what nodes hold, from the last to the first. It
 * keeps the books, so that each record read has exactly one end.
 */
export class Engine implements Host {
  private readonly plan: Plan;
  /** Where records go in first. */
  private readonly first: Node;
  /** Whether records need no items to go in there. */
  private readonly absorbs: boolean;
  private readonly nodes: readonly Node[];
  private readonly sinks: Sinks;
  declare ctx: Context;
  status: FlowStatus = "pending";
  hasEnded = false;
  private read = 0;
  private readonly ends: [number, number, number] = [0, 0, 0];
  private error: AtomicError | undefined = undefined;
  private stoppedBy: DeadLetter | undefined = undefined;
  private feed: Feed | undefined = undefined;
  private exhausted = false;
  private isMoving = false;
  private movesAgain = false;
  /** Whether it is about to be woken. */
  private isWaking = false;
  private isClosing = false;
  private quota = recordsPerTurn;
  private turn: NodeJS.Immediate | undefined = undefined;
  private size: SourceSize = {};
  private readonly cursor: SourceCursor = {
    file: undefined,
    line: 0,
    byteOffset: -1,
    offsets: undefined,
    bytesRead: 0,
  };
  private readonly letterMaker: LetterMaker;
  private readonly alerts: AlertWatch | undefined;
  private readonly letters: LetterBox;
  private startMs = 0;
  private toldMs = 0;
  private readonly onEnd: (summary: FlowSummary) => void;
  private rejectWork: ((error: AtomicError) => void) | undefined = undefined;
  private resolveWork: (() => void) | undefined = undefined;
  private runId = "";

  /** @param onEnd called once, when everything is closed */
  constructor(plan: Plan, onEnd: (summary: FlowSummary) => void) {
    this.plan = plan;
    this.onEnd = onEnd;
    const { redrive, alerts, source } = plan;
    this.nodes =
      redrive === undefined ? plan.nodes : [new EntryNode((item) => this.targetOf(item)), ...plan.nodes];
    this.first = this.nodes[0] as Node;
    this.absorbs = this.first.absorbs && source["~source"].schema === undefined;
    this.letterMaker = new LetterMaker({ ...plan, source: source.name }, plan.nodes);
    this.alerts = alerts === undefined ? undefined : new AlertWatch(plan.name, alerts);
    this.sinks = new Sinks(plan.nodes, plan.letters);
    this.letters = new LetterBox(this, this.letterMaker, this.sinks.letters);
  }

  /** Runs the flow; resolves and rejects as its run is to end, before everything is closed. */
  start(ctx: Context): Promise<void> {
    this.ctx = ctx;
    this.runId = ctx.runId;
    this.letterMaker.run = { id: ctx.runId, clock: ctx.clock };
    this.status = "running";
    this.startMs = ctx.clock.now();
    this.toldMs = this.startMs;
    ctx.signal.addEventListener("abort", () => this.fail(reasonOf(ctx.signal.reason)), { once: true });
    for (const [index, node] of this.nodes.entries()) node.join(this, this.nodes[index + 1]);
    this.sinks.join(this);
    return new Promise((resolve, reject) => {
      this.resolveWork = resolve;
      this.rejectWork = reject;
      void this.open();
    });
  }

  /** The run has ended without the flow: before it began, or by its own limits. */
  runEnded(runId: string, error: AtomicError): void {
    if (this.status === "pending") {
      this.runId = runId;
      this.sinks.joinRun(runId);
      this.error = error;
      this.hasEnded = true;
      this.tell();
    } else this.fail(error);
  }

  counts(): FlowCounts {
    const [filtered, delivered, deadLettered] = this.ends;
    const { read } = this;
    return {
      read,
      delivered,
      filtered,
      deadLettered,
      unfinished: read - delivered - filtered - deadLettered,
    };
  }

  progress(): FlowProgress {
    const { size, cursor } = this;
    const counts = this.counts();
    const ratio =
      size.bytes !== undefined
        ? cursor.bytesRead / Math.max(1, size.bytes)
        : size.records !== undefined
          ? counts.read / Math.max(1, size.records)
          : undefined;
    const progress = { ...counts, status: this.status, bytesRead: cursor.bytesRead };
    return ratio === undefined ? progress : { ...progress, ratio: Math.min(1, ratio) };
  }

  settle(ended: Fate, count = 1): void {
    this.ends[ended] += count;
    if (ended === fate.deadLettered && this.alerts !== undefined) this.alerts.look(this.counts(), this.ctx);
  }

  readonly wake = (): void => {
    if (this.hasEnded) return;
    if (this.isMoving) {
      this.movesAgain = true;
      return;
    }
    this.isMoving = true;
    try {
      this.move();
    } catch (thrown) {
      // Nodes catch what users' code throws: what comes here is a bug, and still must end the flow.
      this.fail(toAtomicError(thrown));
    } finally {
      this.isMoving = false;
    }
    if (this.hasEnded) return;
    if (this.sinks.all.every((sink) => sink.isDone)) void this.finish();
    else if (this.quota <= 0 || this.sinks.all.some((sink) => sink.isWaiting)) this.takeTurn();
  };

  readonly wakeSoon = (): void => {
    if (this.isMoving) this.movesAgain = true;
    else if (!this.isWaking) {
      this.isWaking = true;
      void settled.then(this.wakeLater);
    }
  };

  private readonly wakeLater = (): void => {
    this.isWaking = false;
    this.wake();
  };

  takesTurn(): boolean {
    if (this.quota <= 0) return false;
    this.quota--;
    return true;
  }

  deadLetter(failure: Failure): void {
    this.letters.take(failure);
  }

  stop(failure: Failure): void {
    if (this.hasEnded) return;
    const letter = this.letterMaker.ofFailure(failure, failure.item);
    // Of what was made of no record there is none to tell of.
    if (letter.record > 0) this.stoppedBy = letter;
    this.fail(failure.error);
  }

  readonly fail = (error: AtomicError): void => {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.error = error;
    clearImmediate(this.turn);
    void this.closeAll();
  };

  /** Where an item that a letter has brought back goes in. */
  private targetOf(item: Item): Node {
    const { nodes } = this.plan;
    const { kind, id } = letterBehind(item)?.entry ?? { kind: "source", id: "" };
    if (kind === "sink") return this.sinks.last;
    // All entries were looked at before anything was brought back.
    const target = (kind === "source" ? nodes[0] : nodes.find((node) => node.id === id)) as Node;
    return kind === "tee" && target instanceof TeeNode ? target.side : target;
  }

  private async open(): Promise<void> {
    try {
      const { signal, clock, log, random } = this.ctx;
      const { redrive } = this.plan;
      if (redrive !== undefined) {
        await redrive.prepare({ signal, clock, log, random });
        if (this.hasEnded) return;
      }
      const error = await this.sinks.open(this.ctx, this);
      if (error !== undefined) this.fail(error);
      if (this.hasEnded) return;
      this.feed = new Feed(redrive?.source ?? this.plan.source, this.reader(), this.wake);
    } catch (thrown) {
      this.fail(toAtomicError(thrown));
      return;
    }
    this.wake();
  }

  private reader(): SourceReader {
    const { signal, clock, log, random } = this.ctx;
    const { cursor } = this;
    return {
      signal,
      clock,
      log,
      random,
      cursor,
      setSize: (size) => {
        this.size = size;
      },
      refuse: ({ message, column, raw }: RefusedRecord) => {
        const place = { file: cursor.file, line: cursor.line === 0 ? undefined : cursor.line, column };
        return new Refusal(message, place, raw);
      },
    };
  }

  /** Moves on whatever can be, until nothing can. */
  private move(): void {
    const { nodes } = this;
    const { sides, letters } = this.sinks;
    do {
      this.movesAgain = false;
      for (let index = nodes.length - 1; index >= 0; index--) {
        if (nodes[index]?.resume() === true) this.movesAgain = true;
      }
      for (const side of sides) if (side.resume()) this.movesAgain = true;
      if (letters?.resume() === true) this.movesAgain = true;
      if (this.fill()) this.movesAgain = true;
      if (this.exhausted && this.tellEnds()) this.movesAgain = true;
    } while (this.movesAgain && !this.hasEnded);
  }

  /** Reads while there is room; true when something was read. */
  private fill(): boolean {
    const { feed, first } = this;
    const { letters } = this.sinks;
    if (feed === undefined) return false;
    const before = this.read;
    while (
      !this.exhausted &&
      !this.hasEnded &&
      this.quota > 0 &&
      first.isFree &&
      (letters === undefined || letters.isFree)
    ) {
      if (this.absorbs) {
        const count = feed.handOver(this.quota * absorbedPerItem, this.handToFirst);
        this.read += count;
        this.quota -= Math.ceil(count / absorbedPerItem);
        if (this.quota <= 0 || !first.isFree) break;
      }
      let value: unknown;
      try {
        value = feed.next();
      } catch (thrown) {
        this.fail(sourceFailure(thrown, this.plan.source.name, this.read));
        return true;
      }
      if (value === nothingYet) break;
      if (value === noMore) {
        this.exhausted = true;
        return true;
      }
      this.quota--;
      this.take(value, first);
    }
    return this.read > before;
  }

  private readonly handToFirst = (values: readonly unknown[], from: number, to: number): number =>
    this.first.absorb(values, from, to, this.read + 1);

  private take(value: unknown, first: Node): void {
    const { redrive } = this.plan;
    if (redrive !== undefined) {
      // Its source gives letters.
      const item = redrive.itemOf(value as DeadLetter);
      this.read = redrive.recordCount;
      if (item.letter.entry.kind === "source") this.check(item, first);
      else first.take(item);
      return;
    }
    const { cursor } = this;
    const item = new Item(value);
    this.read++;
    item.number = this.read;
    item.file = cursor.file;
    item.line = cursor.line;
    item.byteOffset = cursor.byteOffset;
    item.offsets = cursor.offsets;
    if (value instanceof Refusal) {
      this.refuse(
        item,
        value.raw,
        `${showPlace(placeOfRefusal(item, value.place.column))}: ${value.message}`,
        value.place.column,
        "the source could not read it, and this is only its beginning",
      );
    } else this.check(item, first);
  }

  /** Has the source's schema, if there is one, take a record before the first node does. */
  private check(item: Item, first: Node): void {
    const { schema } = this.plan.source["~source"];
    if (schema === undefined) {
      first.take(item);
      return;
    }
    const { value } = item;
    const said = saidOf(schema, value);
    if (said === later) this.fail(asynchronousSchema(this.plan.source.name));
    else if (typeof said === "string") this.refuse(item, value, said);
    else if (said.issues === undefined) {
      item.value = said.value;
      first.take(item);
    } else
      this.refuse(item, value, `${showPlace(item.line === 0 ? {} : item)}: ${describeIssues(said.issues)}`);
  }

  /** Does with a record that cannot be read what the flow's policy says. */
  private refuse(item: Item, input: unknown, message: string, column?: number, inputProblem?: string): void {
    const { source, policy } = this.plan;
    const error = refusalError(message, { stage: source.name, runId: this.runId, disposition: policy });
    if (policy === "drop") {
      close(item, fate.filtered, this);
      return;
    }
    const letter = this.letterMaker.ofRefusal(item, { input, inputProblem, column, error });
    if (policy === "dead-letter") this.letters.put(item, letter);
    else {
      this.stoppedBy = letter;
      this.fail(error);
    }
  }

  /** Tells each node whose input has ended; true when one did not know. */
  private tellEnds(): boolean {
    let told = false;
    const tell = (node: Node): void => {
      if (node.inputEnded) return;
      node.inputEnded = true;
      told = true;
    };
    let isOver = true;
    for (const node of this.nodes) {
      if (!isOver) return told;
      tell(node);
      isOver = node.isDone;
      if (isOver && node instanceof TeeNode) tell(node.side);
    }
    const { letters, sides } = this.sinks;
    if (isOver && letters !== undefined && sides.every((side) => side.isDone)) tell(letters);
    return told;
  }

  /** Lets timers, input and output have their turn, then goes on; what sinks hold by then is written. */
  private takeTurn(): void {
    this.turn ??= setImmediate(() => {
      this.turn = undefined;
      if (this.hasEnded) return;
      // While records keep coming, sinks write when they have enough; otherwise nothing is kept waiting.
      const isBusy = this.quota <= 0;
      this.quota = recordsPerTurn;
      if (!isBusy) for (const sink of this.sinks.all) if (sink.isWaiting) sink.flush();
      this.tellProgress();
      this.wake();
    });
  }

  private tellProgress(): void {
    const nowMs = this.ctx.clock.now();
    if (nowMs - this.toldMs < eventIntervalMs) return;
    this.toldMs = nowMs;
    this.ctx.emit("progress", this.counts());
  }

  /** All records have ended: makes everything safe, then shows it. */
  private async finish(): Promise<void> {
    if (this.isClosing) return;
    this.isClosing = true;
    const { unfinished } = this.counts();
    // Would be a mistake in a node: nothing is shown of a flow that has lost records.
    if (unfinished !== 0) this.fail(toAtomicError(new Error(`${unfinished} records were lost`)));
    if (this.hasEnded) return;
    const error = await this.sinks.publish(this.ctx, this);
    if (error !== undefined) this.fail(error);
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.stopTimers();
    await this.closeNodes();
    this.resolveWork?.();
    this.tell();
  }

  /** Never rejects: what the flow was for is done or lost by now. */
  private async closeNodes(): Promise<void> {
    const { clock, log } = this.ctx;
    for (const node of this.nodes) {
      const closing = node.close();
      if (closing === undefined) continue;
      await withinLimit(clock, closeTimeoutMs, async () => closing).catch((thrown: unknown) => {
        log.error(`Could not close stage "${node.id}"`, { error: toAtomicError(thrown).message });
      });
    }
  }

  /** Lets go of everything after a failure. Never rejects. */
  private async closeAll(): Promise<void> {
    const { clock } = this.ctx;
    // Ends the run, which aborts what it has at work; the summary waits for the rest.
    if (this.error !== undefined) this.rejectWork?.(this.error);
    await withinLimit(clock, closeTimeoutMs, async () => this.feed?.close()).catch(() => {});
    await this.sinks.discard(this.ctx);
    await this.closeNodes();
    this.stopTimers();
    this.tell();
  }

  private stopTimers(): void {
    clearImmediate(this.turn);
    this.sinks.stopTimers();
  }

  private tell(): void {
    const counts = this.counts();
    const { error } = this;
    const status =
      error !== undefined
        ? error.code === "CANCELLED"
          ? "cancelled"
          : "failed"
        : counts.deadLettered > 0
          ? "partial"
          : "success";
    this.status = status;
    if (this.ctx !== undefined) this.alerts?.atEnd(counts, this.ctx);
    const { stoppedBy } = this;
    const redriveOf = this.plan.redrive?.redriveOf;
    const summary: FlowSummary = {
      runId: this.runId,
      status,
      published: this.sinks.arePublished,
      ...counts,
      emitted: this.sinks.last.written,
      durationMs: this.ctx === undefined ? 0 : this.ctx.clock.now() - this.startMs,
      stages: stageSummaries(this.plan),
      sinks: this.sinks.summaries(),
      letterCount: this.letters.count,
      deadLetters: this.letters.shown,
      ...(redriveOf === undefined ? {} : { redriveOf }),
      ...(stoppedBy === undefined ? {} : { stoppedBy }),
      ...(error === undefined ? {} : { error }),
    };
    this.onEnd(summary);
  }

  /** What is kept of the run, as far as it has come. */
  record(): FlowRecord {
    const { plan, sinks, stoppedBy } = this;
    return recordOf(plan, sinks, { counts: this.counts(), letterCount: this.letters.count, stoppedBy });
  }
}

/** What a run's signal aborts with is the run's error. */
function reasonOf(reason: unknown): AtomicError {
  if (AtomicError.isInstance(reason)) return reason;
  return new AtomicError("CANCELLED", "The flow was cancelled", { details: { reason: String(reason) } });
}
