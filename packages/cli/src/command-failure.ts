/** A command could not do what it was asked to; carries what went wrong, and the exit code that says so. */
export class CommandFailure extends Error {
  readonly error: unknown;
  readonly exitCode: number;

  constructor(error: unknown, exitCode: number) {
    super(error instanceof Error ? error.message : String(error), { cause: error });
    this.name = "CommandFailure";
    this.error = error;
    this.exitCode = exitCode;
  }
}
