import { AtomicError } from "@atomic-agents/core";

/** What is said of an agent that could not be loaded, besides the problem itself. */
export interface LoadErrorParts {
  readonly expected: string;
  readonly got: string;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** An error about where an agent was to come from. */
export function loadError(reference: string, problem: string, parts: LoadErrorParts): AtomicError<"CONFIG"> {
  const { expected, got, hint, cause } = parts;
  return new AtomicError("CONFIG", `${beginning(reference)}${problem}`, {
    details: { path: reference, expected, got },
    hint,
    cause,
  });
}

const beginning = (reference: string) => `Cannot load an agent from ${JSON.stringify(reference)}: `;

/** Says of such an error that it was something else that could not be loaded. */
export function aboutLoading(what: string, reference: string, error: unknown): unknown {
  if (!AtomicError.isInstance(error, "CONFIG") || !error.message.startsWith(beginning(reference)))
    return error;
  const { details, hint, cause } = error;
  const problem = error.message.slice(beginning(reference).length);
  return new AtomicError("CONFIG", `Cannot load ${what} from ${JSON.stringify(reference)}: ${problem}`, {
    details,
    hint,
    cause,
  });
}
