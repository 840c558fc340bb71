import type { ErrorCode } from "../errors/catalog.ts";
import type { RunStatus, StageStatus } from "../run/report.ts";

/** Takes measurements. */
export interface MetricsCollector {
  readonly stage: (measured: {
    readonly pipeline: string;
    readonly stage: string;
    readonly agent: string;
    readonly status: StageStatus;
    readonly durationMs: number;
    readonly attempts: number;
    readonly code: ErrorCode | undefined;
  }) => void;
  readonly run: (measured: {
    readonly agent: string;
    readonly status: RunStatus;
    readonly durationMs: number;
    readonly code: ErrorCode | undefined;
  }) => void;
}
