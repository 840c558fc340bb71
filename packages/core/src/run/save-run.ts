import { logError } from "../log-error.ts";
import { isThenable } from "../maybe-promise.ts";
import type { RunRecord, RunStore } from "../runs/run-store.ts";
import { withinMs } from "../time/deadline.ts";
import type { Frame } from "./frame.ts";
import { reportOf } from "./report-of.ts";

/** The longest that a run waits for its record to be saved. */
const saveTimeoutMs = 5_000;

/** Hands a run's record to a store. A store that fails is told of in the log; the run's outcome stays what it is. */
export function saveRun(frame: Frame, store: RunStore): Promise<void> | undefined {
  const fail = (thrown: unknown): void => {
    const { runId } = frame;
    logError(frame.log, "A run could not be saved", { runId, agent: frame.program.agent, error: thrown });
  };
  try {
    const saving: unknown = store.save(recordOf(frame));
    if (!isThenable(saving)) return undefined;
    const late = (): Error => new Error(`the store took longer than ${saveTimeoutMs} ms`);
    return withinMs(saving, frame.env.clock, saveTimeoutMs, late).then(() => {}, fail);
  } catch (thrown) {
    fail(thrown);
    return undefined;
  }
}

function recordOf(frame: Frame): RunRecord {
  const { journal, env } = frame;
  const { userId, sessionId } = env.options;
  const { metadata } = frame;
  return {
    report: reportOf(frame),
    events: journal?.snapshot().slice() ?? [],
    droppedEvents: journal?.dropped ?? 0,
    ...(userId === undefined ? {} : { userId }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  };
}
