import type { ProblemCode } from "./problem.ts";

/** Why a text cannot be read, and where. */
export class TextFault extends Error {
  readonly code: ProblemCode;
  readonly offset: number;
  readonly hint: string | undefined;

  constructor(code: ProblemCode, message: string, offset: number, hint?: string) {
    super(message);
    this.code = code;
    this.offset = offset;
    this.hint = hint;
  }
}
