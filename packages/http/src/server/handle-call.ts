import { AtomicError, toAtomicError } from "@atomic-agents/core";
import { isPromiseLike, type MaybePromise } from "../maybe-promise.ts";
import { problemAnswer } from "../problem/problem.ts";
import type { Answer } from "./answer.ts";
import type { Call } from "./call.ts";
import { sendAnswer } from "./send-answer.ts";

/** Has a call checked and answered. Never throws; what goes wrong becomes a problem. */
export async function handleCall(call: Call): Promise<void> {
  const { service, route } = call;
  for (const observer of service.observers) observer.onStart?.(call);
  let hasPlace = false;
  try {
    for (const check of service.checks) {
      const refusal = check(call);
      if (refusal !== undefined) throw refusal;
    }
    if (route === undefined) throw noRoute(call);
    if (route.isWork) {
      const refusal = await service.gate.enter();
      if (refusal !== undefined) throw refusal;
      hasPlace = true;
    }
    const answer: MaybePromise<Answer | undefined> = route.handle(call);
    const whole = isPromiseLike(answer) ? await answer : answer;
    if (whole !== undefined) sendAnswer(call, whole);
  } catch (thrown) {
    fail(call, toAtomicError(thrown));
  } finally {
    if (hasPlace) service.gate.leave();
    if (call.end()) {
      if (call.status === 0) call.status = call.outgoing.statusCode;
      const durationMs = service.clock.now() - call.startedAtMs;
      for (const observer of service.observers) observer.onEnd?.(call, durationMs);
    }
  }
}

function fail(call: Call, error: AtomicError): void {
  call.error = error;
  if (call.outgoing.headersSent) {
    call.outgoing.destroy();
    return;
  }
  const { requestId, runId, service } = call;
  sendAnswer(call, problemAnswer(error, { requestId, runId, exposeErrors: service.options.exposeErrors }));
}

function noRoute(call: Call): AtomicError {
  const { service } = call;
  const names = [...service.agents.keys()].join(", ");
  return new AtomicError("NOT_FOUND", `There is nothing at this path. The agents here are: ${names}`, {
    details: { what: "route", name: call.path.slice(0, 200) },
  });
}
