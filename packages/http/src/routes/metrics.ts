import type { Route } from "../server/route.ts";

/** What the service counts, for Prometheus. */
export const metricsRoute: Route = {
  name: "metrics",
  method: "GET",
  path: "/metrics",
  of: "service",
  scope: "read",
  isWork: false,
  handle: async ({ service }) => {
    const { metrics } = service.telemetry;
    const active = service.lifeCycle.state === "ready" ? 1 : 0;
    for (const serviceType of service.agents.keys()) {
      metrics.registration({ serviceType, change: "registered", active });
    }
    return { status: 200, contentType: metrics.contentType, body: await metrics.text() };
  },
};
