import { AtomicError, toAtomicError } from "@atomic-agents/core";
import { Deque } from "../deque.ts";
import { Gathering } from "../gathering.ts";
import { Held } from "../held.ts";
import { close, fate, fixPlace, groupOf, Item } from "../item.ts";
import type {
  EmitOptions,
  OperatorContext,
  OperatorInternals,
  OperatorOutput,
  OperatorWork,
} from "../operator.ts";
import { promised } from "../promised.ts";
import { Node, type RecordPolicy } from "./node.ts";

/** How an operator is used, with its options filled in. */
export interface OperatorSettings {
  readonly maxHeld: number;
  readonly onError: RecordPolicy;
}

type Steps = Iterator<unknown, unknown, undefined>;

/** Has an operator of the user's work, and keeps the books for it. */
export class OperatorNode extends Node {
  private readonly internals: OperatorInternals<unknown, unknown>;
  private readonly settings: OperatorSettings;
  private work: OperatorWork<unknown, unknown> | undefined = undefined;
  private readonly held = new Held();
  /** Those that are held as one. */
  private gathering = new Gathering();
  /** What has been emitted and has not gone on. */
  private readonly line = new Deque<Item>();
  /** The call that is under way, of a generator between its steps. */
  private call: "take" | "end" | undefined = undefined;
  private steps: Steps | undefined = undefined;
  /** The item that was taken, and what the call has said of it. */
  private current: Item | undefined = undefined;
  private said: "nothing" | "emitted" | "dropped" = "nothing";
  private hasEmitted = false;
  /** All that was held when something was first emitted at the end from all: what else is, is from them, too. */
  private allAtEnd: Item | undefined = undefined;
  private isOver = false;
  private readonly output: OperatorOutput<unknown, unknown> = {
    emit: (value, options) => this.emit(value, options),
    drop: (records) => this.drop(records),
  };

  constructor(id: string, internals: OperatorInternals<unknown, unknown>, settings: OperatorSettings) {
    super(id);
    this.internals = internals;
    this.settings = settings;
  }

  /** Whether what becomes of a record depends on which others there are. */
  get needsAll(): boolean {
    return this.internals.needsAll;
  }

  override get isFree(): boolean {
    return this.steps === undefined && this.line.length === 0 && this.next.isFree;
  }

  override get isEmpty(): boolean {
    return this.isOver && this.line.length === 0;
  }

  override take(item: Item): void {
    this.taken++;
    if (!this.begins()) return;
    this.call = "take";
    this.current = item;
    this.said = "nothing";
    this.hasEmitted = false;
    this.step();
    this.resume();
  }

  override resume(): boolean {
    let moved = this.drain();
    while (this.line.length === 0 && this.next.isFree && !this.host.hasEnded && !this.isOver) {
      if (this.steps === undefined) {
        if (!this.inputEnded || !this.begins()) return moved;
        this.call = "end";
      } else if (!this.host.takesTurn()) return moved;
      this.step();
      this.drain();
      moved = true;
    }
    return moved;
  }

  override close(): Promise<void> | undefined {
    const { work, steps } = this;
    this.call = undefined;
    if (steps?.return === undefined && work?.close === undefined) return undefined;
    return (async () => {
      try {
        steps?.return?.();
      } finally {
        await work?.close?.();
      }
    })();
  }

  /** Begins with the first record, or at the end of none; false when it cannot. */
  private begins(): boolean {
    if (this.work !== undefined) return true;
    const { runId, signal, clock, log } = this.host.ctx;
    const context: OperatorContext = { runId, stage: this.id, signal, clock, log };
    try {
      const work = this.internals.start(context);
      if (typeof work?.take !== "function") throw new TypeError("its start gave nothing that takes records");
      this.work = work;
    } catch (thrown) {
      this.host.fail(this.errorOf(thrown));
      return false;
    }
    return true;
  }

  /** A call of the operator's, or the next step of one. */
  private step(): void {
    const { work, steps, call, current, output } = this;
    let result: unknown;
    try {
      if (steps !== undefined) result = steps.next().done === true ? undefined : steps;
      else result = call === "take" ? work?.take(current?.value, output) : work?.end?.(output);
      if (result instanceof Promise) throw promised(result);
    } catch (thrown) {
      this.steps = undefined;
      this.finish(this.errorOf(thrown));
      return;
    }
    if (isSteps(result)) this.steps = result;
    else {
      this.steps = undefined;
      this.finish(undefined);
    }
  }

  /** The call is over. */
  private finish(error: AtomicError | undefined): void {
    const { call, current } = this;
    this.call = undefined;
    this.current = undefined;
    if (call === "end") this.finishEnd(error);
    else if (current !== undefined) this.finishTake(current, error);
  }

  private finishTake(item: Item, error: AtomicError | undefined): void {
    if (error !== undefined) this.refuse(item, error, this.hasEmitted);
    else if (this.said === "emitted") close(item, fate.filtered, this.host);
    else if (this.said === "dropped") this.letGo(item);
    else this.hold(item);
  }

  private finishEnd(error: AtomicError | undefined): void {
    this.isOver = true;
    const all = [this.allAtEnd, this.takeAll()].filter((one) => one !== undefined);
    for (const one of all) this.finishAll(one, error);
    // There may be no record to tell it by.
    const isTold = all.some(({ members, wholeCount }) => wholeCount > 0 || members?.length !== 0);
    if (error !== undefined && !isTold) this.host.fail(error);
  }

  private finishAll(all: Item, error: AtomicError | undefined): void {
    if (error === undefined) this.letGo(all);
    // Much may have been made of what is held, before the end and at it.
    else this.refuse(all, error, true);
  }

  private refuse(item: Item, error: AtomicError, isUsed: boolean): void {
    const problem = isUsed ? "something may have been made of it, which has gone on" : undefined;
    this.dispose(item, error, this.settings.onError, 1, undefined, problem);
  }

  private hold(item: Item): void {
    if (this.internals.together) {
      this.gathering.add(item);
      return;
    }
    fixPlace(item);
    this.held.add(item.value, item);
    const { maxHeld } = this.settings;
    if (this.held.size > maxHeld) this.host.fail(tooManyHeld(this.id, maxHeld));
  }

  /** All that is held, as one item; undefined when nothing is. */
  private takeAll(): Item | undefined {
    if (this.internals.together) {
      const { gathering } = this;
      this.gathering = new Gathering();
      return gathering.isEmpty ? undefined : groupOf(gathering.toItem(undefined), this.id);
    }
    const items = this.held.all();
    this.held.clear();
    return items.length === 0 ? undefined : groupOf(new Item(undefined, undefined, items), this.id);
  }

  private emit(value: unknown, options: EmitOptions<unknown> = {}): void {
    const { call, current } = this;
    if (call === undefined) throw new TypeError("`emit` holds for the call that it was handed to");
    const { from, keep = false } = options;
    this.hasEmitted = true;
    if (from === undefined && call === "take" && current !== undefined) {
      if (!keep) this.say("emitted");
      current.open++;
      this.line.push(new Item(value, current));
    } else if (from !== undefined && from !== "all") this.emitFrom(value, this.find(from), keep);
    else if (call === "end") this.emitAtEnd(value);
    else this.emitFromAll(value, keep);
  }

  /** All that is held ends when all that is emitted has: they are as parts of a split. */
  private emitAtEnd(value: unknown): void {
    const all = (this.allAtEnd ??= this.takeAll() ?? new Item(undefined, undefined, []));
    all.open++;
    this.line.push(new Item(value, all));
  }

  private emitFromAll(value: unknown, keep: boolean): void {
    const { current } = this;
    if (this.internals.together) {
      if (keep) throw new TypeError("records that are held together cannot be kept");
      const { gathering } = this;
      this.gathering = new Gathering();
      if (current !== undefined) {
        this.say("emitted");
        current.open++;
        gathering.add(current);
      }
      this.line.push(groupOf(gathering.toItem(value), this.id));
      return;
    }
    const held = this.held.all();
    this.emitFrom(value, current === undefined ? held : [...held, current], keep);
  }

  private emitFrom(value: unknown, items: readonly Item[], keep: boolean): void {
    for (const item of items) item.open++;
    const [first] = items;
    const isOne = first !== undefined && items.length === 1;
    // What is made of one record is found by it, as the part of a split is.
    this.line.push(isOne ? new Item(value, first) : groupOf(new Item(value, undefined, items), this.id));
    if (keep) return;
    for (const item of items) {
      if (item === this.current) this.say("emitted");
      else {
        this.held.take(item.value);
        close(item, fate.filtered, this.host);
      }
    }
  }

  private drop(records: readonly unknown[] | undefined): void {
    const { call } = this;
    if (call === undefined) throw new TypeError("`drop` holds for the call that it was handed to");
    if (records === undefined) {
      if (call === "take") this.say("dropped");
      return;
    }
    for (const item of this.find(records)) {
      if (item === this.current) this.say("dropped");
      else {
        this.held.take(item.value);
        this.letGo(item);
      }
    }
  }

  /** What was said first of the record that was taken holds: it has been emitted from, though it is dropped then. */
  private say(what: "emitted" | "dropped"): void {
    if (this.said !== "emitted") this.said = what;
  }

  private letGo(item: Item): void {
    // Something that was made of it may still be on its way.
    if (item.open === 1) this.leaveOut(item);
    else close(item, fate.filtered, this.host);
  }

  /** What is named; of records with one value those that came first. @throws TypeError when one is not held */
  private find(records: readonly unknown[]): readonly Item[] {
    if (this.internals.together) throw new TypeError("records that are held together cannot be named");
    const found: Item[] = [];
    const counts = new Map<unknown, number>();
    for (const record of records) {
      const count = counts.get(record) ?? 0;
      // An object that is named twice is one record; numbers and texts may be several.
      if (count > 0 && typeof record === "object" && record !== null) continue;
      const item = this.held.at(record, count) ?? this.currentOf(record, count);
      if (item === undefined) {
        throw new TypeError(
          "a record is named that is not held: it was not taken, or was emitted from or dropped before",
        );
      }
      counts.set(record, count + 1);
      found.push(item);
    }
    return found;
  }

  /** The item that was taken, if it comes after so many that are held. */
  private currentOf(record: unknown, count: number): Item | undefined {
    const { current, held } = this;
    if (current === undefined || !Object.is(current.value, record)) return undefined;
    return count === 0 || held.at(record, count - 1) !== undefined ? current : undefined;
  }

  private drain(): boolean {
    let moved = false;
    while (this.line.length > 0 && this.next.isFree && !this.host.hasEnded) {
      const item = this.line.shift();
      if (item === undefined) break;
      this.give(item);
      moved = true;
    }
    return moved;
  }

  private errorOf(thrown: unknown): AtomicError {
    return toAtomicError(thrown, { stage: this.id, agent: this.id });
  }
}

function isSteps(result: unknown): result is Steps {
  return (
    typeof result === "object" && result !== null && typeof (result as Partial<Steps>).next === "function"
  );
}

function tooManyHeld(stage: string, maxHeld: number): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", `Stage "${stage}" holds more than ${maxHeld} records`, {
    stage,
    details: { thrown: "too many held" },
    retryable: false,
    hint: "Have the operator emit from what it holds, or drop what it does not need; or raise maxHeld.",
  });
}
