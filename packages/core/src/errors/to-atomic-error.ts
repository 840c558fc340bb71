import { ContractError } from "@atomic-agents/contracts";
import { AtomicError, type ErrorPlace } from "./atomic-error.ts";

const maxMessageLength = 1_000;

/**
 * Makes an `AtomicError` of whatever was thrown; never throws itself. An `AtomicError` that has no place yet keeps
 * its code and is given the place; one of another run becomes the `cause` of an error of the same code in this one.
 * Everything else becomes `EXECUTION` with the thrown value as `cause`.
 */
export function toAtomicError(thrown: unknown, place: ErrorPlace = {}): AtomicError {
  try {
    if (AtomicError.isInstance(thrown)) return placed(thrown, place);
    if (ContractError.isInstance(thrown)) return ofContract(thrown, place);
    return ofAnything(thrown, place);
  } catch {
    // A value that throws when it is looked at: a proxy, or an error with a getter that fails.
    return execution("a value that cannot be read", undefined, place, undefined);
  }
}

/** The error itself when it is an `AtomicError`; what `toAtomicError` makes of it otherwise. */
export function asAtomicError(thrown: unknown): AtomicError {
  return AtomicError.isInstance(thrown) ? thrown : toAtomicError(thrown);
}

function placed(error: AtomicError, place: ErrorPlace): AtomicError {
  if (error.runId === undefined) {
    return copyOf(error, { ...place, agent: error.agent ?? place.agent, stage: error.stage ?? place.stage });
  }
  // That another run was cancelled is a failure of this one, which goes on being wanted.
  if (error.code === "CANCELLED") return execution(error.message, error, place, false);
  return copyOf(error, { ...place, cause: error, disposition: "stop", report: undefined });
}

/** @throws for what only looks like an error of ours: its `with` may be anybody's, and give anything */
function copyOf(error: AtomicError, changes: Parameters<AtomicError["with"]>[0]): AtomicError {
  const copy: unknown = error.with(changes);
  if (!AtomicError.isInstance(copy)) throw new TypeError("no copy");
  return copy;
}

function ofContract(thrown: ContractError, place: ErrorPlace): AtomicError {
  return new AtomicError("CONFIG", `${subject(place)}: ${textOf(thrown)}`, {
    ...place,
    details: { path: thrown.path ?? "", expected: "a usable schema", got: thrown.code },
    hint: thrown.hint,
    cause: thrown,
  });
}

function ofAnything(thrown: unknown, place: ErrorPlace): AtomicError {
  const retryable =
    thrown instanceof Error && "retryable" in thrown && typeof thrown.retryable === "boolean"
      ? thrown.retryable
      : undefined;
  return execution(textOf(thrown), thrown, place, retryable);
}

function execution(
  text: string,
  thrown: unknown,
  place: ErrorPlace,
  retryable: boolean | undefined,
): AtomicError {
  return new AtomicError("EXECUTION", `${subject(place)} threw: ${text}`, {
    ...place,
    details: { thrown: text },
    cause: thrown,
    retryable,
    hint:
      thrown instanceof Error
        ? undefined
        : "Throw an Error instead of another value: it carries a message and a stack.",
  });
}

function subject({ agent, stage }: ErrorPlace): string {
  if (agent === undefined) return "Execution";
  return stage === undefined ? `Agent "${agent}"` : `Agent "${agent}" at stage "${stage}"`;
}

/** Text of a thrown value for a message. */
function textOf(thrown: unknown): string {
  return wholeTextOf(thrown).slice(0, maxMessageLength);
}

function wholeTextOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message === "" ? thrown.name : String(thrown.message);
  if (thrown === undefined) return "nothing (undefined)";
  if (typeof thrown === "string") return thrown;
  const kind = `a value of type ${typeof thrown}`;
  try {
    return JSON.stringify(thrown) ?? kind;
  } catch {
    return kind;
  }
}
