/** What a server does to a call, drawn from the seed, the record and the number of its call. */
import { createHash } from "node:crypto";
import type { FaultKind } from "@atomic-agents/llm/simulated";

/** How often a call meets what, from 0 to 1. */
export const rates = { refused: 0.3, failed: 0.2, silent: 0.05, broken: 0.1, cut: 0.05 } as const;

type Cause = keyof typeof rates;

/** How each of them looks; all of a row are as likely. */
const looks: Readonly<Record<Cause, readonly FaultKind[]>> = {
  refused: ["rateLimited"],
  failed: ["serverError", "overloaded"],
  silent: ["hang", "stall"],
  broken: ["invalidJson", "empty", "wrongEnum", "length"],
  cut: ["cut", "cut", "cut", "errorEvent"],
};

/** Good answers that look odd: a client reads them all the same. */
const odd: readonly FaultKind[] = ["fenced", "prose", "slow"];
const oddRate = 0.05;

/** What becomes of a call. */
export interface Fate {
  /** Undefined for an answer that is good. */
  readonly cause: Cause | undefined;
  readonly kind: FaultKind | undefined;
}

/** The fate of the nth call for a record, from 1. */
export function fateOf(seed: number, record: number, call: number): Fate {
  const digest = createHash("sha256").update(`${seed} ${record} ${call}`).digest();
  const drawn = digest.readUInt32LE(0) / 2 ** 32;
  const look = digest.readUInt32LE(4);
  let upTo = 0;
  for (const [cause, rate] of Object.entries(rates) as [Cause, number][]) {
    upTo += rate;
    if (drawn < upTo) return { cause, kind: looks[cause][look % looks[cause].length] };
  }
  return { cause: undefined, kind: drawn < upTo + oddRate ? odd[look % odd.length] : undefined };
}
