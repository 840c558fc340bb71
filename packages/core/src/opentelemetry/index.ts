export { openTelemetryTracer, type OpenTelemetryTracerOptions } from "./open-telemetry-tracer.ts";
