import type { Secret } from "@atomic-agents/core";
import type { RedactKind } from "./redact-text.ts";

/** What is taken out of records, and what stands in its place. */
export interface RedactOptions {
  /** What is looked for in texts; all four unless said, none where `keys` are said. */
  readonly find?: readonly RedactKind[] | undefined;
  /** Keys whose values are replaced whatever they are: `card.number`, `users.*.phone`, `**.password`. */
  readonly keys?: readonly string[] | undefined;
  /** `mask` puts `[email]` in the place of what was found, `hash` the same text for the same value: `[email:…]`; `mask`. */
  readonly with?: "mask" | "hash" | undefined;
  /** Of `hash`: the key of the HMAC, without which anybody could try all telephone numbers. */
  readonly key?: Secret | string | undefined;
  /** The name of a key that tells how much was replaced: `{ email: 2 }`. */
  readonly counts?: string | undefined;
}

export const redactOptionKeys = ["find", "keys", "with", "key", "counts"] as const;
