/** What a client that keeps to its policy exactly would deliver, and how many calls it would need. */
import { type Fate, rates } from "./faults.ts";

/** What a client may do. */
export interface Policy {
  /** Calls for one answer; waits that the server asks for are not counted. */
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
  let calls = 0;
  for (let answer = 0; answer <= reasks; answer++) {
    let cause: Fate["cause"];
    for (let attempt = 1; ; ) {
      ({ cause } = fate(++calls));
      if (cause === undefined || cause === "broken") break;
      if (cause !== "refused" && attempt++ >= attempts) return { isDelivered: false, calls };
    }
    if (cause === undefined) return { isDelivered: true, calls };
  }
  return { isDelivered: false, calls };
}

/** What is to be expected of a record, by the rates alone. */
export function expected({ attempts, reasks }: Policy): { readonly share: number; readonly calls: number } {
  // Of the calls that are not refused, which may be any number, these fail and these are broken.
  const heard = 1 - rates.refused;
  const fails = (rates.failed + rates.silent + rates.cut) / heard;
  const breaks = rates.broken / heard;
  const isAnswered = 1 - fails ** attempts;
  const isBroken = isAnswered * (breaks / (1 - fails));
  const callsPerAnswer = isAnswered / (1 - fails) / heard;
  // An answer that is broken is asked for again, as often as may be.
  const asked = (1 - isBroken ** (reasks + 1)) / (1 - isBroken);
  return { share: (isAnswered - isBroken) * asked, calls: callsPerAnswer * asked };
}
