import { executeRoute } from "../routes/execute.ts";
import { healthRoute, readyRoute } from "../routes/health.ts";
import type { Route } from "./route.ts";

/** All routes of a service, in the order in which its description has them. */
export const routes: readonly Route[] = [executeRoute, healthRoute, readyRoute];
