import type { Server } from "node:http";
import type { Service } from "../server/service.ts";
import { pause, within } from "./wait.ts";

/** How often connections that have become idle are looked for. */
const lookMs = 50;
/** How long answers have to get through when the service has stopped waiting for their work. */
const lastAnswersMs = 1_000;

/**
 * Stops a service so that no request is lost: first it says that it is not ready, and has connections closed with the next
 * answer; then it takes no more; then it waits for what it has accepted.
 *
 * Gives whether all of it was finished in time. What was not is cancelled.
 */
export async function stopService(service: Service, server: Server): Promise<boolean> {
  const { clock, log, lifeCycle, options } = service;
  const { drainDelayMs, drainTimeoutMs, onDrain } = options;
  const wasReady = lifeCycle.state === "ready";
  // Whoever kills what does not end in time counts from here.
  const endsAtMs = clock.now() + (wasReady ? drainDelayMs : 0) + drainTimeoutMs;
  lifeCycle.state = "draining";
  if (wasReady) log.info("service is stopping", { inFlight: lifeCycle.callCount });
  if (onDrain !== undefined) {
    const hook = Promise.resolve().then(onDrain);
    hook.catch((thrown: unknown) => log.error("onDrain failed", { error: thrown }));
    if (!(await within(hook, clock, drainTimeoutMs))) log.warn("onDrain took too long; going on");
  }
  // Nobody has been told yet to send anything to a service that was never ready.
  if (wasReady && drainDelayMs > 0) await pause(clock, drainDelayMs);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const leftMs = Math.max(endsAtMs - clock.now(), Math.min(drainTimeoutMs, lastAnswersMs));
  const isFinished = await within(allAnswered(service, server, closed), clock, leftMs);
  if (!isFinished) {
    log.warn("work was cut off", { inFlight: lifeCycle.callCount });
    for (const call of lifeCycle.calls) call.cutOff();
    // Those that no call waits for.
    service.runs.cancelAll("The service is stopping");
    await within(allAnswered(service, server, closed), clock, lastAnswersMs);
    server.closeAllConnections();
  }
  lifeCycle.state = "closed";
  for (const closer of service.closers.toReversed()) {
    try {
      await closer();
    } catch (thrown) {
      log.error("something could not be closed", { error: thrown });
    }
  }
  if (wasReady) log.info("service has stopped");
  return isFinished;
}

/** Until the last connection is closed and no work goes on. */
async function allAnswered(service: Service, server: Server, closed: Promise<void>): Promise<void> {
  const { clock, gate } = service;
  let isClosed = false;
  const over = closed.then(() => {
    isClosed = true;
  });
  while (!isClosed || gate.inFlight > 0) {
    // A connection whose last answer began before the service was stopping has not been told to close.
    server.closeIdleConnections();
    // What has come over them is answered, and more will not.
    service.recordRequests.endIdle("no time to wait for more: it is stopping");
    await within(isClosed ? never : over, clock, lookMs);
    if (service.lifeCycle.state === "closed") return;
  }
}

const never = new Promise<void>(() => {});
