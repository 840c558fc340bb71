import type { FaultKind } from "./faults.ts";
import { label } from "./label.ts";

/** How a request is refused. */
export interface Refusal {
  readonly status: number;
  readonly words: string;
  readonly headers: Record<string, string>;
  /** As OpenAI names it. */
  readonly code: string;
  /** As Anthropic names it. */
  readonly type: string;
}

/** How a fault is told. */
export function refusalOf(fault: FaultKind, retryAfterMs: number): Refusal {
  switch (fault) {
    case "rateLimited":
      return {
        status: 429,
        words: `${label} refusal: too many requests`,
        headers: {
          "retry-after": String(Math.ceil(retryAfterMs / 1_000)),
          // Whole seconds are too long for many a test; OpenAI tells milliseconds, too.
          ...(retryAfterMs % 1_000 === 0 ? {} : { "retry-after-ms": String(retryAfterMs) }),
        },
        code: "rate_limit_exceeded",
        type: "rate_limit_error",
      };
    case "quota":
      return {
        status: 429,
        words: `${label} refusal: no credit is left`,
        headers: {},
        code: "insufficient_quota",
        type: "billing_error",
      };
    case "overloaded":
      return {
        status: 529,
        words: `${label} overload`,
        headers: {},
        code: "overloaded",
        type: "overloaded_error",
      };
    default:
      return { status: 500, words: `${label} failure`, headers: {}, code: "server_error", type: "api_error" };
  }
}
