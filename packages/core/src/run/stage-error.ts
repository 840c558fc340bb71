import { ContractError, describeIssues, type Issue, type VendorIssue } from "@atomic-agents/contracts";
import { AtomicError, type Disposition, type ErrorPlace } from "../errors/atomic-error.ts";
import { toAtomicError } from "../errors/to-atomic-error.ts";
import { withoutStack } from "../errors/without-stack.ts";
import type { Frame } from "./frame.ts";
import type { RunReport } from "./report.ts";

/** What a stage was doing when it failed. */
export type Work = "input" | "execute" | "output";

function placeOf(frame: Frame): Required<ErrorPlace> & { readonly timestamp: number } {
  return {
    agent: frame.program.steps[frame.index]?.agent ?? frame.program.agent,
    stage: frame.pathOf(frame.index) || undefined,
    runId: frame.runId,
    requestId: frame.requestId,
    timestamp: frame.env.clock.timestamp(),
  };
}

/** Whether an error was made by the run that a frame belongs to, and so says its place already. */
function belongsToRun(error: AtomicError, frame: Frame): boolean {
  try {
    return error.runId !== undefined && error.runId === frame.runId;
  } catch {
    // A proxy of one, that does not let it be asked, is dealt with as anything that is thrown.
    return false;
  }
}

/** Makes the error of a stage from what came out of it. */
export function stageError(frame: Frame, thrown: unknown, work: Work): AtomicError {
  if (AtomicError.isInstance(thrown) && belongsToRun(thrown, frame)) return thrown;
  if (work === "execute" || ContractError.isInstance(thrown)) {
    const place = placeOf(frame);
    return toAtomicError(below(place, thrown), place);
  }
  return validatorFailure(frame, work, thrown);
}

/** A stage that an error of no run names is one of the agent's own, such as one at a service: it is below the agent's. */
function below({ stage }: ErrorPlace, thrown: unknown): unknown {
  if (stage === undefined || !AtomicError.isInstance(thrown)) return thrown;
  try {
    const isOfAgent = thrown.runId === undefined && thrown.stage !== undefined;
    return isOfAgent ? thrown.with({ stage: `${stage}/${thrown.stage}` }) : thrown;
  } catch {
    // What cannot be read is none of ours, and dealt with as anything that is thrown.
    return thrown;
  }
}

/** A value that a stage's contract does not accept. */
export function validationError(
  frame: Frame,
  work: "input" | "output",
  value: unknown,
  vendorIssues: readonly VendorIssue[],
): AtomicError {
  const issues = issuesOf(frame, work, value, vendorIssues);
  const first = issues[0];
  const more = vendorIssues.length > 1 ? ` (and ${vendorIssues.length - 1} more)` : "";
  const what =
    first === undefined
      ? "the contract is broken"
      : `${first.path === "" ? "the value" : first.path}: ${first.message}, got ${first.got}${more}`;
  return contractError(frame, work, what, issues);
}

function issuesOf(
  frame: Frame,
  work: "input" | "output",
  value: unknown,
  vendorIssues: readonly VendorIssue[],
): readonly Issue[] {
  const step = frame.program.steps[frame.index];
  const schema = work === "input" ? step?.inputSchema : step?.outputSchema;
  return schema === undefined ? [] : describeIssues(schema, vendorIssues, value);
}

function contractError(
  frame: Frame,
  work: "input" | "output",
  what: string,
  issues: readonly Issue[],
): AtomicError {
  const place = placeOf(frame);
  const where = place.stage === undefined ? "" : ` at stage "${place.stage}"`;
  const make = (): AtomicError =>
    new AtomicError(
      work === "input" ? "VALIDATION_INPUT" : "VALIDATION_OUTPUT",
      work === "input"
        ? `Agent "${place.agent}"${where} does not take this input: ${what}`
        : `Agent "${place.agent}"${where} gave an output that breaks its contract: ${what}`,
      {
        ...place,
        disposition: dispositionOf(frame),
        details: { issues },
        hint:
          work === "input"
            ? "details.issues says where and what; describe(agent) shows what is taken."
            : "Correct what the agent returns, or its output schema.",
      },
    );
  // Of one of many records the stack leads to whatever has read it, and costs more than all else about the error.
  return frame.place?.isTimed === false ? withoutStack(make) : make();
}

/** What the stage says of its failures, where no other attempt comes first: a copy of the error that says it would cost as much again. */
function dispositionOf({ program, index }: Frame): Disposition | undefined {
  const { onError, retry } = program.steps[index] ?? {};
  return onError === "pass" || retry !== undefined ? undefined : onError;
}

/** A schema whose own check threw or rejected instead of saying what is wrong. */
function validatorFailure(frame: Frame, work: "input" | "output", thrown: unknown): AtomicError {
  const text = thrown instanceof Error ? thrown.message : `a value of type ${typeof thrown}`;
  // What it was asked of is not here any more.
  const issues = issuesOf(frame, work, undefined, [{ message: `the schema's check threw: ${text}` }]).map(
    (issue) => ({ ...issue, got: "not known" }),
  );
  const error = contractError(frame, work, `the value: ${issues[0]?.message ?? text}`, issues);
  return error.with({ cause: thrown, hint: "A check in a schema should return false rather than throw." });
}

/** An attempt, or the whole run, that has had its time. */
export function timeoutError(frame: Frame, scope: "attempt" | "run", timeoutMs: number): AtomicError {
  const place = placeOf(frame);
  const where = place.stage === undefined ? "" : ` at stage "${place.stage}"`;
  return new AtomicError(
    "TIMEOUT",
    scope === "attempt"
      ? `Agent "${place.agent}"${where} took longer than ${timeoutMs} ms`
      : `The run of "${frame.program.agent}" took longer than ${timeoutMs} ms; it was${where || ` at "${place.agent}"`}`,
    {
      ...place,
      details: { scope, timeoutMs },
      retryable: scope === "attempt",
      hint: "Raise timeoutMs, or let the work listen to ctx.signal and be faster.",
    },
  );
}

/** The end of what nobody waits for any more. */
export function cancelledError(frame: Frame, reason: unknown): AtomicError {
  if (AtomicError.isInstance(reason, "CANCELLED") && belongsToRun(reason, frame)) return reason;
  const text = textOfReason(frame, reason);
  return new AtomicError("CANCELLED", `"${frame.program.agent}" was cancelled: ${text}`, {
    ...placeOf(frame),
    details: { reason: text },
    cause: reason,
  });
}

function textOfReason(frame: Frame, reason: unknown): string {
  try {
    if (AtomicError.isInstance(reason) && belongsToRun(reason, frame)) {
      return `${reason.stage ?? reason.agent ?? "another part"} ended with ${reason.code}`;
    }
    const text: unknown = reason instanceof Error ? reason.message : reason;
    if (typeof text === "string" && text !== "") return text;
  } catch {
    // A reason that throws when it is looked at must not keep the run from ending.
  }
  return "by the caller";
}

/** Agents that run in agents that run in agents, without end. */
export function depthError(frame: Frame, most: number): AtomicError {
  const { agent, runId, requestId } = placeOf(frame);
  return new AtomicError("CONFIG", `Agent "${agent}" runs more than ${most} agents deep`, {
    agent,
    runId,
    requestId,
    details: { path: "depth", expected: `at most ${most}`, got: String(most + 1) },
    hint: "Does an agent run itself without end? Loop inside one agent, or over an array with mapItems.",
  });
}

/** Says that it is the run's retries that are spent, not the stage's. */
export function withSpentHint(error: AtomicError, maxRetries: number): AtomicError {
  const hint = `The run has spent its ${maxRetries} retries, which all its stages and items share: raise maxRetries.`;
  return error.with({ hint });
}

/** The error of a run, with what had happened. Users' code may have frozen one that it caught and threw again. */
export function withReport(error: AtomicError, report: RunReport): AtomicError {
  if (Object.isFrozen(error)) return error.with({ report });
  Object.defineProperty(error, "report", { value: report, configurable: true });
  return error;
}
