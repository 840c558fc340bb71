import type { Clock, Log, MaybePromise } from "@atomic-agents/core";
import { configError } from "./config-error.ts";
import type { FunctionOptions } from "./function-options.ts";
import type { Node, RecordPolicy } from "./nodes/node.ts";
import { checkName } from "./source.ts";

/** What an operator begins with. */
export interface OperatorContext {
  readonly runId: string;
  /** The id of its stage. */
  readonly stage: string;
  /** Aborts when the flow ends early. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
}

/** From what something is emitted. */
export interface EmitOptions<out TRecord> {
  /**
   * The records that it was made of, or `all` that are held. In `take` the record that was taken, unless it is said; in `end` all
   * that are held.
   */
  readonly from?: readonly TRecord[] | "all" | undefined;
  /** Whether those records go on being held, because more will be made of them. */
  readonly keep?: boolean | undefined;
}

/** What an operator gives by. Holds for the call that it is handed to, or its generator. */
export interface OperatorOutput<in TRecord, in TOutput> {
  /**
   * Gives a record. Those that it is from end as it ends, and are held no longer.
   *
   * @throws TypeError when a record that it shall be from is not held
   */
  readonly emit: (output: TOutput, options?: EmitOptions<TRecord>) => void;
  /**
   * Says of records that nothing will be made of them any more: without any, of the one that was taken. They end as filtered,
   * or as what has been made of them does.
   *
   * @throws TypeError when one is not held
   */
  readonly drop: (records?: readonly TRecord[]) => void;
}

/** One flow's use of an operator. */
export interface OperatorWork<TRecord, in out TOutput> {
  /**
   * Takes a record, and answers at once. Of a generator each `yield` waits until what has been emitted has gone on.
   * The record is held from here on, until something is emitted from it or it is dropped. If this throws, the record fails.
   */
  readonly take: (
    record: TRecord,
    output: OperatorOutput<TRecord, TOutput>,
  ) => void | Iterator<unknown, unknown, undefined>;
  /** No more records will come. What is held after it ends as filtered. If it throws, all that is held fails. */
  readonly end?:
    | ((output: OperatorOutput<TRecord, TOutput>) => void | Iterator<unknown, unknown, undefined>)
    | undefined;
  /** Lets go of what it has taken from the system; called once, however the flow has ended. */
  readonly close?: (() => MaybePromise<void>) | undefined;
}

/** Many records in, many out. */
export interface OperatorDefinition<TRecord, in out TOutput> {
  /** The id of its stage, unless that has one of its own. */
  readonly name: string;
  /** Begins a flow's use of it: what it keeps between records is made here. */
  readonly start: (ctx: OperatorContext) => OperatorWork<TRecord, TOutput>;
  /**
   * Whether records are held as one, so that memory does not grow with their number: for what keeps sums rather than records. It then
   * emits from the record that was taken or from `all`, and names none.
   */
  readonly together?: boolean | undefined;
  /** Whether what becomes of a record depends on which others there are; true. */
  readonly needsAll?: boolean | undefined;
}

/** A stage that takes many records and gives many. Made by `defineOperator`. */
export interface Operator<in TRecord, out TOutput> {
  readonly "~operator": OperatorInternals<TRecord, TOutput>;
  readonly name: string;
}

/** The brand of an operator, with what the flow needs. */
export interface OperatorInternals<in TRecord, out TOutput> {
  readonly start: (ctx: OperatorContext) => OperatorWork<unknown, unknown>;
  readonly together: boolean;
  readonly needsAll: boolean;
  /** What else decides its results, as JSON; its name. */
  readonly design?: unknown;
  /** Of one that has to wait: keeps the books by itself, and nothing is started. */
  readonly makeNode?: ((id: string, onError: RecordPolicy) => Node) | undefined;
  /** Never there: the types that it takes and gives. */
  readonly types?: ((record: TRecord) => TOutput) | undefined;
}

/** How an operator is used over records. */
export interface OperatorOptions extends FunctionOptions {
  /** When it holds more records the flow fails; 100,000. Of those that are held together none counts. */
  readonly maxHeld?: number | undefined;
}

/**
 * Makes an operator: what no stage can do that sees one record at a time, such as windows, sessions and running sums. It
 * answers at once and has no need to keep the books: a record is held until something is emitted from it, and ends as that
 * does. What is emitted waits while there is no room for it, and so does what would be taken next.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * interface Click { user: string; minute: number }
 * // A session ends when its user has done nothing for half an hour.
 * const sessions = defineOperator<Click, { user: string; clicks: number }>({
 *   name: "sessions",
 *   start: () => {
 *     const open = new Map<string, Click[]>();
 *     return {
 *       take: (click, { emit }) => {
 *         const clicks = open.get(click.user) ?? [];
 *         const isOver = click.minute - (clicks.at(-1)?.minute ?? click.minute) > 30;
 *         if (isOver) emit({ user: click.user, clicks: clicks.length }, { from: clicks });
 *         open.set(click.user, isOver ? [click] : [...clicks, click]);
 *       },
 *       end: function* ({ emit }) {
 *         for (const [user, clicks] of open) {
 *           emit({ user, clicks: clicks.length }, { from: clicks });
 *           yield;
 *         }
 *       },
 *     };
 *   },
 * });
 * const clicks = [0, 5, 50].map((minute) => ({ user: "ada", minute }));
 * const got: unknown[] = [];
 * const summary = await flow(fromIterable(clicks)).operator(sessions).to(toArray(got));
 * console.log(got); // => [ { user: 'ada', clicks: 2 }, { user: 'ada', clicks: 1 } ]
 * console.log(summary.read, summary.delivered, summary.emitted); // => 3 3 2
 * ```
 */
export function defineOperator<TRecord, TOutput>(
  definition: OperatorDefinition<TRecord, TOutput>,
): Operator<TRecord, TOutput> {
  const what = "defineOperator";
  const { name, start, together = false, needsAll = true } = definition;
  checkName(what, name);
  if (typeof start !== "function") throw configError(what, "start", "a function", start);
  if (typeof together !== "boolean") throw configError(what, "together", "true or false", together);
  if (typeof needsAll !== "boolean") throw configError(what, "needsAll", "true or false", needsAll);
  return {
    name,
    "~operator": {
      // It is given what the flow's type says there is.
      start: start as (ctx: OperatorContext) => OperatorWork<unknown, unknown>,
      together,
      needsAll,
    },
  };
}

/** Checks what is said to be an operator. @throws AtomicError `CONFIG` */
export function checkOperator(what: string, operator: unknown): void {
  if (typeof operator !== "object" || operator === null || !("~operator" in operator)) {
    throw configError(what, "operator", "an operator", operator, "Make one with defineOperator.");
  }
}
