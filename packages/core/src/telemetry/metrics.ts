import type { ErrorCode } from "../errors/catalog.ts";
import type { RunStatus, StageStatus } from "../run/report.ts";

/** A stage that has ended. */
export interface StageMetric {
  /** The name of the agent whose stage it is; an agent that does its work itself has one stage, of its own name. */
  readonly pipeline: string;
  /** The stage's id. */
  readonly stage: string;
  /** The name of the agent in the stage. */
  readonly agent: string;
  readonly status: StageStatus;
  /** From the stage's beginning to its end, waits between attempts included. */
  readonly durationMs: number;
  /** Calls of the agent, retries included. */
  readonly attempts: number;
  /** What it failed with. */
  readonly code?: ErrorCode | undefined;
}

/** A run that has ended. */
export interface RunMetric {
  /** The name of the agent that was run. */
  readonly agent: string;
  readonly status: RunStatus;
  readonly durationMs: number;
  /** What it failed with. */
  readonly code?: ErrorCode | undefined;
}

/** A request that a service has answered. */
export interface RequestMetric {
  /** What kind of service it is: its agent's name. */
  readonly serviceType: string;
  /** What was asked of it, such as `execute`: one of a few words, never a path. */
  readonly route?: string | undefined;
  /** How it was answered, such as an HTTP status. */
  readonly status: string | number;
  readonly durationMs: number;
}

/** An instance of a service that came or went. */
export interface RegistrationMetric {
  readonly serviceType: string;
  /** `expired` is an instance that went without a word. */
  readonly change: "registered" | "deregistered" | "expired";
  /** How many instances of the type there are now. */
  readonly active: number;
}

/** How well an instance is. */
export type Health = "healthy" | "degraded" | "unhealthy" | "unknown";

/** An instance whose health was looked at. */
export interface HealthCheckMetric {
  readonly serviceType: string;
  /** The instance's id. */
  readonly instance: string;
  readonly health: Health;
  /** How long the look took. */
  readonly durationMs: number;
}

/**
 * Takes the numbers of what happens, as it happens. `MemoryMetrics` is one; another one may send them elsewhere. A method
 * for what is of no interest does nothing.
 *
 * Each method is called once for each thing, in the order in which things end, and within the very call that ends
 * them: it should count and return, not send. Nobody waits for what it returns. One that throws or rejects breaks
 * nothing; the log says so, once for each collector.
 */
export interface MetricsCollector {
  readonly stage: (metric: StageMetric) => void;
  readonly run: (metric: RunMetric) => void;
  readonly request: (metric: RequestMetric) => void;
  readonly registration: (metric: RegistrationMetric) => void;
  readonly healthCheck: (metric: HealthCheckMetric) => void;
}
