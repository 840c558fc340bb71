import { readBody } from "../body/read-body.ts";
import { callRequestOf } from "../body/read-call-request.ts";
import { type Answer, jsonType } from "../server/answer.ts";
import type { Call } from "../server/call.ts";
import type { Route } from "../server/route.ts";
import { runOptionsOf } from "../server/run-options.ts";

export const executeRoute: Route = {
  method: "POST",
  path: "/execute",
  of: "agent",
  scope: "execute",
  isWork: true,
  handle: execute,
};

async function execute(call: Call): Promise<Answer> {
  // Routes of an agent are only reached with one.
  const { agent } = call.agent!;
  const { service } = call;
  const request = callRequestOf(call, await readBody(call));
  const startedAtMs = service.clock.now();
  const run = agent.start(request.input, runOptionsOf(call, request.context));
  call.runId = run.id;
  const result = await run.result;
  if (!result.ok) throw result.error;
  const durationMs = service.clock.now() - startedAtMs;
  return {
    status: 200,
    contentType: jsonType,
    headers: ["atomic-run-id", run.id],
    body: JSON.stringify({ output: result.output, runId: run.id, durationMs }),
  };
}
