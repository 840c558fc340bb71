import { elapsedMs } from "../time/elapsed.ts";
import type { RunEvent } from "./events.ts";
import type { Frame } from "./frame.ts";
import type { EventReader } from "./readers.ts";
import { addStageEnd, addStageEvents, addStageStart, type EntryKind, entryKind } from "./stage-events.ts";

/** How many numbers and references one entry takes. */
const width = 4;

/** The most events that a run keeps; the oldest go first. */
const maxEvents = 1_000;

/**
 * What happened in a run. Events are made of it when somebody looks.
 *
 * While a run is one frame going from stage to stage, the frame's own clock marks say everything and nothing is
 * written here. With the first frame inside it, or the first event of another kind, the order of things has to be
 * kept: from then on they are written down, four array elements an entry.
 */
export class Journal {
  /** The outermost frame. */
  private frame: Frame | undefined = undefined;
  /** What happened since events were last made; undefined while the frame's marks say it all. */
  private entries: unknown[] | undefined = undefined;
  /** How many of the frame's marks events were made of. */
  private marksMade = 0;
  private readonly events: RunEvent[] = [];
  private droppedCount = 0;
  /** Nothing will be written any more. */
  ended = false;
  private waiting: Waiter[] | undefined = undefined;
  /** Until the run has begun, of one that begins later than it is asked for. */
  private beginning: Promise<unknown> | undefined = undefined;
  /** Whom the promise of the beginning is to give something. */
  private first: EventReader | undefined = undefined;
  /** What it will get, where that was let go before. */
  private firstEvent: RunEvent | undefined = undefined;
  /** The newest draft of the output, and how many there were. */
  partial: unknown = undefined;
  partialCount = 0;

  /** Says whose journal it is, before anything is written. */
  open(frame: Frame): void {
    this.frame = frame;
  }

  /** Whether a frame is the outermost of this journal. */
  isOf(frame: Frame): boolean {
    return this.frame === frame;
  }

  /** Something happened that the outermost frame has marked. */
  write(kind: EntryKind, frame: Frame, index: number, atMs: number): void {
    if (this.entries !== undefined) this.push(this.entries, kind, frame, index, atMs);
    if (this.waiting !== undefined) this.wake();
  }

  /** Writes an event that does not come of a stage's course. */
  writeEvent(event: RunEventBody, atMs: number): void {
    // What comes late may still be undone; whoever read the events has been told that there are no more.
    if (this.ended) return;
    this.push(this.keepOrder(), entryKind.other, event, 0, atMs);
    if (this.waiting !== undefined) this.wake();
  }

  /** Keeps a draft of the output in place of the one before. */
  writePartial(partial: unknown): void {
    this.partial = partial;
    this.partialCount++;
    if (this.waiting !== undefined) this.wake();
  }

  /** Has everything written down from now on: a frame begins inside the outermost one. */
  keepOrder(): unknown[] {
    if (this.entries === undefined) {
      this.makeOfMarks();
      this.entries = [];
    }
    return this.entries;
  }

  /** Says that nothing will be written any more. */
  close(): void {
    this.ended = true;
    if (this.waiting !== undefined) this.wake();
  }

  /** How many of the oldest events were let go. */
  get dropped(): number {
    this.make();
    return this.droppedCount;
  }

  /** The events that are kept, oldest first. */
  snapshot(): readonly RunEvent[] {
    this.make();
    // Nothing is added any more to the events of a run that has ended.
    return this.ended ? this.events : this.events.slice();
  }

  /** The event with a number, counted from the first that ever happened; undefined when it has not happened yet. */
  at(number: number): RunEvent | undefined {
    if (number - this.droppedCount >= this.events.length) this.make();
    return this.events[number - this.droppedCount];
  }

  /** Has somebody told once, when something is written after this call. */
  whenChanged(waiter: Waiter): void {
    if (this.waiting === undefined) this.waiting = [waiter];
    else this.waiting.push(waiter);
  }

  /** Has somebody told no more. */
  forget(waiter: Waiter): void {
    this.waiting = this.waiting?.filter((each) => each !== waiter);
  }

  /** Says that the run is about to begin, and when it has; that promise has to give what `begun` gives. */
  beginLater(beginning: Promise<unknown>): void {
    this.beginning = beginning;
  }

  /** The run has begun. */
  begun(): unknown {
    const { first } = this;
    this.beginning = undefined;
    this.first = undefined;
    return first?.atBeginning(this.firstEvent);
  }

  /**
   * What the first reader to ask gets once the run has begun; undefined for others, and when it has. It is the promise
   * of the beginning itself: most readers of events ask that early, and each promise less is time.
   */
  whenBegun(reader: EventReader): Promise<IteratorResult<RunEvent>> | undefined {
    const { beginning } = this;
    if (beginning === undefined || this.first !== undefined) return undefined;
    this.first = reader;
    // It gives what its first reader is to get.
    return beginning as Promise<IteratorResult<RunEvent>>;
  }

  private wake(): void {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    for (const waiter of waiting) waiter.serve();
  }

  private push(
    entries: unknown[],
    kind: EntryKind,
    about: Frame | RunEventBody,
    index: number,
    atMs: number,
  ): void {
    entries.push(kind, about, index, atMs);
    if (entries.length >= width * maxEvents) this.make();
  }

  private make(): void {
    if (this.entries === undefined) this.makeOfMarks();
    else this.makeOfEntries(this.entries);
    const excess = this.events.length - maxEvents;
    if (excess <= 0) return;
    if (this.first !== undefined) this.firstEvent ??= this.events[0];
    this.events.splice(0, excess);
    this.droppedCount += excess;
  }

  private makeOfMarks(): void {
    const { frame } = this;
    if (frame === undefined || frame.marks.length === this.marksMade) return;
    const { marks, program, error, runId } = frame;
    const { agent, steps } = program;
    const { events } = this;
    const [startMs = 0] = marks;
    for (let mark = this.marksMade; mark < marks.length; mark++) {
      const atMs = elapsedMs(startMs, marks[mark] ?? startMs);
      const hasFailed = error !== undefined && mark === marks.length - 1;
      if (mark === 0) events.push({ type: "run-start", runId, atMs, agent });
      else addStageEnd(events, frame, mark - 1, runId, atMs, hasFailed);
      if (hasFailed || mark === steps.length) {
        events.push({ type: "run-end", runId, atMs, agent, status: frame.outcome });
      } else addStageStart(events, frame, mark, runId, atMs);
    }
    this.marksMade = marks.length;
  }

  private makeOfEntries(entries: unknown[]): void {
    const { frame } = this;
    if (frame === undefined || entries.length === 0) return;
    const { startMs, runId } = frame;
    for (let at = 0; at < entries.length; at += width) {
      // Entries are only ever written by `push`, in this order.
      const kind = entries[at] as EntryKind;
      const atMs = elapsedMs(startMs, entries[at + 3] as number);
      if (kind === entryKind.other) {
        this.events.push({ ...(entries[at + 1] as RunEventBody), runId, atMs });
      } else {
        addStageEvents(
          this.events,
          frame,
          kind,
          entries[at + 1] as Frame,
          entries[at + 2] as number,
          runId,
          atMs,
        );
      }
    }
    entries.length = 0;
  }
}

/** Somebody who waits for something to be written. */
interface Waiter {
  readonly serve: () => void;
}

/** An event without what the journal itself knows. */
export type RunEventBody = RunEvent extends infer TEvent
  ? TEvent extends RunEvent
    ? Omit<TEvent, "runId" | "atMs">
    : never
  : never;
