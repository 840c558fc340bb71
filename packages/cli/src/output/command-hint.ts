import { AtomicError, errorCatalog } from "@atomic-agents/core";

/** What to try on a command line, where the error's own hint speaks to who writes a program. */
export function commandHint(error: AtomicError): string | undefined {
  const isGeneral = error.hint === errorCatalog.EXECUTION.fix;
  if (error.code === "EXECUTION" && isGeneral) return "--verbose shows where it was thrown.";
  if (AtomicError.isInstance(error, "TIMEOUT") && error.details.scope === "run") {
    return "Give it more with --timeout.";
  }
  return error.hint;
}
