import type { Issue } from "@atomic-agents/contracts";
import { type AtomicError, configError, type Log } from "@atomic-agents/core";
import type { ModelAnswer, ModelRequest } from "../model/model-request.ts";
import type { TokenCount } from "../tokens/count-tokens.ts";

/** What an agent tells of, and what it says. */
export interface HookEvents {
  /** Before each call of a model. */
  readonly request: { readonly model: string; readonly request: ModelRequest };
  /** A model answered; whether the answer is of use is not known yet. */
  readonly response: { readonly model: string; readonly answer: ModelAnswer };
  /** An answer did not have the shape that was asked for. `answer` counts from 1. */
  readonly parseError: {
    readonly model: string;
    readonly text: string;
    readonly issues: readonly Issue[];
    readonly answer: number;
  };
  /** A call failed. `attempt` counts from 1 for each model. */
  readonly error: { readonly model: string; readonly error: AtomicError; readonly attempt: number };
  /** Before the last call there may be: of one that failed (`call`), or of an answer that was of no use (`answer`). */
  readonly lastAttempt: { readonly model: string; readonly attempt: number; readonly of: "call" | "answer" };
  /** A request was counted: when an agent is asked to, and before each run where somebody listens. */
  readonly tokensCounted: TokenCount;
}

/** The names of hooks. */
export type HookEvent = keyof HookEvents;

/** Hears of an event. What it returns is not waited for. */
export type HookHandler<TEvent extends HookEvent> = (event: HookEvents[TEvent]) => unknown;

const hookEvents: readonly HookEvent[] = [
  "request",
  "response",
  "parseError",
  "error",
  "lastAttempt",
  "tokensCounted",
];

/**
 * Who hears of what an agent does. Handlers of an event are called in the order in which they were added. One that throws
 * or rejects is logged, and stops neither the others nor the call.
 *
 * @example
 * ```ts
 * const hooks = new Hooks();
 * hooks.on("parseError", ({ issues }) => console.log(issues.length));
 * hooks.disable();
 * console.log(hooks.enabled, hooks.has("parseError"), hooks.has("request")); // => false true false
 * ```
 */
export class Hooks {
  readonly #handlers = new Map<HookEvent, unknown[]>();
  #enabled = true;

  get enabled(): boolean {
    return this.#enabled;
  }

  /** Adds a handler. @throws AtomicError `CONFIG` for an event that there is not, and what is no function */
  on<TEvent extends HookEvent>(event: TEvent, handler: HookHandler<TEvent>): void {
    if (!hookEvents.includes(event))
      throw configError("Hooks", "event", `one of ${hookEvents.join(", ")}`, event);
    if (typeof handler !== "function") throw configError("Hooks", event, "a function", handler);
    this.#handlers.set(event, [...(this.#handlers.get(event) ?? []), handler]);
  }

  /** Takes a handler away; nothing happens where it is not there. */
  off<TEvent extends HookEvent>(event: TEvent, handler: HookHandler<TEvent>): void {
    const left = this.#handlers.get(event)?.filter((one) => one !== handler) ?? [];
    this.#handlers.set(event, left);
  }

  /** Takes away all handlers of an event, or of all. */
  clear(event?: HookEvent): void {
    if (event === undefined) this.#handlers.clear();
    else this.#handlers.delete(event);
  }

  /** Calls handlers again. */
  enable(): void {
    this.#enabled = true;
  }

  /** Calls none until they are enabled. */
  disable(): void {
    this.#enabled = false;
  }

  /** Says whether an event has a handler. */
  has(event: HookEvent): boolean {
    return (this.#handlers.get(event)?.length ?? 0) > 0;
  }

  /** Tells all handlers of an event. Never throws. */
  tell<TEvent extends HookEvent>(log: Pick<Log, "error">, name: TEvent, event: HookEvents[TEvent]): void {
    if (!this.#enabled) return;
    // They were added by `on` under this name.
    for (const handler of (this.#handlers.get(name) ?? []) as readonly HookHandler<TEvent>[]) {
      try {
        const answered = handler(event);
        if (isThenable(answered)) {
          answered.then(undefined, (thrown: unknown) => complain(log, name, thrown));
        }
      } catch (thrown) {
        complain(log, name, thrown);
      }
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function complain(log: Pick<Log, "error">, hook: HookEvent, thrown: unknown): void {
  try {
    log.error("A hook of an agent failed", {
      hook,
      error: thrown instanceof Error ? thrown.message : String(thrown),
    });
  } catch {
    // A log that cannot write must not stop a call that goes well.
  }
}
