import { AtomicError, toAtomicError } from "@atomic-agents/core";

/** What is to be said when a stage with temporary files fails: of a full disk, which folder it is that of. */
export function temporaryFailure(thrown: unknown, stage: string, directory: string): AtomicError {
  const place = { stage, agent: stage };
  const { code, path } = thrown instanceof Error ? (thrown as NodeJS.ErrnoException) : {};
  if (code !== undefined && code !== "ENOSPC" && path?.startsWith(directory) === true) {
    const { message } = thrown as Error;
    return new AtomicError("EXECUTION", `No temporary files can be made in ${directory}: ${message}`, {
      ...place,
      details: { thrown: message },
      cause: thrown,
      hint: "Name another folder as directory, or by TMPDIR, in which this process may make files.",
    });
  }
  if (!(thrown instanceof Error && code === "ENOSPC")) return toAtomicError(thrown, place);
  return new AtomicError("EXECUTION", `There is no space left in ${directory} for temporary files`, {
    ...place,
    details: { thrown: thrown.message },
    cause: thrown,
    hint: "Name another folder as directory, or by TMPDIR, or raise maxInMemory, if there is memory for it.",
  });
}
