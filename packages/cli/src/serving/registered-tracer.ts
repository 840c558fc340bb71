import type { Tracer } from "@atomic-agents/core";

/** Where every copy of the API of OpenTelemetry keeps what was registered. */
const registry = Symbol.for("opentelemetry.js.api.1");

/**
 * The tracer of an SDK of OpenTelemetry that has registered itself in this process, as one that `node --import` loads
 * does; undefined where there is none, and nothing of OpenTelemetry is loaded.
 */
export async function registeredTracer(): Promise<Tracer | undefined> {
  const registered: unknown = Reflect.get(globalThis, registry);
  if (typeof registered !== "object" || registered === null || !("trace" in registered)) return undefined;
  const { openTelemetryTracer } = await import("@atomic-agents/core/opentelemetry");
  return openTelemetryTracer();
}
