import { AtomicError, type Result, type Run } from "@atomic-agents/core";
import { eventLoopTurn } from "../event-loop.ts";
import { preview } from "../usage-error.ts";
import { checkEvents } from "./handle.ts";
import type { Lab } from "./lab.ts";
import { ensure, notApplicable, passed, type Verdict } from "./verdict.ts";

/** 15. */
export async function abortedBeforeTheStart(lab: Lab): Promise<Verdict> {
  const signal = AbortSignal.abort(new Error("conformance"));
  let reads = 0;
  const input = watchReads(lab.valid[0], () => reads++);
  const rejected = lab.agent.run(input, lab.options({ signal })).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const thrown = await lab.soon("run", rejected);
  ensure(
    AtomicError.isInstance(thrown, "CANCELLED"),
    () => `run gave ${preview(thrown)} instead of CANCELLED`,
  );
  checkCancelled("tryRun", await lab.soon("tryRun", lab.agent.tryRun(input, lab.options({ signal }))));
  // Not by the lab, which would show the input to who watches.
  const run = lab.agent.start(input, lab.options({ signal }));
  checkCancelled("start", await lab.soon("start", run.result));
  const types = run.events.snapshot().map((event) => event.type);
  ensure(!types.includes("stage-end"), () => `a stage was run all the same: ${types.join(", ")}`);
  ensure(reads === 0, () => `the agent read its input ${reads} times all the same`);
  return passed(input === lab.valid[0] ? "three ways" : "three ways, and the input was not looked at");
}

/** An object that tells when it is looked at; anything else as it is. */
function watchReads(input: unknown, onRead: () => void): unknown {
  if (typeof input !== "object" || input === null) return input;
  return new Proxy(input, {
    get: (target, key, receiver) => {
      onRead();
      return Reflect.get(target, key, receiver) as unknown;
    },
    ownKeys: (target) => {
      onRead();
      return Reflect.ownKeys(target);
    },
  });
}

/** When to cancel: after so many microtasks, then so many turns of the event loop. */
const moments: readonly (readonly [microtasks: number, turns: number])[] = [
  [0, 0],
  [1, 0],
  [2, 0],
  [3, 0],
  [5, 0],
  [8, 0],
  [0, 1],
  [0, 3],
];

/** 16. */
export async function cancelledInFlight(lab: Lab): Promise<Verdict> {
  let hits = 0;
  for (const by of ["run.cancel()", "the signal"] as const) {
    for (const [microtasks, turns] of moments) {
      const controller = new AbortController();
      const run = lab.start(lab.valid[0], { signal: controller.signal });
      for (let count = 0; count < microtasks; count++) await Promise.resolve();
      for (let count = 0; count < turns; count++) await eventLoopTurn();
      if (run.status !== "pending" && run.status !== "running") continue;
      hits++;
      if (by === "the signal") controller.abort(new Error("conformance"));
      else run.cancel("conformance");
      const when = `${by} ${microtasks} microtasks and ${turns} turns of the event loop after start`;
      await checkEndsCancelled(lab, run, when);
    }
  }
  await cancelledFromAround(lab);
  return passed(`${hits} moments, and while its code was running in a pipeline`);
}

/** The agent's code has been called and has not given its output yet: so even the fastest is in flight. */
async function cancelledFromAround(lab: Lab): Promise<void> {
  let calls = 0;
  const around = lab.within((next) => (input, ctx) => {
    calls++;
    const output = next(input, ctx);
    run.cancel("conformance");
    return output;
  });
  const run: Run<unknown> = around.start(lab.valid[0], lab.options());
  await lab.soon("the result of a run that was cancelled from around the agent", run.result);
  ensure(calls === 1, () => `the agent was called ${calls} times by a pipeline, expected once`);
  await checkEndsCancelled(lab, run, "cancelled from around the agent");
}

async function checkEndsCancelled(lab: Lab, run: Run<unknown>, when: string): Promise<void> {
  checkCancelled(when, await lab.soon(`the result after ${when}`, run.result));
  ensure(run.status === "cancelled", () => `${when}: the status is ${run.status}, not cancelled`);
  checkEvents(run, run.events.snapshot(), false);
}

function checkCancelled(what: string, result: Result<unknown>): void {
  ensure(!result.ok, () => `${what}: the run gave an output all the same`);
  ensure(
    result.error.code === "CANCELLED",
    () => `${what}: the error is ${result.error.code}, not CANCELLED`,
  );
}

/** 17. */
export async function stopsWhenAborted(lab: Lab): Promise<Verdict> {
  const timersBefore = lab.clock?.pendingTimers ?? 0;
  let isWaiting = false;
  const work = Promise.withResolvers<void>();
  const around = lab.within((next) => (input, ctx) => {
    const output = next(input, ctx);
    if (output instanceof Promise) {
      isWaiting = true;
      output.then(
        () => work.resolve(),
        () => work.resolve(),
      );
    }
    run.cancel("conformance");
    return output;
  });
  const run: Run<unknown> = around.start(lab.valid[0], lab.options());
  await lab.soon("the result", run.result);
  if (!isWaiting) return notApplicable("it does not wait for anything, so there is nothing to stop");
  if (lab.isComposed && lab.clock === undefined) {
    return notApplicable("its parts do the work: look at each, or give a virtual clock");
  }
  if (!lab.isComposed) await endsInGrace(lab, work.promise);
  const left = (lab.clock?.pendingTimers ?? 0) - timersBefore;
  ensure(left <= 0, () => `${left} timers were still running after the signal had aborted`);
  return passed("the work ended when its signal aborted");
}

async function endsInGrace(lab: Lab, work: Promise<void>): Promise<void> {
  let isOver = false;
  void work.then(() => {
    isOver = true;
  });
  const { graceMs } = lab;
  for (let turn = 0; turn < 3 && !isOver; turn++) await eventLoopTurn();
  if (!isOver) await lab.pause(graceMs);
  ensure(isOver, () => `the work was still under way ${graceMs} ms after its signal had aborted`);
}
