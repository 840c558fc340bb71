import { isDeepStrictEqual } from "node:util";
import { anything } from "@atomic-agents/contracts";
import { AtomicError, type Context, defineAgent, type Result, withPolicy } from "@atomic-agents/core";
import { preview } from "../usage-error.ts";
import { refusedInputs } from "./hostile-inputs.ts";
import type { Lab } from "./lab.ts";
import { Reference, viewOf } from "./reference.ts";
import { failed } from "./result-of.ts";
import { Broken, ensure, passed, type Verdict } from "./verdict.ts";

const ids = {
  requestId: "conformance-request",
  userId: "conformance-user",
  sessionId: "conformance-session",
} as const;
const idNames = ["requestId", "userId", "sessionId"] as const;
const metadata = Object.freeze({ conformance: Object.freeze({ given: true }) });

/** 31. */
export async function contextTravels(lab: Lab): Promise<Verdict> {
  const options = Object.freeze({ ...lab.options({ ...ids, metadata }) });
  let seen: Pick<Context, (typeof idNames)[number] | "metadata"> | undefined;
  const watched = lab.within((next) => (input, ctx) => {
    const { requestId, userId, sessionId } = ctx;
    seen = { requestId, userId, sessionId, metadata: ctx.metadata };
    return next(input, ctx);
  });
  await lab.wait("a run in a pipeline", watched.tryRun(lab.valid[0], options));
  ensure(seen !== undefined, () => "a pipeline did not call the agent");
  for (const id of idNames) {
    ensure(seen[id] === ids[id], () => `${id} is ${preview(seen?.[id])} to its code, given was ${ids[id]}`);
  }
  ensure(isDeepStrictEqual(seen.metadata, metadata), () => {
    return `the metadata is ${preview(seen?.metadata)} to its code, given was ${preview(metadata)}`;
  });
  const run = lab.agent.start(lab.valid[0], options);
  await lab.wait("the result", run.result);
  const report = run.report();
  ensure(
    report.requestId === ids.requestId,
    () => `the report's requestId is ${preview(report.requestId)}, given was ${ids.requestId}`,
  );
  // An agent may write more of it.
  const kept = report.metadata?.["conformance"];
  ensure(isDeepStrictEqual(kept, metadata.conformance), () => {
    return `the report's metadata is ${preview(report.metadata)}, given was ${preview(metadata)}`;
  });
  return passed("to its code and to the report");
}

/** 34. */
export async function joinsARun(lab: Lab): Promise<Verdict> {
  const [input] = lab.valid;
  const alone = await Reference.of(lab, input);
  const [refused] = await refusedInputs(lab.agent.input);
  const outer = defineAgent({
    name: "conformance",
    description: "Runs the agent as a part of its own run.",
    input: anything(),
    output: anything(),
    execute: async (given, ctx): Promise<unknown> => {
      const started = lab.agent.start(given, ctx);
      ensure(started.id === ctx.runId, () => "a run that was started with a context has an id of its own");
      const result = await started.result;
      const output = await lab.agent
        .run(given, ctx)
        .then((value) => ({ ok: true, output: value }) as const, failed);
      return {
        outcomes: [result, output],
        foreign: refused && (await foreignRunId(lab, refused.value, ctx)),
      };
    },
  });
  // It takes as long as all that it does, one after the other.
  const patient = withPolicy(outer, { timeoutMs: 24 * 60 * 60 * 1_000 });
  const whole = await lab.wait("an agent that runs the agent", patient.tryRun(input, lab.options()));
  if (!whole.ok)
    throw whole.error.cause instanceof Broken ? whole.error.cause : new Broken(whole.error.message);
  // What the code above gives.
  const { outcomes, foreign } = whole.output as {
    readonly outcomes: readonly Result<unknown>[];
    readonly foreign: string | undefined;
  };
  for (const outcome of outcomes) {
    const difference = await alone.difference(viewOf(outcome));
    if (difference !== undefined) throw new Broken(`inside of another agent's run: ${difference}`);
  }
  ensure(foreign === undefined, () => `the error of a call with a context has ${foreign}`);
  return passed("by start and by run");
}

/** What is wrong with the run id in an error of a call with a context. */
async function foreignRunId(lab: Lab, refused: unknown, ctx: Context): Promise<string | undefined> {
  const thrown = await lab.agent.run(refused, ctx).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!AtomicError.isInstance(thrown) || thrown.runId === ctx.runId) return undefined;
  return `the run id ${preview(thrown.runId)}, not that of the run it was part of`;
}
