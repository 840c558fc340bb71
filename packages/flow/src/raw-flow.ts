import type { Agent, OnError } from "@atomic-agents/core";
import type { ItemOutcome } from "./batch/item-outcome.ts";
import type { Flow } from "./flow.ts";
import type { Sink } from "./sink.ts";
import type { Passed, PassThroughOptions, ThroughBatchOptions, ThroughOptions } from "./through-options.ts";

/** A flow of records that nothing has checked: its first agent may be any, and checks them by its input schema. */
export interface RawFlow extends Omit<Flow<unknown>, "through" | "throughBatch" | "tee"> {
  readonly through: {
    <TInput, TOutput>(agent: Agent<TInput, TOutput>, options: PassThroughOptions): Flow<unknown>;
    <TInput, TOutput>(agent: Agent<TInput, TOutput>, options?: ThroughOptions): Flow<TOutput>;
  };
  readonly throughBatch: {
    <TInput, TOutput, const TOnError extends OnError = "stop">(
      agent: Agent<TInput[], readonly ItemOutcome<TOutput>[]>,
      options: ThroughBatchOptions<TOnError> & { readonly settled: true },
    ): Flow<TOutput | Passed<unknown, TOnError>>;
    <TInput, TOutput, const TOnError extends OnError = "stop">(
      agent: Agent<TInput[], readonly TOutput[]>,
      options: ThroughBatchOptions<TOnError> & { readonly settled?: false | undefined },
    ): Flow<TOutput | Passed<unknown, TOnError>>;
  };
  readonly tee: (sink: Sink<unknown>) => RawFlow;
}
