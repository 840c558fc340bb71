import { type Result, sleep } from "@atomic-agents/core";
import { createVirtualClock } from "../virtual-clock.ts";
import type { Lab } from "./lab.ts";
import { ensure, passed, type Verdict } from "./verdict.ts";

const timeoutMs = 50;

/**
 * 18. On a clock of its own that stands still: so what is under way stays under way until the deadline, whatever it
 * waits for.
 */
export async function keepsTheDeadline(lab: Lab): Promise<Verdict> {
  const clock = createVirtualClock();
  const run = lab.start(lab.valid[0], { clock, timeoutMs });
  const ended = { atMs: undefined as number | undefined };
  void run.result.then(() => {
    ended.atMs = clock.now();
  });
  for (let turn = 0; turn < 5; turn++) await clock.settle();
  const wasPending = ended.atMs === undefined;
  await clock.advance(timeoutMs - 1);
  const isPending = ended.atMs === undefined;
  await clock.advance(1);
  ensure(
    ended.atMs !== undefined,
    () => `a run with timeoutMs ${timeoutMs} was still running at its deadline`,
  );
  if (isPending) {
    const result = await lab.soon("the result", run.result);
    // What happens to be done at the very moment of the deadline may be in time.
    if (!result.ok) checkTimeout(result);
  }
  await inSlowCompany(lab);
  return passed(
    wasPending ? "alone, and in a slow pipeline" : "too fast to meet it alone; in a slow pipeline",
  );
}

/** A pipeline that dawdles before it calls the agent: the run ends at its deadline, and the agent is not called. */
async function inSlowCompany(lab: Lab): Promise<void> {
  const clock = createVirtualClock();
  let calls = 0;
  const slow = lab.within((next) => async (input, ctx) => {
    await sleep(2 * timeoutMs, ctx);
    calls++;
    return next(input, ctx);
  });
  const run = slow.start(lab.valid[0], lab.options({ clock, timeoutMs }));
  await clock.advance(3 * timeoutMs);
  const result = await lab.soon("the result in a slow pipeline", run.result);
  checkTimeout(result);
  const { durationMs } = run.report();
  ensure(
    durationMs === timeoutMs,
    () => `the run ended after ${durationMs} ms, its timeoutMs was ${timeoutMs}`,
  );
  ensure(calls === 0, () => "the agent was called after the deadline");
}

function checkTimeout(result: Result<unknown>): void {
  ensure(!result.ok, () => "a run gave an output after its deadline");
  const { error } = result;
  ensure(
    error.code === "TIMEOUT",
    () => `a run that met its deadline failed with ${error.code}, not TIMEOUT`,
  );
  ensure(error.details.timeoutMs === timeoutMs, () => {
    return `the error says timeoutMs ${error.details.timeoutMs}, expected ${timeoutMs}`;
  });
}
