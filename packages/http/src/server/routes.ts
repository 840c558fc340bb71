import { executeRoute } from "../routes/execute.ts";
import { healthRoute, readyRoute } from "../routes/health.ts";
import { metricsRoute } from "../routes/metrics.ts";
import { recordsRoute } from "../routes/records.ts";
import { cancelRunRoute, runRoute } from "../routes/runs.ts";
import { streamRoute } from "../routes/stream.ts";
import type { Route } from "./route.ts";

/** All routes of a service, in the order in which its description has them. */
export const routes: readonly Route[] = [
  executeRoute,
  streamRoute,
  recordsRoute,
  runRoute,
  cancelRunRoute,
  healthRoute,
  readyRoute,
  metricsRoute,
];
