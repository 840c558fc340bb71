import { getEventListeners } from "node:events";
import { type Clock, systemClock, type Timer } from "@atomic-agents/core";
import { eventLoopTurn } from "../event-loop.ts";
import type { Lab } from "./lab.ts";
import { ensure, passed, type Verdict } from "./verdict.ts";

/** 32. */
export async function noListenerLeft(lab: Lab): Promise<Verdict> {
  const inputs = [...lab.valid.slice(0, 3), ...lab.invalid.slice(0, 1)];
  for (const input of inputs) {
    for (const way of ["run", "tryRun", "start"] as const) {
      const controller = new AbortController();
      const { signal } = controller;
      try {
        const options = lab.surroundings({ signal });
        const ending =
          way === "start" ? lab.agent.start(input, options).result : lab.agent[way](input, options);
        await lab.wait(way, quiet(ending));
        await settle();
        const count = getEventListeners(signal, "abort").length;
        ensure(count === 0, () => `${count} listeners were left on the signal that was given to ${way}`);
      } finally {
        controller.abort(new Error("the conformance check is over"));
      }
    }
  }
  return passed(`${inputs.length} inputs, three ways`);
}

/** 33. */
export async function noTimerLeft(lab: Lab): Promise<Verdict> {
  const inputs = [...lab.valid.slice(0, 3), ...lab.invalid.slice(0, 1)];
  for (const input of inputs) {
    const { clock, running } = countTimers(lab.clock ?? systemClock);
    await lab.wait("a run", quiet(lab.agent.tryRun(input, lab.options({ clock, timeoutMs: 60_000 }))));
    await settle();
    const count = running();
    ensure(count === 0, () => `${count} timers of the run's clock were still running when it had ended`);
  }
  return passed(`${inputs.length} inputs`);
}

/** How it ends is looked at elsewhere. */
function quiet(ending: Promise<unknown>): Promise<unknown> {
  return ending.catch(() => undefined);
}

/** What is taken away may be taken away a little later. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await eventLoopTurn();
}

/** A clock that counts the timers that neither have fired nor were stopped. */
function countTimers(clock: Clock): { readonly clock: Clock; readonly running: () => number } {
  const timers = new Set<object>();
  const setTimer = (callback: () => void, delayMs: number): Timer => {
    const entry = {};
    timers.add(entry);
    const timer = clock.setTimer(() => {
      timers.delete(entry);
      callback();
    }, delayMs);
    return {
      cancel: () => {
        timers.delete(entry);
        timer.cancel();
      },
    };
  };
  return {
    clock: { now: () => clock.now(), timestamp: () => clock.timestamp(), setTimer },
    running: () => timers.size,
  };
}
