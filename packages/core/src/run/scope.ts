import type { Budget } from "../budget.ts";
import type { Onion } from "./with-middleware.ts";
import { StageBudget } from "./stage-budget.ts";
import { configError } from "../errors/config-error.ts";
import type { Resource } from "../resources/resource.ts";
import type { Context, Metadata } from "../context.ts";
import { guardLog } from "../guard-log.ts";
import { defaultLog, type Log } from "../log.ts";
import type { TraceContext } from "../telemetry/trace-context.ts";
import type { Clock } from "../time/clock.ts";
import { systemClock } from "../time/system-clock.ts";
import type { Frame } from "./frame.ts";
import { cancelledError } from "./stage-error.ts";

/** Why the context of a stage that is over starts nothing more. */
export const finished = { reason: "its stage is over" };

/** Called once when the attempt that a context belongs to is over. */
export type OverHook = () => void;

/**
 * The context as an agent's code sees it. A frame is itself the context of its stages until an attempt is given up
 * on: that one keeps it, its signal stays aborted, and the next attempt gets a `LaterScope`.
 */
export abstract class Scope implements Context {
  /** Where this context belongs to. Not part of the public interface. */
  abstract readonly "~frame": Frame;
  /** Set when nobody waits for what runs with this context any more. */
  ended: { readonly reason: unknown } | undefined = undefined;
  /** Whether somebody may still hold on to it when its stage is over. */
  isTouched = false;
  /** Where the attempt stands in its stage's middlewares. */
  onion: Onion | undefined = undefined;
  private controller: AbortController | undefined = undefined;
  private hooks: OverHook[] | undefined = undefined;

  get signal(): AbortSignal {
    this.isTouched = true;
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.ended !== undefined) this.controller.abort(this.ended.reason);
    }
    return this.controller.signal;
  }

  /** Gives up on what runs with this context. */
  endScope(reason: unknown): void {
    if (this.ended !== undefined) return;
    this.ended = { reason };
    this.controller?.abort(reason);
    this.callHooks();
  }

  /** Has the attempt over in good order: its signal stays as it is. */
  closeScope(): void {
    this.ended ??= finished;
    this.callHooks();
  }

  /** Has a function called when the attempt is over, given up on or not; the last one that was given comes first. */
  whenOver(hook: OverHook): void {
    this.isTouched = true;
    // Room for one: mostly there is no other, and an empty array makes room for many at its first push.
    if (this.hooks === undefined) this.hooks = [hook];
    else this.hooks.push(hook);
  }

  /** Has a function called when the attempt is given up on. Whoever gives it takes it back when its own work is done. */
  whenGivenUp(hook: OverHook): void {
    // Mostly there is one: an array that is made with it costs less than one that grows.
    if (this.hooks === undefined) this.hooks = [hook];
    else this.hooks.push(hook);
  }

  /** Takes a function back. */
  forget(hook: OverHook): void {
    const { hooks } = this;
    if (hooks === undefined) return;
    if (hooks.at(-1) === hook) hooks.pop();
    else {
      const at = hooks.indexOf(hook);
      if (at >= 0) hooks.splice(at, 1);
    }
  }

  /** Has the run told to be waiting; gives what ends that. */
  beginWait(): () => void {
    const { root } = this["~frame"];
    let isOver = false;
    root.waitingCount++;
    return () => {
      if (isOver) return;
      isOver = true;
      root.waitingCount--;
    };
  }

  /** @throws whatever the attempt was given up with */
  throwIfEnded(): void {
    if (this.ended !== undefined) throw cancelledError(this["~frame"], this.ended.reason);
  }

  private callHooks(): void {
    const { hooks } = this;
    if (hooks === undefined) return;
    this.hooks = undefined;
    // Our own functions, which do not throw.
    for (const hook of hooks.toReversed()) hook();
  }

  get runId(): string {
    return this["~frame"].runId;
  }

  get requestId(): string {
    return this["~frame"].requestId;
  }

  get timestamp(): Date {
    return new Date(this["~frame"].timestampMs);
  }

  get userId(): string | undefined {
    return this["~frame"].env.options.userId;
  }

  get sessionId(): string | undefined {
    return this["~frame"].env.options.sessionId;
  }

  get metadata(): Metadata {
    return this["~frame"].metadata;
  }

  get setMetadata(): (key: string, value: unknown) => void {
    this.isTouched = true;
    return (key, value) => {
      if (typeof key !== "string") throw configError("ctx.setMetadata", "key", "a text", key);
      if (this.ended === undefined) this["~frame"].root.setMetadata(key, value);
    };
  }

  get trace(): TraceContext | undefined {
    const frame = this["~frame"];
    return frame.env.observer?.trace(frame) ?? frame.env.options.trace;
  }

  get use(): <TBound>(resource: Resource<TBound>) => Promise<TBound> {
    this.isTouched = true;
    return <TBound>(resource: Resource<TBound>) => {
      const used = useIn(this, resource);
      // An agent that did not wait for it, because it has failed meanwhile, must not end the process.
      used.catch(() => {});
      return used;
    };
  }

  get partial(): (partial: unknown) => void {
    this.isTouched = true;
    return (partial) => {
      if (this.ended === undefined) this["~frame"].offerPartial(partial);
    };
  }

  get deadline(): number | undefined {
    return this["~frame"].deadlineOfAttempt();
  }

  get budget(): Budget {
    const frame = this["~frame"];
    return new StageBudget(frame.root.budget, frame, frame.index);
  }

  get clock(): Clock {
    // The caller's own rather than the guarded one, as everything else that the caller gives.
    return this["~frame"].env.options.clock ?? systemClock;
  }

  get random(): () => number {
    return this["~frame"].env.options.random ?? Math.random;
  }

  get log(): Log {
    const frame = this["~frame"];
    const log = frame.env.options.log ?? defaultLog();
    const agent = frame.program.steps[frame.index]?.agent ?? frame.program.agent;
    return guardLog(log, { runId: frame.runId, stage: frame.pathOf(frame.index) || undefined, agent });
  }

  get emit(): (name: string, data?: unknown) => void {
    this.isTouched = true;
    return (name, data) => {
      if (typeof name !== "string" || name === "") throw configError("ctx.emit", "name", "a text", name);
      if (this.ended === undefined) this["~frame"].writeCustomEvent(name, data);
    };
  }

  /** What a debugger or `console.log(ctx)` shows: the public values. */
  [Symbol.for("nodejs.util.inspect.custom")](): object {
    const { runId, requestId, userId, sessionId, metadata, deadline } = this;
    return { runId, requestId, userId, sessionId, metadata, deadline };
  }
}

async function useIn<TBound>(scope: Scope, resource: Resource<TBound>): Promise<TBound> {
  scope.throwIfEnded();
  // What the resource's own functions gave.
  return (await scope["~frame"].root.resources["~use"](resource, scope)) as TBound;
}

/** The context of an attempt after one that was given up on. */
export class LaterScope extends Scope {
  readonly "~frame": Frame;

  constructor(frame: Frame) {
    super();
    this["~frame"] = frame;
  }
}
