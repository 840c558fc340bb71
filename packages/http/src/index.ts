export type { ServiceToken } from "./auth/service-token.ts";
export {
  type EnvironmentTokensOptions,
  tokensFromEnvironment,
  tokensFromFile,
  type TokensOptions,
} from "./auth/tokens-from.ts";
export type { IdempotencyEntry, IdempotencyStore } from "./idempotency/idempotency-store.ts";
export {
  MemoryIdempotencyStore,
  type MemoryIdempotencyStoreOptions,
} from "./idempotency/memory-idempotency-store.ts";
export type { Answer } from "./server/answer.ts";
export type { ServeOptions } from "./server/options.ts";
export type { Scope } from "./server/route.ts";
export { type RunningService, serve } from "./server/serve.ts";
export {
  PrometheusMetrics,
  type PrometheusMetricsOptions,
  type RecordOutcome,
} from "./telemetry/prometheus-metrics.ts";
export type { TokenUse, TokenUses } from "./telemetry/token-uses.ts";
export type { CallAnswer, CallContext, CallRequest, Problem } from "./wire.ts";
