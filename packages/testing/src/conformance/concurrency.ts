import { isDeepStrictEqual } from "node:util";
import { preview } from "../usage-error.ts";
import type { Lab } from "./lab.ts";
import { ensure, passed, type Verdict } from "./verdict.ts";

const runCount = 8;

/** 19. */
export async function runsApart(lab: Lab): Promise<Verdict> {
  const inputs = Array.from({ length: runCount }, (_, index) => lab.valid[index % lab.valid.length]);
  const alone: unknown[] = [];
  for (const input of inputs) alone.push(await outcomeAlone(lab, input));
  const runs = inputs.map((input, index) => lab.start(input, { requestId: `request-${index}` }));
  const results = await lab.wait("runs at the same time", Promise.all(runs.map((run) => run.result)));
  const ids = new Set(runs.map((run) => run.id));
  ensure(ids.size === runCount, () => `${runCount} runs have ${ids.size} ids`);
  let varying = 0;
  for (const [index, run] of runs.entries()) {
    ensure(run.report().requestId === `request-${index}`, () => "a run reports the requestId of another");
    const foreign = run.events.snapshot().find((event) => event.runId !== run.id);
    ensure(foreign === undefined, () => `a run has a ${foreign?.type} event of another`);
    const result = results[index];
    const together = result?.ok === true ? result.output : undefined;
    if (isDeepStrictEqual(together, alone[index])) continue;
    const again = await outcomeAlone(lab, inputs[index]);
    ensure(!isDeepStrictEqual(again, alone[index]), () => {
      return `an input that gives ${preview(alone[index])} alone gave ${preview(together)} beside others`;
    });
    varying++;
  }
  const note = varying === 0 ? "" : `; outputs vary from run to run, ${varying} could not be compared`;
  return passed(`${runCount} runs at the same time${note}`);
}

async function outcomeAlone(lab: Lab, input: unknown): Promise<unknown> {
  const result = await lab.tryRun(input);
  return result.ok ? result.output : undefined;
}
