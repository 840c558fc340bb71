import { AtomicError } from "@atomic-agents/core";
import { readBody } from "../body/read-body.ts";
import { overloaded } from "../gate/gate.ts";
import { asCutOff } from "../life-cycle/cut-off.ts";
import type { Spot } from "../queue.ts";
import { isPromiseLike } from "../maybe-promise.ts";
import { asError } from "../problem/as-error.ts";
import { isShown, problemAnswer } from "../problem/problem.ts";
import { logFailure } from "../telemetry/log-failure.ts";
import type { Call } from "./call.ts";
import { noAgent, noRoute } from "./not-found.ts";
import { failureHeaders } from "./run-options.ts";
import { sendAnswer } from "./send-answer.ts";

const noBytes = Buffer.alloc(0);

/** Has a call checked and answered. Never rejects; what goes wrong becomes a problem. */
export async function handleCall(call: Call): Promise<void> {
  const { service } = call;
  const spot = begin(call);
  try {
    for (const check of service.checks) {
      const refusal = check(call);
      if (refusal !== undefined) throw refusal;
    }
    const route = routeOf(call);
    let body: Buffer = noBytes;
    if (route.hasBody === true) {
      const refusal = service.gate.refusal();
      if (refusal !== undefined) throw refusal;
      body = await readBody(call);
    }
    if (route.isWork) {
      const entered = service.gate.enter(call);
      const refusal = isPromiseLike(entered) ? await entered : entered;
      // Who has gone is not one more for whom there was no room.
      if (refusal !== undefined) {
        if (call.isCutOff) throw overloaded("not begun the work, for it is stopping");
        throw call.outgoing.destroyed ? goneWhileWaiting() : refusal;
      }
      call.hasPlace = true;
    }
    const handled = route.handle(call, body);
    const answer = isPromiseLike(handled) ? await handled : handled;
    if (answer !== undefined) sendAnswer(call, answer);
  } catch (thrown) {
    fail(call, asCutOff(call, asError(thrown)));
  } finally {
    call.leavePlace();
    end(call, spot);
  }
}

/** Answers a call that is not looked at any further, nor is what comes after it on its connection. */
export function refuseCall(call: Call, error: AtomicError): void {
  call.isLast = true;
  const spot = begin(call);
  fail(call, error);
  end(call, spot);
}

function begin(call: Call): Spot<Call> {
  const { lifeCycle, observers } = call.service;
  const spot = lifeCycle.begin(call);
  for (const observer of observers) observer.onStart?.(call);
  return spot;
}

function end(call: Call, spot: Spot<Call>): void {
  const { lifeCycle, observers, clock } = call.service;
  lifeCycle.end(spot);
  if (call.status === 0) call.status = call.outgoing.statusCode;
  const durationMs = clock.now() - call.startedAtMs;
  for (const observer of observers) observer.onEnd?.(call, durationMs);
}

function fail(call: Call, error: AtomicError): void {
  const { requestId, runId, service } = call;
  call.error = error;
  if (!isShown(error) && error.code !== "CANCELLED") {
    logFailure(call, error);
  }
  if (call.outgoing.headersSent) {
    // A part of an answer must not look like a whole one.
    call.outgoing.destroy();
    return;
  }
  const { exposeErrors } = service.options;
  const headers = call.allowed.length > 0 ? ["allow", call.allowed.join(", ")] : failureHeaders(call);
  sendAnswer(call, problemAnswer(error, { requestId, runId, exposeErrors }, headers));
}

function goneWhileWaiting(): AtomicError<"CANCELLED"> {
  const reason = "The caller went away";
  return new AtomicError("CANCELLED", reason, { details: { reason } });
}

function routeOf(call: Call): NonNullable<Call["route"]> {
  const { route, agent } = call;
  if (route === undefined) throw noRoute(call);
  if (route.of === "agent" && agent === undefined) throw noAgent(call);
  return route;
}
