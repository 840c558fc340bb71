import { Budget, type BudgetKind, type BudgetLimits, type RunOptions } from "@atomic-agents/core";
import { badRequest } from "../problem/bad-request.ts";
import { traceOfCall } from "../telemetry/trace-of-call.ts";
import { type CallContext, header } from "../wire.ts";
import type { Call } from "./call.ts";

/**
 * How a call's run is run: within the service's limits, which what the caller asks for can only lower. The budget is
 * one of its own for each call of this function.
 *
 * @throws AtomicError `BAD_REQUEST` for headers that make no sense
 */
export function runOptionsOf(call: Call, context: CallContext | undefined): CallRunOptions {
  const { options, resources } = call.service;
  const { headers } = call.incoming;
  return {
    timeoutMs: timeoutOf(headers[header.timeout], options.timeoutMs),
    budget: budgetOf(headers[header.budget], options.budget),
    requestId: call.requestId,
    userId: context?.userId,
    sessionId: context?.sessionId,
    metadata: context?.metadata,
    log: options.log,
    clock: options.clock,
    resources,
    tracer: options.tracer,
    trace: traceOfCall(call),
    metrics: call.service.telemetry.collector,
  };
}

/** Options with a budget that can be asked afterwards what was spent. */
export interface CallRunOptions extends RunOptions {
  readonly budget: Budget;
}

const wholeNumber = /^\d{1,10}$/;

function timeoutOf(given: string | readonly string[] | undefined, mostMs: number): number {
  if (given === undefined) return mostMs;
  if (typeof given !== "string" || !wholeNumber.test(given) || Number(given) === 0) {
    throw badRequest(400, "header", `${header.timeout} must be a whole number of milliseconds from 1`);
  }
  return Math.min(Number(given), mostMs);
}

const amount = /^ *(calls|tokens|money) *= *(\d{1,15}(?:\.\d{1,15})?) *$/;

function budgetOf(given: string | readonly string[] | undefined, own: BudgetLimits | undefined): Budget {
  if (given === undefined) return new Budget(own);
  const limits: { -readonly [K in keyof BudgetLimits]: BudgetLimits[K] } = { ...own };
  for (const part of String(given).split(",")) {
    const [, kind, text] = amount.exec(part) ?? [];
    if (kind === undefined || text === undefined) {
      throw badRequest(400, "header", `${header.budget} must look like calls=3, tokens=1000, money=0.5`);
    }
    // One of the three, by the pattern.
    const which = kind as BudgetKind;
    limits[which] = Math.min(Number(text), limits[which] ?? Number.POSITIVE_INFINITY);
  }
  return new Budget(limits);
}

/** The headers of a failed call that say which run it became, and what that has spent. */
export function failureHeaders({ runId, budget }: Call): readonly string[] {
  if (runId === undefined) return [];
  const spent = budget === undefined ? undefined : spentText(budget);
  return spent === undefined ? [header.run, runId] : [header.run, runId, header.spent, spent];
}

/** What a call has spent, as a header has it; undefined when that is nothing. */
export function spentText({ spent }: Budget): string | undefined {
  const { calls, tokens, money } = spent;
  return calls === 0 && tokens === 0 && money === 0
    ? undefined
    : `calls=${calls}, tokens=${tokens}, money=${money}`;
}
