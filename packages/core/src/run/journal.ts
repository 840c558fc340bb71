import type { AtomicError } from "../errors/atomic-error.ts";
import type { RunEvent } from "./events.ts";
import type { Frame } from "./frame.ts";

/** What a journal entry is about. */
export const entryKind = { begin: 0, boundary: 1, end: 2, fail: 3, other: 4, unbegun: 5 } as const;
type EntryKind = (typeof entryKind)[keyof typeof entryKind];

/** How many numbers and references one entry takes. */
const width = 4;

/** The most events that a run keeps; the oldest go first. */
export const maxEvents = 1_000;

/**
 * What happened in a run, kept so cheaply that it can be written as it happens: four array elements an entry. Events
 * are made of it when somebody looks.
 */
export class Journal {
  /** The outermost frame. */
  #frame: Frame | undefined;
  #entries: unknown[] = [];
  /** Events made so far; entries before `#made` need no second look. */
  #events: RunEvent[] = [];
  #made = 0;
  #dropped = 0;
  #ended = false;
  #waiting: (() => void)[] | undefined;

  /** Says whose journal it is, before anything is written. */
  open(frame: Frame): void {
    this.#frame = frame;
  }

  /** Whether a frame is the outermost of this journal. */
  isOf(frame: Frame): boolean {
    return this.#frame === frame;
  }

  write(kind: EntryKind, frame: Frame, index: number, atMs: number): void {
    this.#entries.push(kind, frame, index, atMs);
    if (this.#entries.length >= 4 * width * maxEvents) this.#make();
    if (this.#waiting !== undefined) this.#wake();
  }

  /** Writes an event that does not come of a stage's course. */
  writeEvent(event: RunEventBody, atMs: number): void {
    this.#entries.push(entryKind.other, event, 0, atMs);
    if (this.#entries.length >= 4 * width * maxEvents) this.#make();
    if (this.#waiting !== undefined) this.#wake();
  }

  /** Says that nothing will be written any more. */
  close(): void {
    this.#ended = true;
    if (this.#waiting !== undefined) this.#wake();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** How many of the oldest events were let go. */
  get dropped(): number {
    this.#make();
    return this.#dropped;
  }

  /** The events that are kept, oldest first. */
  snapshot(): readonly RunEvent[] {
    this.#make();
    return this.#events.slice();
  }

  /** The event with a number, counted from the first that ever happened; undefined when it has not happened yet. */
  at(number: number): RunEvent | undefined {
    if (number - this.#dropped >= this.#events.length) this.#make();
    return this.#events[number - this.#dropped];
  }

  /** Resolves when something was written after this call. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting ??= [];
      this.#waiting.push(resolve);
    });
  }

  #wake(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const resolve of waiting) resolve();
  }

  #make(): void {
    const entries = this.#entries;
    if (this.#made === entries.length) return;
    if (this.#frame === undefined) return;
    const { startMs } = this.#frame;
    const { runId } = this.#frame.root;
    for (let at = this.#made; at < entries.length; at += width) {
      // Entries are only ever written by `write` and `writeEvent`, in this order.
      const kind = entries[at] as EntryKind;
      const atMs = (entries[at + 3] as number) - startMs;
      if (kind === entryKind.other) {
        this.#events.push({ ...(entries[at + 1] as RunEventBody), runId, atMs } as RunEvent);
      } else {
        addStageEvents(this, this.#events, kind, entries[at + 1] as Frame, entries[at + 2] as number, runId, atMs);
      }
    }
    this.#entries = [];
    this.#made = 0;
    const excess = this.#events.length - maxEvents;
    if (excess > 0) {
      this.#events.splice(0, excess);
      this.#dropped += excess;
    }
  }
}

/** An event without what the journal itself knows. */
export type RunEventBody = RunEvent extends infer TEvent
  ? TEvent extends RunEvent
    ? Omit<TEvent, "runId" | "atMs">
    : never
  : never;

function addStageEvents(
  journal: Journal,
  events: RunEvent[],
  kind: EntryKind,
  frame: Frame,
  index: number,
  runId: string,
  atMs: number,
): void {
  const { steps, agent } = frame.program;
  const outermost = journal.isOf(frame);
  if (kind === entryKind.unbegun) {
    events.push({ type: "run-start", runId, atMs, agent }, { type: "run-end", runId, atMs, agent, status: frame.status });
    return;
  }
  // A composed agent's own frame within a stage: the stage has said the same.
  if (!outermost && !frame.program.staged) return;
  if (kind === entryKind.begin) {
    if (outermost) events.push({ type: "run-start", runId, atMs, agent });
    stageStart(events, frame, index, runId, atMs);
    return;
  }
  const step = steps[index];
  // A stage that was passed has said so.
  if (step !== undefined && frame.rare?.passed?.[index] === undefined) {
    const stage = frame.pathOf(index) || step.id;
    if (kind === entryKind.fail) {
      // A frame that failed at this index has its error.
      const error = frame.error as AtomicError;
      const type = error.code === "CANCELLED" ? "stage-cancelled" : "stage-error";
      events.push({ type, runId, atMs, stage, agent: step.agent, error });
    } else {
      events.push({ type: "stage-end", runId, atMs, stage, agent: step.agent });
    }
  }
  if (kind === entryKind.boundary) stageStart(events, frame, index + 1, runId, atMs);
  else if (outermost) {
    const status = kind === entryKind.end ? "success" : frame.status;
    events.push({ type: "run-end", runId, atMs, agent, status });
  }
}

function stageStart(events: RunEvent[], frame: Frame, index: number, runId: string, atMs: number): void {
  const step = frame.program.steps[index];
  if (step === undefined) return;
  events.push({ type: "stage-start", runId, atMs, stage: frame.pathOf(index) || step.id, agent: step.agent });
}
