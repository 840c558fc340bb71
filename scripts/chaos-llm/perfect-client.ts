/** What a client that keeps to its policy exactly would deliver, and how many calls it would need. */
import { type Fate, rates } from "./faults.ts";

/** What a client may do. */
export interface Policy {
  /** Calls for one answer that may fail, asking again included; waits that the server asks for are not counted. */
  readonly attempts: number;
  /** How often it asks again when an answer is broken. */
  readonly reasks: number;
}

/** What came of a record. */
export interface Course {
  readonly isDelivered: boolean;
  readonly calls: number;
}

/** The course of one record, whose calls meet these fates. */
export function courseOf(fate: (call: number) => Fate, { attempts, reasks }: Policy): Course {
  let failed = 0;
  let broken = 0;
  for (let calls = 1; ; calls++) {
    const { cause } = fate(calls);
    if (cause === undefined) return { isDelivered: true, calls };
    if (cause === "refused") continue;
    if (cause === "broken") broken++;
    else failed++;
    if (failed >= attempts || broken > reasks) return { isDelivered: false, calls };
  }
}

/** What is to be expected of a record, by the rates alone. */
export function expected({ attempts, reasks }: Policy): { readonly share: number; readonly calls: number } {
  // Of the calls that are not refused, which may be any number, these fail and these are broken.
  const heard = 1 - rates.refused;
  const fails = (rates.failed + rates.silent + rates.cut) / heard;
  const breaks = rates.broken / heard;
  const from = (failed: number, broken: number): { readonly share: number; readonly calls: number } => {
    if (failed >= attempts || broken > reasks) return { share: 0, calls: 0 };
    const afterFailure = from(failed + 1, broken);
    const afterBroken = from(failed, broken + 1);
    return {
      share: 1 - fails - breaks + fails * afterFailure.share + breaks * afterBroken.share,
      calls: 1 / heard + fails * afterFailure.calls + breaks * afterBroken.calls,
    };
  };
  return from(0, 0);
}
