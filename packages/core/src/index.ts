export {
  type Agent,
  type AgentInput,
  type AgentInternals,
  type AgentKind,
  type AgentOutput,
  type AnyAgent,
  isAgent,
  untyped,
} from "./agent.ts";
export { AtomicAgent } from "./atomic-agent.ts";
export { fastest } from "./balancing/fastest.ts";
export { leastConnections } from "./balancing/least-connections.ts";
export { roundRobin } from "./balancing/round-robin.ts";
export type { BalancingStrategy, Candidate } from "./balancing/strategy.ts";
export { Budget, type BudgetKind, type BudgetLimits, type Reservation, type Spending } from "./budget.ts";
export { cacheEntryFromText, cacheEntryToText } from "./cache/cache-entry.ts";
export { cacheKeyOf, type CacheKeyOptions } from "./cache/cache-key.ts";
export type { CacheEntry, CacheKey, CacheStore } from "./cache/cache-store.ts";
export { FileCache, type FileCacheOptions } from "./cache/file-cache.ts";
export { MemoryCache, type MemoryCacheOptions } from "./cache/memory-cache.ts";
export { branch, branchOn } from "./compose/branch.ts";
export type { CompositeOptions } from "./compose/composite.ts";
export { fallback } from "./compose/fallback.ts";
export { loop, type LoopSettings } from "./compose/loop.ts";
export { mapItems, type MapItemsOptions } from "./compose/map-items.ts";
export {
  parallel,
  type ParallelOptions,
  type Slots,
  type SlotsInput,
  type SlotsOutput,
  type SlotsResults,
} from "./compose/parallel.ts";
export {
  type EmptyPipeline,
  type MapOptions,
  type Pipeline,
  pipeline,
  pipelineOf,
  type PipelineOptions,
} from "./compose/pipeline.ts";
export {
  type Pool,
  pool,
  type PoolOptions,
  type Replica,
  type ReplicaState,
  type StrategyName,
} from "./compose/pool.ts";
export { recover } from "./compose/recover.ts";
export { type PairResults, runAll, type RunAllOptions } from "./compose/run-all.ts";
export { type CacheOptions, withCache } from "./compose/with-cache.ts";
export { withCircuitBreaker } from "./compose/with-circuit-breaker.ts";
export { withConcurrencyLimit } from "./compose/with-concurrency-limit.ts";
export { withUndo } from "./compose/with-undo.ts";
export { withPolicy } from "./compose/with-policy.ts";
export { withRateLimit } from "./compose/with-rate-limit.ts";
export {
  zip,
  type ZipAgents,
  type ZipInput,
  type ZipOptions,
  type ZipOutput,
  type ZipResults,
} from "./compose/zip.ts";
export type { Context, Metadata } from "./context.ts";
export { type AgentDefinition, defineAgent } from "./define-agent.ts";
export { type AgentDescription, type AgentPart, describe } from "./describe.ts";
export {
  type AnyAtomicError,
  AtomicError,
  type AtomicErrorOptions,
  type Disposition,
  type ErrorPlace,
} from "./errors/atomic-error.ts";
export { type CatalogEntry, type ErrorCode, errorCatalog } from "./errors/catalog.ts";
export { configError } from "./errors/config-error.ts";
export type { ErrorDetails, Failure } from "./errors/details.ts";
export { errorFromJson } from "./errors/error-from-json.ts";
export { toAtomicError } from "./errors/to-atomic-error.ts";
export { checkCount, checkKeys, checkMs } from "./limits.ts";
export { createLog, type Log, type LogFields, type LogLevel, type LogOptions } from "./log.ts";
export type { MaybePromise } from "./maybe-promise.ts";
export type { Handler, Middleware, StageInfo } from "./middleware.ts";
export {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitReason,
  type CircuitState,
  type CircuitTally,
} from "./policies/circuit-breaker.ts";
export { ConcurrencyLimit, type ConcurrencyLimitOptions } from "./policies/concurrency-limit.ts";
export { RateLimit, type RateLimitOptions } from "./policies/rate-limit.ts";
export { parseRetryAfter } from "./policies/retry-after.ts";
export type { AgentPolicy, OnError, PassPolicy, Policy, RetryPolicy } from "./policy.ts";
export { redacted, type RedactedOptions } from "./plain-json.ts";
export { defaultRedactKeys, redactText } from "./redact.ts";
export {
  type Resource,
  resource,
  type ResourceContext,
  type ResourceDefinition,
  type ResourcePoolOptions,
} from "./resources/resource.ts";
export { createResources, type ResourceSet, type ResourcesOptions } from "./resources/resource-set.ts";
export type { Failed, Result, Success } from "./result.ts";
export type { Primitive, Returns } from "./returns.ts";
export { bindStage, type BoundStage, type StageListener } from "./run/bound-stage.ts";
export { callersOf } from "./run/callers-of.ts";
export type { RunEvent, RunEvents } from "./run/events.ts";
export { markPartial } from "./run/mark-partial.ts";
export type { RunOptions, RunOptionsOrContext } from "./run/options.ts";
export type { RunReport, RunStatus, StageReport, StageSpending, StageStatus } from "./run/report.ts";
export type { Draft, Run } from "./run/run.ts";
export { startWork } from "./run/start-work.ts";
export { MemoryRunStore, type MemoryRunStoreOptions } from "./runs/memory-run-store.ts";
export { recordFromJson, recordToJson, type RunRecordJson } from "./runs/record-json.ts";
export type {
  RunFlow,
  RunFlowCounts,
  RunFlowPlace,
  RunFlowSink,
  RunFlowStage,
  RunOrigin,
} from "./runs/run-flow.ts";
export { type CheckedRunQuery, compareRunRecords, runQueryOf } from "./runs/run-query.ts";
export type { RunQuery, RunRecord, RunStore } from "./runs/run-store.ts";
export { Secret } from "./secret.ts";
export { slidingWindow, type SlidingWindowOptions } from "./sliding-window.ts";
export {
  type DurationSummary,
  type HealthSummary,
  MemoryMetrics,
  type MetricCounts,
  type MetricsSummary,
  type RequestSummary,
  type RunSummary,
  type ServiceSummary,
  type StageSummary,
} from "./telemetry/memory-metrics.ts";
export type {
  Health,
  HealthCheckMetric,
  MetricsCollector,
  RegistrationMetric,
  RequestMetric,
  RunMetric,
  StageMetric,
} from "./telemetry/metrics.ts";
export { parseTraceContext, type TraceContext, traceParentOf } from "./telemetry/trace-context.ts";
export type { Span, SpanAttributes, SpanStart, Tracer } from "./telemetry/tracer.ts";
export type { Clock, Timer } from "./time/clock.ts";
export { sleep } from "./time/sleep.ts";
export { systemClock } from "./time/system-clock.ts";
