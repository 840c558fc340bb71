import type { Result } from "@atomic-agents/core";
import { preview } from "../usage-error.ts";
import type { Lab } from "./lab.ts";
import { Reference, viewOf } from "./reference.ts";
import { Broken, passed, type Verdict } from "./verdict.ts";
import { failed } from "./result-of.ts";

/** 28. */
export async function waysAgree(lab: Lab): Promise<Verdict> {
  const inputs = [...lab.valid, ...lab.invalid];
  for (const input of inputs) {
    const alone = await Reference.of(lab, input);
    for (const [way, result] of [
      ["run", await byRun(lab, input)],
      ["start", await lab.wait("start", lab.start(input).result)],
    ] as const) {
      const difference = await alone.difference(viewOf(result));
      if (difference !== undefined) throw new Broken(`${way} of ${preview(input)}: ${difference} by tryRun`);
    }
  }
  return passed(`${inputs.length} inputs, three ways`);
}

function byRun(lab: Lab, input: unknown): Promise<Result<unknown>> {
  const running = lab.agent.run(input, lab.options());
  return lab.wait(
    "run",
    running.then((output) => ({ ok: true, output }), failed),
  );
}
