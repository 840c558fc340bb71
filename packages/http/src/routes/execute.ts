import type { Result } from "@atomic-agents/core";
import { callRequestOf } from "../body/read-call-request.ts";
import { answerOnce } from "../idempotency/answer-once.ts";
import { outputJson } from "../problem/output-json.ts";
import { respondAsync } from "../runs/respond-async.ts";
import { textBytes } from "../runs/text-bytes.ts";
import { type Answer, jsonType } from "../server/answer.ts";
import type { Call } from "../server/call.ts";
import type { Route } from "../server/route.ts";
import { roundedMs } from "../server/rounded-ms.ts";
import { runOptionsOf, spentText } from "../server/run-options.ts";
import { logHeldError } from "../telemetry/log-failure.ts";
import { type CallAnswer, type CallRequest, header } from "../wire.ts";

/** Runs an agent and answers with its output. */
export const executeRoute: Route = {
  name: "execute",
  method: "POST",
  path: "/execute",
  of: "agent",
  scope: "execute",
  isWork: true,
  hasBody: true,
  handle: (call, bytes) => {
    const request = callRequestOf(call, bytes);
    const { headers } = call.incoming;
    const isLater = headers["prefer"] !== undefined && prefersLater(headers["prefer"]);
    if (headers[header.idempotencyKey] === undefined) {
      return isLater ? respondAsync(call, request) : execute(call, request);
    }
    const once = (signal: AbortSignal): Promise<Answer> =>
      isLater ? Promise.resolve(respondAsync(call, request)) : execute(call, request, signal);
    return answerOnce(call, bytes, once);
  },
};

function prefersLater(prefer: string | readonly string[]): boolean {
  const preferences = typeof prefer === "string" ? prefer.split(",") : prefer;
  return preferences.some((preference) => preference.split(";")[0]?.trim().toLowerCase() === "respond-async");
}

/** Cancels the run when `signal` aborts, or, where there is none, when the caller has gone. */
async function execute(call: Call, request: CallRequest, signal?: AbortSignal): Promise<Answer> {
  const { service, agent } = call;
  const { clock, runs } = service;
  const options = runOptionsOf(call, request.context);
  const startedAtMs = clock.now();
  // Routes of an agent are reached with one only.
  const run = (agent as NonNullable<typeof agent>).agent.start(
    request.input,
    signal === undefined ? options : { ...options, signal },
  );
  call.runId = run.id;
  call.budget = options.budget;
  const kept = runs.add(call, run);
  let bytes = 0;
  let result: Result<unknown> | undefined;
  if (signal === undefined) call.whenGone((reason) => run.cancel(reason));
  try {
    result = await run.result;
    if (!result.ok) {
      bytes = textBytes(result.error);
      throw result.error;
    }
    const durationMs = roundedMs(clock.now() - startedAtMs);
    const whole: CallAnswer = { output: result.output ?? null, runId: run.id, durationMs };
    const answer: CallAnswer = run.status === "partial" ? { ...whole, status: "partial" } : whole;
    const body = outputJson(answer, service.options.exposeErrors, (error) => logHeldError(call, error));
    bytes = body.length;
    const headers = [header.run, run.id];
    const spent = spentText(options.budget);
    if (spent !== undefined) headers.push(header.spent, spent);
    return { status: 200, contentType: jsonType, headers, body };
  } finally {
    if (signal === undefined) call.whenGone(undefined);
    runs.settle(kept, bytes, result);
  }
}
