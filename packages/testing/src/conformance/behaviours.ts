import { abortedBeforeTheStart, cancelledInFlight, stopsWhenAborted } from "./cancel.ts";
import {
  errorsAreAtomic,
  refusesOptions,
  resultNeverRejects,
  runNeverThrows,
  tryRunNeverRejects,
} from "./codes.ts";
import { endsWithItsCaller, keepsTheCallersDeadline, staysWithinTheBudget } from "./caller.ts";
import {
  asACase,
  asAFallback,
  asAReplica,
  asASlot,
  asAStage,
  guarded,
  overItems,
  recovered,
  underACache,
  underAPolicy,
  zipped,
} from "./company.ts";
import { runsApart } from "./concurrency.ts";
import { contextTravels, joinsARun } from "./context.ts";
import { keepsTheDeadline } from "./deadline.ts";
import { describesItself, staysDescribed, wellNamed } from "./description.ts";
import { cancelsOnce, draftsEnd, takesOddReasons, worksAfterTrouble } from "./endings.ts";
import { refusesNearMisses, takesGenerated } from "./generated.ts";
import { eventsReplay, eventsTellTheRun, nothingAfterTheEnd, startReturnsFirst } from "./handle.ts";
import { survivesHostile } from "./hostile.ts";
import { outputsAreOwn, takesFrozenInput } from "./isolation.ts";
import { outputIsJson, schemasAgree } from "./json.ts";
import type { Lab } from "./lab.ts";
import { keptInAStore, metricsAreTold, spansEnd } from "./looked-on.ts";
import { errorsTravel, refusesAlike, refusesOnce } from "./refusals.ts";
import { noListenerLeft, noTimerLeft } from "./leaks.ts";
import { reportAddsUp, reportIsJson } from "./report.ts";
import { acceptsValid, leavesInputAlone, outputFits, refusesInvalid, saysWhatIsWrong } from "./validation.ts";
import type { Verdict } from "./verdict.ts";
import { waysAgree } from "./ways.ts";

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
  ["takes-generated", "what is made of its input schema gives an output", takesGenerated],
  [
    "refuses-near-misses",
    "what is wrong in one place is refused, and the issue names the place",
    refusesNearMisses,
  ],
  [
    "survives-hostile",
    "hostile inputs are refused at once, by an error that is small and JSON",
    survivesHostile,
  ],
  ["output-is-json", "an output that has a JSON Schema survives being written as JSON", outputIsJson],
  ["schemas-agree", "its JSON Schemas accept what it takes and gives", schemasAgree],
  ["takes-frozen-input", "an input that nothing can change does as well", takesFrozenInput],
  ["outputs-are-own", "the outputs of two runs share nothing that can be changed", outputsAreOwn],
  ["ways-agree", "run, tryRun and start come to the same", waysAgree],
  ["report-adds-up", "the report has spans of time that fit, and ids that differ", reportAddsUp],
  ["report-is-json", "report, events and errors can be written as JSON", reportIsJson],
  ["context-travels", "the caller's ids and metadata come to its code and to the report", contextTravels],
  ["no-listener-left", "after a run nothing listens to the caller's signal", noListenerLeft],
  ["no-timer-left", "after a run no timer of its clock is left", noTimerLeft],
  ["joins-a-run", "called with a context it is part of that run", joinsARun],
  ["as-a-stage", "it comes to the same as a stage of a pipeline", asAStage],
  ["as-a-slot", "it comes to the same in two slots of parallel at once", asASlot],
  ["as-a-fallback", "it comes to the same inside of fallback", asAFallback],
  ["over-items", "it comes to the same over the items of an array", overItems],
  ["under-a-policy", "it comes to the same with a timeout and retries around it", underAPolicy],
  ["well-named", "its name, version, description and capabilities are well-formed", wellNamed],
  ["as-a-case", "it comes to the same as a case of branch", asACase],
  ["as-a-replica", "it comes to the same as replicas of a pool", asAReplica],
  ["zipped", "it comes to the same beside itself in zip", zipped],
  ["recovered", "under recover its outputs pass, and its failures are told", recovered],
  ["under-a-cache", "it comes to the same under a cache, the second time out of it", underACache],
  ["guarded", "it comes to the same under a rate limit, a concurrency limit and a breaker", guarded],
  ["metrics-are-told", "metrics tell of each run once, with its agent, status and code", metricsAreTold],
  ["spans-end", "a tracer gets spans that end once, the run's with its error", spansEnd],
  ["kept-in-a-store", "a store gets the run's report and events when it has ended", keptInAStore],
  ["cancels-once", "of several cancellations the first counts", cancelsOnce],
  ["odd-reasons", "whatever a signal is aborted with, it ends with CANCELLED", takesOddReasons],
  ["drafts-end", "the drafts of its output end with the run, for every reader", draftsEnd],
  ["works-after-trouble", "after what was refused or cancelled it works as before", worksAfterTrouble],
  ["within-the-budget", "it spends nothing of a budget that has nothing", staysWithinTheBudget],
  ["deadline-of-caller", "as part of a run it ends with that run's deadline", keepsTheCallersDeadline],
  ["ends-with-caller", "as part of a run it is cancelled with it", endsWithItsCaller],
  ["refuses-alike", "the same invalid input is refused for the same reasons", refusesAlike],
  ["errors-travel", "its errors come back from JSON as they were", errorsTravel],
  ["refuses-once", "a retry does not try an invalid input again", refusesOnce],
  ["stays-described", "its description stays as it is", staysDescribed],
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

/** What can be seen without any input that the agent takes. */
const withoutInput: ReadonlySet<BehaviourId> = new Set<BehaviourId>([
  "refuses-invalid",
  "says-what-is-wrong",
  "describes-itself",
  "takes-generated",
  "refuses-near-misses",
  "survives-hostile",
  "well-named",
  "refuses-alike",
  "refuses-once",
  "stays-described",
]);

/** Whether a behaviour can be seen without an input that the agent takes. */
export function canDoWithoutInput({ id }: Behaviour): boolean {
  return withoutInput.has(id);
}

/** Looks at one behaviour. */
export async function check({ number }: Behaviour, lab: Lab): Promise<Verdict> {
  // The list of behaviours is made of this one.
  const [, , look] = checks[number - 1] as (typeof checks)[number];
  return await look(lab);
}
