import { anything } from "@atomic-agents/contracts";
import { Budget, defineAgent, type Result } from "@atomic-agents/core";
import { createVirtualClock } from "../virtual-clock.ts";
import { preview } from "../usage-error.ts";
import type { Lab } from "./lab.ts";
import { ensure, passed, type Verdict } from "./verdict.ts";

const kinds = ["calls", "tokens", "money"] as const;

/** 54. */
export async function staysWithinTheBudget(lab: Lab): Promise<Verdict> {
  const outcomes: string[] = [];
  for (const kind of kinds) {
    const budget = new Budget({ [kind]: 0 });
    const run = lab.start(lab.valid[0], { budget });
    const result = await lab.wait("the result", run.result);
    const spent = run.report().spent?.[kind] ?? 0;
    ensure(spent === 0, () => `with a budget of no ${kind} it spent ${spent}`);
    const shared = budget.spent[kind];
    ensure(shared === 0, () => `of a budget of no ${kind} that it was given it spent ${shared}`);
    outcomes.push(result.ok ? "success" : result.error.code);
  }
  return passed(`with none: ${kinds.map((kind, index) => `${kind} ${outcomes[index]}`).join(", ")}`);
}

const timeoutMs = 50;

/** 55. On a clock that stands still, as for the agent's own deadline. */
export async function keepsTheCallersDeadline(lab: Lab): Promise<Verdict> {
  const late = await calledFor(lab, 2 * timeoutMs);
  ensure(late !== undefined, () => "called when its caller's time was over, it had no outcome");
  ensure(!late.ok, () => "called when its caller's time was over, it gave an output");
  const inFlight = await calledFor(lab, 0);
  ensure(inFlight !== undefined, () => "it was still under way when its caller's time was over");
  const how = inFlight.ok
    ? "in flight it is too fast for one"
    : `in flight it ends with ${inFlight.error.code}`;
  return passed(`called too late it ends with ${late.error.code}; ${how}`);
}

/** What the agent comes to when its caller's time is over after `timeoutMs`, and the agent is called after a while. */
async function calledFor(lab: Lab, afterMs: number): Promise<Result<unknown> | undefined> {
  const clock = createVirtualClock();
  const outcomes: Result<unknown>[] = [];
  const caller = defineAgent({
    name: "conformance",
    description: "Dawdles, whatever its signal says, and runs the agent as a part of its own run.",
    input: anything(),
    output: anything(),
    execute: async (input, ctx): Promise<unknown> => {
      if (afterMs > 0) await new Promise<void>((resolve) => clock.setTimer(resolve, afterMs));
      outcomes.push(await lab.agent.tryRun(input, ctx));
      return true;
    },
  });
  const run = caller.start(lab.valid[0], lab.options({ clock, timeoutMs }));
  await clock.advance(timeoutMs);
  const result = await lab.soon("the result at the caller's deadline", run.result);
  ensure(result.ok || result.error.code === "TIMEOUT", () => {
    return `at the caller's deadline the run failed with ${result.ok ? "" : result.error.code}`;
  });
  await clock.advance(afterMs);
  for (let turn = 0; turn < 5 && outcomes.length === 0; turn++) await clock.settle();
  return outcomes[0];
}

/** 56. */
export async function endsWithItsCaller(lab: Lab): Promise<Verdict> {
  let calls = 0;
  const outcomes: Result<unknown>[] = [];
  const caller = defineAgent({
    name: "conformance",
    description: "Runs the agent as a part of its own run.",
    input: anything(),
    output: anything(),
    execute: async (input, ctx): Promise<unknown> => {
      const run = lab.agent.start(input, ctx);
      calls++;
      outer.cancel("the caller has gone");
      outcomes.push(await run.result);
      return true;
    },
  });
  const outer = caller.start(lab.valid[0], lab.options());
  const result = await lab.soon("the result of the caller", outer.result);
  ensure(!result.ok && result.error.code === "CANCELLED", () => "the caller was not cancelled");
  ensure(calls === 1, () => "the agent was not called");
  await lab.pause(0);
  for (let turn = 0; turn < 20 && outcomes.length === 0; turn++) await lab.pause(0);
  const [ended] = outcomes;
  ensure(ended !== undefined, () => "the call was still under way when its caller had been cancelled");
  ensure(!ended.ok && ended.error.code === "CANCELLED", () => {
    return `the call ended with ${preview(ended.ok ? ended.output : ended.error.code)}, not CANCELLED`;
  });
  return passed("cancelled with its caller");
}
