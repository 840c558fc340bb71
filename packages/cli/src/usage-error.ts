/** What is said of something a user typed, besides what is wrong with it. */
export interface UsageErrorParts {
  /** The argument or option that it is about. */
  readonly where?: string | undefined;
  readonly expected?: string | undefined;
  readonly got?: string | undefined;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** The command was called wrongly, or was given what it cannot read. */
export class UsageError extends Error {
  readonly where: string | undefined;
  readonly expected: string | undefined;
  readonly got: string | undefined;
  readonly hint: string | undefined;

  constructor(message: string, parts: UsageErrorParts = {}) {
    super(message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = "UsageError";
    this.where = parts.where;
    this.expected = parts.expected;
    this.got = parts.got;
    this.hint = parts.hint;
  }

  /** In the form of the framework's errors, so that a program that reads them needs one form only. */
  toJSON(): Record<string, unknown> {
    const { name, message, where: path, expected, got, hint } = this;
    return { name, code: "USAGE", message, details: { path, expected, got }, hint };
  }
}
