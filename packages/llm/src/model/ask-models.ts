import {
  AtomicError,
  configError,
  type Context,
  type Failure,
  type Reservation,
  sleep,
  type Spending,
} from "@atomic-agents/core";
import { costOf } from "../cost/price.ts";
import { addUsage, noUsage, type Usage } from "../cost/usage.ts";
import type { CallDeadlines } from "./call-deadlines.ts";
import { type CallFailure, readFailure } from "./call-failure.ts";
import { callModel, type Received } from "./call-model.ts";
import type { ModelAnswer, ModelRequest } from "./model-request.ts";
import { estimateInput, readUsage } from "./read-usage.ts";
import type { ResolvedModel } from "./resolved-model.ts";

/** How models are asked. */
export interface AskPolicy extends CallDeadlines {
  /**
   * Calls of each model for one answer that may fail, in all, asking again included: the last of them is not made again.
   * Waits that a provider asked for are not counted.
   */
  readonly attempts: number;
  /** Before the second call; doubled for each further one, and shortened at random. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/** Hears of what goes on between an agent and its models. */
export interface AskObserver {
  readonly onRequest?: (model: string, request: ModelRequest) => void;
  readonly onResponse?: (model: string, answer: ModelAnswer) => void;
  readonly onError?: (model: string, error: AtomicError, attempt: number) => void;
  /** What a call took, also one that failed; its cost is undefined where the price is not known. */
  readonly onUsage?: (usage: Usage, cost: number | undefined) => void;
  /** Before the last call that there may be. */
  readonly onLastAttempt?: (model: string, attempt: number) => void;
}

/** An answer, and what it took to get it. */
export interface AskedAnswer extends ModelAnswer {
  /** The id of the model that answered. */
  readonly modelId: string;
  /** Requests that were sent, to all models. */
  readonly calls: number;
  /** Of all requests together; `usage` is that of the last. */
  readonly totalUsage: Usage;
  /** Of all requests together; undefined when a price is not known. */
  readonly cost: number | undefined;
}

/** Tokens of an answer that are held of a budget when the settings do not limit it; it is limited to as many then. */
const heldOutputTokens = 4_096;

/** Refusals with a wait that one request puts up with. A deadline mostly ends it sooner. */
const maxWaits = 100;

/** The calls of models that failed so far: who asks again for an answer goes on with the same ones. */
export type FailedCalls = Map<ResolvedModel, number>;

/**
 * Asks models, in order, until one answers; each gets a request of its own where `request` makes one for it. What passes is
 * tried again; a wait that a provider asks for is kept to, and counts against the run's deadline but not as an attempt.
 * Before each call its likely price is held of the run's budget, and settled after it. A failure that has been tried
 * again as often as may be is not retryable any more, so that a retry around it does not multiply the calls.
 *
 * @throws AtomicError that of the model when there is one, `ALL_FAILED` of several; `BUDGET_EXCEEDED`; `CANCELLED`
 */
export async function askModels(
  models: readonly ResolvedModel[],
  request: ModelRequest | ((model: ResolvedModel) => ModelRequest),
  ctx: Context,
  policy: AskPolicy,
  observer: AskObserver = {},
  failedCalls: FailedCalls = new Map(),
): Promise<AskedAnswer> {
  const requestFor = typeof request === "function" ? request : () => request;
  const ask = new Ask(requestFor, ctx, policy, observer, failedCalls);
  const failures: Failure[] = [];
  let isRetryable = false;
  const left = models.filter((model) => (failedCalls.get(model) ?? 0) < policy.attempts);
  for (const [index, model] of left.entries()) {
    const outcome = await ask.one(model, index === left.length - 1);
    if ("answer" in outcome) return outcome.answer;
    const { error, mayFallBack } = outcome.failure;
    if (!mayFallBack || left.length === 1) throw error;
    isRetryable ||= error.retryable;
    failures.push({ agent: model.id, code: error.code, message: error.message });
  }
  const names = failures.map(({ agent }) => `"${agent}"`).join(", ");
  throw new AtomicError("ALL_FAILED", `None of the models ${names} answered: ${failures[0]?.message ?? ""}`, {
    details: { failures },
    retryable: isRetryable,
  });
}

/** One question, put to one model after another. */
class Ask {
  readonly #requestFor: (model: ResolvedModel) => ModelRequest;
  readonly #ctx: Context;
  readonly #policy: AskPolicy;
  readonly #observer: AskObserver;
  readonly #failedCalls: FailedCalls;
  #calls = 0;
  #usage = noUsage;
  #cost: number | undefined = 0;

  constructor(
    requestFor: (model: ResolvedModel) => ModelRequest,
    ctx: Context,
    policy: AskPolicy,
    observer: AskObserver,
    failedCalls: FailedCalls,
  ) {
    this.#failedCalls = failedCalls;
    this.#requestFor = requestFor;
    this.#ctx = ctx;
    this.#policy = policy;
    this.#observer = observer;
  }

  async one(
    model: ResolvedModel,
    isLastModel: boolean,
  ): Promise<{ readonly answer: AskedAnswer } | { readonly failure: CallFailure }> {
    const { attempts } = this.#policy;
    let waits = 0;
    for (let attempt = 1 + (this.#failedCalls.get(model) ?? 0); ; ) {
      if (isLastModel && attempt === attempts) this.#observer.onLastAttempt?.(model.id, attempt);
      const outcome = await this.#call(model);
      if ("answer" in outcome) return outcome;
      const { error, retryAfterMs } = outcome.failure;
      this.#observer.onError?.(model.id, error, attempt);
      if (!error.retryable) return outcome;
      // A wait of nothing would have calls follow each other as fast as the server refuses them.
      const isAskedToWait = retryAfterMs !== undefined && retryAfterMs > 0 && waits < maxWaits;
      if (isAskedToWait) {
        // Where there is another model, a long wait is no use.
        if (!isLastModel && retryAfterMs > this.#policy.maxDelayMs) return outcome;
        waits++;
      } else {
        this.#failedCalls.set(model, attempt);
        if (attempt++ >= attempts) return this.#spent(outcome);
      }
      const delayMs = isAskedToWait ? this.#askedDelayMs(retryAfterMs, waits) : this.#backOffMs(attempt - 1);
      if (!this.#isInTime(delayMs)) return outcome;
      await sleep(delayMs, this.#ctx);
    }
  }

  /** With a single attempt it is left to others to try again. */
  #spent({ failure }: { readonly failure: CallFailure }): { readonly failure: CallFailure } {
    if (this.#policy.attempts === 1) return { failure };
    return { failure: { ...failure, error: failure.error.with({ retryable: false }) } };
  }

  async #call(
    model: ResolvedModel,
  ): Promise<{ readonly answer: AskedAnswer } | { readonly failure: CallFailure }> {
    const { request, held } = this.#reserve(model);
    const received: Received = { text: "", besides: "" };
    let isSettled = false;
    const settle = (usage?: Usage): void => {
      if (isSettled) return;
      isSettled = true;
      const said = received.text + received.besides;
      this.#settle(held, model, usage ?? readUsage(undefined, request, said));
    };
    const { signal } = this.#ctx;
    // At once, for the report of a run that is cancelled does not wait for its calls.
    const onAbort = (): void => settle();
    signal.addEventListener("abort", onAbort, { once: true });
    this.#calls++;
    this.#observer.onRequest?.(model.id, request);
    try {
      const answer = await callModel(model, request, this.#ctx, this.#policy, received);
      settle(answer.usage);
      this.#observer.onResponse?.(model.id, answer);
      const totals = { calls: this.#calls, totalUsage: this.#usage, cost: this.#cost };
      return { answer: { ...answer, modelId: model.id, ...totals } };
    } catch (thrown) {
      const failure = readFailure(thrown, model.id, this.#ctx);
      settle(failure.mayHaveCost ? undefined : noUsage);
      if (signal.aborted) throw failure.error;
      return { failure };
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Holds what the call may cost; an answer that nobody limits is limited to what is held for it. */
  #reserve(model: ResolvedModel): { readonly request: ModelRequest; readonly held: Reservation } {
    const { budget } = this.#ctx;
    const limitsTokens = budget.limits.tokens !== undefined;
    const limitsMoney = budget.limits.money !== undefined;
    const asked = this.#requestFor(model);
    if (!limitsTokens && !limitsMoney) return { request: asked, held: budget.reserve({ calls: 1 }) };
    if (limitsMoney && model.price === undefined) {
      throw configError(
        `Model "${model.id}"`,
        "its price",
        "known, where a budget is in money",
        undefined,
        `Say what it costs: createModels({ prices: { ${JSON.stringify(model.id)}: { inputPerMillion, outputPerMillion } } }).`,
      );
    }
    const inputTokens = estimateInput(asked);
    const outputTokens = asked.settings.maxOutputTokens ?? heldOutputTokens;
    const usage = { ...noUsage, inputTokens, outputTokens };
    const held = this.#hold(this.#spendingOf(model, usage), asked.settings.maxOutputTokens);
    const settings = { ...asked.settings, maxOutputTokens: outputTokens };
    return { request: { ...asked, settings }, held };
  }

  /** @throws AtomicError `BUDGET_EXCEEDED` that says how a call takes less of it */
  #hold(spending: Spending, maxOutputTokens: number | undefined): Reservation {
    try {
      return this.#ctx.budget.reserve(spending);
    } catch (thrown) {
      if (!AtomicError.isInstance(thrown, "BUDGET_EXCEEDED") || thrown.details.kind === "calls") throw thrown;
      const held = maxOutputTokens ?? heldOutputTokens;
      const unless = maxOutputTokens === undefined ? ", for settings.maxOutputTokens says no number" : "";
      throw thrown.with({
        hint: `Of it ${held} tokens are held for the answer${unless}. Lower settings.maxOutputTokens, send less, or raise the budget.`,
      });
    }
  }

  #settle(held: Reservation, model: ResolvedModel, usage: Usage): void {
    held.settle(this.#spendingOf(model, usage));
    this.#usage = addUsage(this.#usage, usage);
    const cost = model.price === undefined ? undefined : costOf(usage, model.price);
    this.#cost = this.#cost === undefined || cost === undefined ? undefined : this.#cost + cost;
    model.meter?.add(model.id, usage, cost);
    this.#observer.onUsage?.(usage, cost);
  }

  #spendingOf({ price }: ResolvedModel, usage: Usage): Spending {
    const tokens = usage.inputTokens + usage.outputTokens;
    return { calls: 1, tokens, ...(price === undefined ? {} : { money: costOf(usage, price) }) };
  }

  /** A server that goes on to refuse what comes after its waits asks for too short ones. */
  #askedDelayMs(retryAfterMs: number, waits: number): number {
    const inRow = waits - this.#policy.attempts;
    return inRow > 0 ? Math.max(retryAfterMs, this.#backOffMs(inRow)) : retryAfterMs;
  }

  /** Full jitter: anything up to the whole delay, so that many that failed together do not come back together. */
  #backOffMs(failed: number): number {
    const { baseDelayMs, maxDelayMs } = this.#policy;
    return this.#ctx.random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (failed - 1));
  }

  /** Whether there is time for a wait and something after it. */
  #isInTime(delayMs: number): boolean {
    const { deadline, clock } = this.#ctx;
    return deadline === undefined || clock.now() + delayMs < deadline;
  }
}
