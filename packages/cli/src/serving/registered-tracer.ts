import { setTimeout } from "node:timers/promises";
import type { Log, Tracer } from "@atomic-agents/core";

/** Where every copy of the API of OpenTelemetry keeps what was registered. */
const registry = Symbol.for("opentelemetry.js.api.1");

/** How long the last spans may take on their way. */
const sendMs = 3_000;

/** The tracer of an SDK that was there before. */
export interface RegisteredTracer {
  readonly tracer: Tracer;
  /** Has the SDK send what it has gathered: the process ends before it would do so by itself. Never rejects. */
  readonly send: (log: Log) => Promise<void>;
}

/**
 * The tracer of an SDK of OpenTelemetry that has registered itself in this process, as one that `node --import` loads
 * does; undefined where there is none, and nothing of OpenTelemetry is loaded.
 */
export async function registeredTracer(): Promise<RegisteredTracer | undefined> {
  const registered: unknown = Reflect.get(globalThis, registry);
  if (typeof registered !== "object" || registered === null || !("trace" in registered)) return undefined;
  const { openTelemetryTracer } = await import("@atomic-agents/core/opentelemetry");
  return { tracer: openTelemetryTracer(), send: (log) => sendSpans(registered.trace, log) };
}

async function sendSpans(registered: unknown, log: Log): Promise<void> {
  try {
    const isSent = await Promise.race([flush(registered).then(() => true), setTimeout(sendMs, false)]);
    if (!isSent) log.warn("the last spans were not sent in time", { timeoutMs: sendMs });
  } catch (error) {
    log.warn("the last spans could not be sent", { error });
  }
}

async function flush(registered: unknown): Promise<void> {
  // What the API registers stands for the provider of the SDK, which alone can send.
  const provider = (await call(registered, "getDelegate")) ?? registered;
  await call(provider, "forceFlush");
}

async function call(target: unknown, name: string): Promise<unknown> {
  if (typeof target !== "object" || target === null) return undefined;
  const method: unknown = Reflect.get(target, name);
  return typeof method === "function" ? await Reflect.apply(method, target, []) : undefined;
}
