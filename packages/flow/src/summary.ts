import type { AtomicError } from "@atomic-agents/core";
import type { DeadLetter } from "./dead-letter.ts";

/** Where a flow stands. */
export type FlowStatus = "pending" | "running" | "success" | "partial" | "failed" | "cancelled";

/**
 * How many records of the source have come to which end, at any moment:
 * `read = delivered + filtered + deadLettered + unfinished`.
 */
export interface FlowCounts {
  readonly read: number;
  /** Acknowledged by every sink that they reached. */
  readonly delivered: number;
  /** Left out on purpose: by a filter, a drop, or a split into nothing. */
  readonly filtered: number;
  readonly deadLettered: number;
  /** Read and not yet, or never, ended. */
  readonly unfinished: number;
}

/** What has passed a stage. */
export interface FlowStageSummary {
  readonly id: string;
  /** What went in and came out, which a split or batch changes. */
  readonly taken: number;
  readonly given: number;
  readonly filtered: number;
  readonly deadLettered: number;
}

/** What a sink has got. */
export interface FlowSinkSummary {
  readonly name: string;
  /** Records that the sink has acknowledged. */
  readonly written: number;
  /** Whether they are there under their final name. */
  readonly published: boolean;
}

/** How a flow has ended. */
export interface FlowSummary extends FlowCounts {
  readonly runId: string;
  /** `partial` has dead letters; `failed` and `cancelled` have published nothing, unless `sinks` say otherwise. */
  readonly status: "success" | "partial" | "failed" | "cancelled";
  /** Whether every sink has published. */
  readonly published: boolean;
  /** Records written to the last sink: more or fewer than `delivered` where a split or batch stands before it. */
  readonly emitted: number;
  readonly durationMs: number;
  readonly stages: readonly FlowStageSummary[];
  readonly sinks: readonly FlowSinkSummary[];
  /** How many dead letters there are; a record of which several parts failed has more than one. */
  readonly letterCount: number;
  /** The run whose dead letters were done again. */
  readonly redriveOf?: string;
  /** The first ten dead letters. */
  readonly deadLetters: readonly DeadLetter[];
  /** The record whose failure ended the flow, where one did; it is in no file of dead letters. */
  readonly stoppedBy?: DeadLetter;
  /** Why the flow failed or was cancelled. */
  readonly error?: AtomicError;
}

/** How far a flow has come. */
export interface FlowProgress extends FlowCounts {
  readonly status: FlowStatus;
  readonly bytesRead: number;
  /** From 0 to 1, of the source's bytes or records; absent where the source does not know its size. */
  readonly ratio?: number;
}
