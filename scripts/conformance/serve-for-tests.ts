import { type Agent, createLog } from "@atomic-agents/core";
import { type RunningService, serve } from "@atomic-agents/http";

const log = createLog({ level: "silent" });

/** A service of agents at a port of its own, which says nothing and ends soon. */
export function serveForTests(
  agents: readonly Agent<unknown, unknown>[],
  exposeErrors = false,
): Promise<RunningService> {
  return serve(agents, {
    port: 0,
    log,
    handleSignals: false,
    drainDelayMs: 0,
    drainTimeoutMs: 1_000,
    exposeErrors,
  });
}
