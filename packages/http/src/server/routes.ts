import { executeRoute } from "../routes/execute.ts";
import { healthRoute, readyRoute } from "../routes/health.ts";
import { docsRoute } from "../routes/docs.ts";
import { interfaceRoute, interfacesRoute } from "../routes/interface.ts";
import { agentOpenApiRoute, openApiRoute } from "../routes/openapi.ts";
import { metricsRoute } from "../routes/metrics.ts";
import { recordsRoute } from "../routes/records.ts";
import { cancelRunRoute, runRoute } from "../routes/runs.ts";
import { agentStartRoute, startRoute } from "../routes/start.ts";
import { streamRoute } from "../routes/stream.ts";
import type { Route } from "./route.ts";

/** All routes of a service, in the order in which its description has them. */
export const routes: readonly Route[] = [
  executeRoute,
  streamRoute,
  recordsRoute,
  runRoute,
  cancelRunRoute,
  interfaceRoute,
  interfacesRoute,
  agentOpenApiRoute,
  openApiRoute,
  docsRoute,
  startRoute,
  agentStartRoute,
  healthRoute,
  readyRoute,
  metricsRoute,
];
