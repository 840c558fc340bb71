import { abortedBeforeTheStart, cancelledInFlight, stopsWhenAborted } from "./cancel.ts";
import {
  errorsAreAtomic,
  refusesOptions,
  resultNeverRejects,
  runNeverThrows,
  tryRunNeverRejects,
} from "./codes.ts";
import { runsApart } from "./concurrency.ts";
import { keepsTheDeadline } from "./deadline.ts";
import { describesItself } from "./description.ts";
import { eventsReplay, eventsTellTheRun, nothingAfterTheEnd, startReturnsFirst } from "./handle.ts";
import type { Lab } from "./lab.ts";
import { acceptsValid, leavesInputAlone, outputFits, refusesInvalid, saysWhatIsWrong } from "./validation.ts";
import type { Verdict } from "./verdict.ts";

const checks = [
  ["accepts-valid", "a valid input gives an output", acceptsValid],
  ["refuses-invalid", "an invalid input is refused with VALIDATION_INPUT", refusesInvalid],
  ["says-what-is-wrong", "a refusal names agent, path, expected and got, and gives a hint", saysWhatIsWrong],
  ["leaves-input-alone", "the caller's input is not changed", leavesInputAlone],
  ["output-fits", "the output is what the output schema makes of it", outputFits],
  ["errors-are-atomic", "every error is an AtomicError with code, agent, ids and time", errorsAreAtomic],
  [
    "run-never-throws",
    "run gives a promise whatever it is given, and rejects with an AtomicError",
    runNeverThrows,
  ],
  ["try-run-never-rejects", "tryRun gives every failure as a value", tryRunNeverRejects],
  ["refuses-options", "wrong run options fail with CONFIG", refusesOptions],
  ["result-never-rejects", "the result of a started run never rejects", resultNeverRejects],
  ["start-returns-first", "start returns before the first stage begins", startReturnsFirst],
  ["events-tell-the-run", "events begin, end and balance, and agree with the report", eventsTellTheRun],
  ["events-replay", "every reader of the events gets all of them", eventsReplay],
  [
    "nothing-after-end",
    "after its end a run does not change: no late result, no further event",
    nothingAfterTheEnd,
  ],
  ["aborted-before-start", "with a signal that has aborted nothing is begun", abortedBeforeTheStart],
  ["cancelled-in-flight", "a run that is cancelled ends at once with CANCELLED", cancelledInFlight],
  ["stops-when-aborted", "the work ends when its signal aborts", stopsWhenAborted],
  ["keeps-deadline", "timeoutMs ends a run with TIMEOUT", keepsTheDeadline],
  ["runs-apart", "runs at the same time have their own ids, events and outputs", runsApart],
  ["describes-itself", "its description is complete and can be written as JSON", describesItself],
] as const satisfies readonly (readonly [string, string, (lab: Lab) => Verdict | Promise<Verdict>])[];

/** The names of the behaviours. */
export type BehaviourId = (typeof checks)[number][0];

/** Something that every agent does. */
export interface Behaviour {
  /** Its place in the list, from 1. */
  readonly number: number;
  readonly id: BehaviourId;
  /** What is so, in one sentence. */
  readonly title: string;
}

/**
 * What is expected of every agent, in order.
 *
 * @example
 * ```ts
 * test.each(behaviours)("$number $id: $title", ({ id }) =>
 *   expectConforms(agent, { valid, invalid, only: [id] }),
 * );
 * ```
 */
export const behaviours: readonly Behaviour[] = Object.freeze(
  checks.map(([id, title], index) => Object.freeze({ number: index + 1, id, title })),
);

/** Looks at one behaviour. */
export async function check({ number }: Behaviour, lab: Lab): Promise<Verdict> {
  // The list of behaviours is made of this one.
  const [, , look] = checks[number - 1] as (typeof checks)[number];
  return await look(lab);
}
