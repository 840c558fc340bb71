import { type Answer, jsonAnswer } from "../server/answer.ts";
import type { Call } from "../server/call.ts";
import { runOptionsOf } from "../server/run-options.ts";
import type { ServedAgent } from "../server/service.ts";
import { outputJson } from "../problem/output-json.ts";
import { logHeldError } from "../telemetry/log-failure.ts";
import { noteFailure } from "./note-failure.ts";
import { textBytes } from "./text-bytes.ts";
import { type CallRequest, header } from "../wire.ts";

/**
 * Begins a run that the caller does not wait for, and says where it can be asked for. The run goes on when the caller has
 * gone, holds a place among the requests in flight until it ends, and is waited for when the service stops.
 */
export function respondAsync(call: Call, request: CallRequest): Answer {
  // Routes of an agent are only reached with one.
  const { agent } = call.agent as ServedAgent;
  const { gate, runs } = call.service;
  const run = agent.start(request.input, runOptionsOf(call, request.context));
  call.runId = run.id;
  const kept = runs.add(call, run);
  const ended = run.result.then((result) => {
    runs.settle(kept, result.ok ? bytesOf(call, result.output) : textBytes(result.error), result);
    if (!result.ok) noteFailure(call, result.error);
  });
  gate.hold(ended);
  const location = `/runs/${encodeURIComponent(run.id)}`;
  const headers = [header.run, run.id, "location", location, "preference-applied", "respond-async"];
  return jsonAnswer({ id: run.id, agent: agent.name, status: run.status }, 202, headers);
}

/** How large an output is as JSON, for the bound of what is kept. Nobody reads it yet: the log says what it will not. */
function bytesOf(call: Call, output: unknown): number {
  try {
    const { exposeErrors } = call.service.options;
    return outputJson({ output }, exposeErrors, (error) => logHeldError(call, error)).length;
  } catch {
    return 0;
  }
}
