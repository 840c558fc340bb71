import type { Result } from "../result.ts";
import type { RunEvent, RunEvents } from "./events.ts";
import type { Frame } from "./frame.ts";
import type { Journal } from "./journal.ts";
import { DraftReader, EventReader } from "./readers.ts";
import type { RunReport, RunStatus } from "./report.ts";
import { reportOf, statusOf } from "./report-of.ts";

/** What is there as a whole or not at all. */
type Whole =
  | Date
  | RegExp
  | ArrayBufferView
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ((...given: never[]) => unknown);

/** A value of which any part may still be missing: a property, at any depth, or the end of a list or text. */
export type Draft<TValue> = TValue extends Whole
  ? TValue
  : TValue extends readonly (infer TItem)[]
    ? readonly Draft<TItem>[]
    : TValue extends object
      ? { readonly [K in keyof TValue]?: Draft<TValue[K]> | undefined }
      : TValue;

type Inspect = (value: unknown, options: object) => string;

/**
 * A run that was started: it can be watched, awaited and cancelled.
 *
 * @example
 * ```ts
 * const shout = defineAgent({
 *   name: "shout",
 *   description: "Turns text into capitals.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (text) => text.toUpperCase(),
 * });
 * const run = shout.start("hello");
 * for await (const event of run.events) console.log(event.type);
 * // => run-start
 * // => stage-start
 * // => stage-end
 * // => run-end
 * console.log(await run.result); // => { ok: true, output: 'HELLO' }
 * ```
 */
export class Run<out TOutput> {
  private readonly frame: Frame;
  private readonly journal: Journal;
  private told: Promise<Result<TOutput>> | undefined = undefined;

  constructor(frame: Frame, journal: Journal) {
    this.frame = frame;
    this.journal = journal;
  }

  /** The outcome as a value; never rejects. */
  get result(): Promise<Result<TOutput>> {
    // What comes out has passed the output schema, whose type TOutput is.
    this.told ??= this.frame.resultPromise() as Promise<Result<TOutput>>;
    return this.told;
  }

  get events(): RunEvents {
    return new JournalEvents(this.journal);
  }

  get id(): string {
    return this.frame.runId;
  }

  get status(): RunStatus {
    return statusOf(this.frame);
  }

  /**
   * Drafts of the output while it is made, where the agent, or a pipeline's last stage, gives any. Each is the whole
   * output so far and not validated; the one that counts is in `result`. A reader gets the newest draft each time it
   * asks, so a slow one skips some. Ends with the run, and never throws.
   */
  get partials(): AsyncIterable<Draft<TOutput>> {
    const { journal } = this;
    return { [Symbol.asyncIterator]: () => new DraftReader<TOutput>(journal) };
  }

  /** The run as it stands now. */
  report(): RunReport {
    return reportOf(this.frame);
  }

  /** What goes into JSON: the run as it stands. */
  toJSON(): object {
    const { id, status } = this;
    return { id, agent: this.frame.program.agent, status };
  }

  /**
   * Ends the run with `CANCELLED` and aborts what it has running; nothing happens when it has ended. No stage begins
   * afterwards, and no late result lands.
   */
  cancel(reason?: string): void {
    this.frame.cancel(reason);
  }

  /** What `console.log` shows of it in Node.js. */
  [Symbol.for("nodejs.util.inspect.custom")](_depth: number, options: object, inspect: Inspect): string {
    const { id, status, frame } = this;
    return `Run ${inspect({ id, agent: frame.program.agent, status }, options)}`;
  }
}

class JournalEvents implements RunEvents {
  private readonly journal: Journal;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  snapshot(): readonly RunEvent[] {
    return this.journal.snapshot();
  }

  get dropped(): number {
    return this.journal.dropped;
  }

  [Symbol.asyncIterator](): AsyncIterator<RunEvent> {
    return new EventReader(this.journal);
  }
}
