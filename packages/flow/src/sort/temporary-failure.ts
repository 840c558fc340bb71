import { AtomicError, toAtomicError } from "@atomic-agents/core";

/** What is to be said when a stage with temporary files fails: of a full disk, which folder it is that of. */
export function temporaryFailure(thrown: unknown, stage: string, directory: string): AtomicError {
  const place = { stage, agent: stage };
  if (!(thrown instanceof Error && "code" in thrown && thrown.code === "ENOSPC")) {
    return toAtomicError(thrown, place);
  }
  return new AtomicError("EXECUTION", `There is no space left in ${directory} for temporary files`, {
    ...place,
    details: { thrown: thrown.message },
    cause: thrown,
    hint: "Name another folder as directory, or by TMPDIR, or raise maxInMemory, if there is memory for it.",
  });
}
