import { isDeepStrictEqual } from "node:util";
import { AtomicError, errorFromJson, pipelineOf, withPolicy } from "@atomic-agents/core";
import { preview } from "../usage-error.ts";
import type { Lab } from "./lab.ts";
import { Broken, ensure, notApplicable, passed, type Verdict } from "./verdict.ts";

/** 57. */
export async function refusesAlike(lab: Lab): Promise<Verdict> {
  if (lab.invalid.length === 0) return notApplicable("no invalid input was given");
  for (const [index, input] of lab.invalid.entries()) {
    const [first, second] = [await lab.tryRun(input), await lab.tryRun(input)];
    ensure(!first.ok && !second.ok, () => `invalid[${index}] was taken`);
    // Not the message: it may name the one of several replicas that was asked.
    const told = [first.error, second.error].map(({ code, details }) => ({ code, details }));
    ensure(isDeepStrictEqual(told[0], told[1]), () => {
      return `invalid[${index}] was refused with ${preview(told[0])}, then with ${preview(told[1])}`;
    });
  }
  return passed(`${lab.invalid.length} inputs, twice each`);
}

/** What of an error goes over a wire and must come back as it was. */
const parts = [
  "code",
  "message",
  "agent",
  "stage",
  "runId",
  "requestId",
  "timestamp",
  "retryable",
  "hint",
  "disposition",
] as const;

/** 58. */
export async function errorsTravel(lab: Lab): Promise<Verdict> {
  const errors: AtomicError[] = [];
  for (const input of lab.invalid.slice(0, 5)) {
    const result = await lab.tryRun(input);
    if (!result.ok) errors.push(result.error);
  }
  const cancelled = lab.start(lab.valid[0]);
  cancelled.cancel("conformance");
  const result = await lab.soon("the result", cancelled.result);
  if (!result.ok) errors.push(result.error);
  for (const error of errors) {
    const text = JSON.stringify(error);
    const back = errorFromJson(JSON.parse(text));
    for (const part of parts) {
      ensure(isDeepStrictEqual(back[part], error[part]), () => {
        return `${part} of a ${error.code} error is ${preview(error[part])}, and ${preview(back[part])} when it was written as JSON`;
      });
    }
    const again = JSON.stringify(back);
    if (again !== text) throw new Broken(`a ${error.code} error changes when it is written as JSON twice`);
  }
  return passed(`${errors.length} errors`);
}

/** 59. */
export async function refusesOnce(lab: Lab): Promise<Verdict> {
  if (lab.invalid.length === 0) return notApplicable("no invalid input was given");
  const retry = { attempts: 3, baseDelayMs: 1, jitter: "none" } as const;
  for (const [index, input] of lab.invalid.entries()) {
    const patient = pipelineOf("conformance", [withPolicy(lab.agent, { retry })]);
    const run = patient.start(input, lab.options());
    const result = await lab.wait("under a retry", run.result);
    ensure(!result.ok && AtomicError.isInstance(result.error, "VALIDATION_INPUT"), () => {
      return `invalid[${index}] under a retry gave ${preview(result.ok ? result.output : result.error.code)}`;
    });
    const [stage] = run.report().stages;
    ensure(stage === undefined || stage.attempts <= 1, () => {
      return `invalid[${index}] was tried ${stage?.attempts} times, though it cannot become valid`;
    });
  }
  return passed(`${lab.invalid.length} inputs`);
}
