import type { Secret } from "@atomic-agents/core";
import type { Scope } from "../server/route.ts";

/** A bearer token that a service knows. */
export interface ServiceToken {
  /**
   * Whose token it is: this, never the token, stands in logs. Tokens of one name are the same caller, so that a new one can
   * take an old one's place while both are good.
   */
  readonly name: string;
  /** 32 to 512 characters of `A–Z a–z 0–9 - . _ ~ + /`, with any number of `=` at the end. */
  readonly value: string | Secret;
  /** What its bearer may do; `execute` and `read` unless said otherwise. */
  readonly scopes?: readonly Scope[] | undefined;
  /** From when on it is refused; never, when absent. A text is a time of ISO 8601 with its offset. */
  readonly expiresAt?: Date | string | undefined;
}
