import { Budget, checkLimits } from "../budget.ts";
import { configError } from "../errors/config-error.ts";
import { checkCount, checkKeys, checkMs } from "../limits.ts";
import { ResourceSet } from "../resources/resource-set.ts";
import { checkTraceContext } from "../telemetry/trace-context.ts";
import type { Clock } from "../time/clock.ts";
import type { RunOptions } from "./options.ts";

const what = "Run options";

const known: readonly (keyof RunOptions)[] = [
  "signal",
  "timeoutMs",
  "budget",
  "maxRetries",
  "requestId",
  "userId",
  "sessionId",
  "metadata",
  "clock",
  "random",
  "log",
  "tracer",
  "trace",
  "metrics",
  "store",
  "resources",
  "measureSizes",
];

/** Checks what a caller gave as options of a run. @throws AtomicError `CONFIG` */
export function checkRunOptions(options: RunOptions): void {
  if (typeof options === "object" && options !== null && ("~frame" in options || "env" in options)) {
    const hint = "Give the context itself: run(input, ctx).";
    throw configError(what, "options", "options, or the context of a run", "a copy of a context", hint);
  }
  checkKeys(what, options, known);
  const { signal, budget, clock, random, log, metadata } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw configError(what, "signal", "an AbortSignal", signal);
  }
  if (budget !== undefined && !(budget instanceof Budget)) checkLimits(budget);
  if (clock !== undefined) checkClock(clock);
  if (random !== undefined && typeof random !== "function") {
    throw configError(what, "random", "a function that gives a number from 0 up to but not 1", random);
  }
  if (log !== undefined && (typeof log?.info !== "function" || typeof log.with !== "function")) {
    throw configError(
      what,
      "log",
      "a Log, with debug, info, warn, error and with",
      log,
      "Make one with createLog.",
    );
  }
  if (
    metadata !== undefined &&
    (typeof metadata !== "object" || metadata === null || Array.isArray(metadata))
  ) {
    throw configError(what, "metadata", "an object", metadata);
  }
  if (options.trace !== undefined) checkTraceContext(what, "trace", options.trace);
  const { tracer, metrics, store, resources, measureSizes } = options;
  if (
    tracer !== undefined &&
    (typeof tracer?.startSpan !== "function" || typeof tracer.within !== "function")
  ) {
    throw configError(what, "tracer", "a Tracer", tracer);
  }
  if (metrics !== undefined && (typeof metrics?.stage !== "function" || typeof metrics.run !== "function")) {
    throw configError(what, "metrics", "a MetricsCollector", metrics);
  }
  if (store !== undefined && typeof store?.save !== "function") {
    throw configError(what, "store", "a RunStore", store);
  }
  if (resources !== undefined && !(resources instanceof ResourceSet)) {
    throw configError(what, "resources", "what createResources gives", resources);
  }
  if (measureSizes !== undefined && typeof measureSizes !== "boolean") {
    throw configError(what, "measureSizes", "true or false", measureSizes);
  }
  for (const key of ["requestId", "userId", "sessionId"] as const) {
    const id = options[key];
    if (id !== undefined && typeof id !== "string") throw configError(what, key, "a text", id);
  }
  checkMs(what, "timeoutMs", options.timeoutMs);
  checkCount(what, "maxRetries", options.maxRetries, 0);
}

const clockMethods = ["now", "timestamp", "setTimer"] as const satisfies readonly (keyof Clock)[];

function checkClock(clock: Clock | null): void {
  if (clock === null || clockMethods.some((method) => typeof clock[method] !== "function")) {
    throw configError(what, "clock", `a Clock, with ${clockMethods.join(", ")}`, clock);
  }
}
