import { isDeepStrictEqual } from "node:util";
import {
  type AtomicError,
  MemoryRunStore,
  type MetricsCollector,
  type RunMetric,
  type StageMetric,
  type Tracer,
} from "@atomic-agents/core";
import { preview } from "../usage-error.ts";
import type { Lab } from "./lab.ts";
import { ensure, passed, type Verdict } from "./verdict.ts";

/** A few of both, so that success and failure are looked at. */
function someInputs(lab: Lab): readonly unknown[] {
  return [...lab.valid.slice(0, 3), ...lab.invalid.slice(0, 1)];
}

/** 47. */
export async function metricsAreTold(lab: Lab): Promise<Verdict> {
  const inputs = someInputs(lab);
  for (const input of inputs) {
    const runs: RunMetric[] = [];
    const stages: StageMetric[] = [];
    const ignore = () => {};
    const metrics: MetricsCollector = {
      run: (metric) => void runs.push(metric),
      stage: (metric) => void stages.push(metric),
      request: ignore,
      registration: ignore,
      healthCheck: ignore,
    };
    const run = lab.start(input, { metrics });
    const result = await lab.wait("the result", run.result);
    const [told, again] = runs;
    ensure(told !== undefined && again === undefined, () => `${runs.length} metrics tell of one run`);
    const { agent, status, durationMs } = run.report();
    ensure(told.agent === agent, () => `the metric of the run names ${preview(told.agent)}, not ${agent}`);
    ensure(told.status === status, () => `the run is ${status}, by its metric ${told.status}`);
    const code = result.ok ? undefined : result.error.code;
    ensure(
      told.code === code,
      () => `the run's code is ${preview(code)}, by its metric ${preview(told.code)}`,
    );
    ensure(told.durationMs >= 0 && told.durationMs <= durationMs + 1, () => {
      return `the run took ${durationMs} ms, by its metric ${preview(told.durationMs)}`;
    });
    const wrong = stages.find((stage) => !(stage.durationMs >= 0) || !Number.isInteger(stage.attempts));
    ensure(wrong === undefined, () => `the metric of a stage is ${preview(wrong)}`);
  }
  return passed(`${inputs.length} runs`);
}

interface ToldSpan {
  readonly name: string;
  readonly startMs: number;
  ends: number;
  endMs: number;
  error: AtomicError | undefined;
}

/** 48. */
export async function spansEnd(lab: Lab): Promise<Verdict> {
  const inputs = someInputs(lab);
  let count = 0;
  for (const input of inputs) {
    const spans: ToldSpan[] = [];
    const tracer: Tracer = {
      startSpan: ({ name, startMs }) => {
        const told: ToldSpan = { name, startMs, ends: 0, endMs: 0, error: undefined };
        spans.push(told);
        return {
          end: (endMs, error) => {
            told.ends++;
            told.endMs = endMs;
            told.error = error;
          },
        };
      },
      within: (_span, work) => work(),
    };
    const result = await lab.wait("the result", lab.start(input, { tracer }).result);
    const [outermost] = spans;
    ensure(outermost !== undefined, () => "a run with a tracer made no span");
    for (const { name, startMs, ends, endMs } of spans) {
      ensure(ends === 1, () => `the span "${name}" was ended ${ends} times`);
      ensure(endMs >= startMs, () => `the span "${name}" ended ${startMs - endMs} ms before it began`);
    }
    ensure((outermost.error === undefined) === result.ok, () => {
      return `the run's span has ${outermost.error === undefined ? "no error" : "an error"}, its result ok ${result.ok}`;
    });
    count += spans.length;
  }
  return passed(`${count} spans of ${inputs.length} runs`);
}

/** 49. */
export async function keptInAStore(lab: Lab): Promise<Verdict> {
  const inputs = someInputs(lab);
  const store = new MemoryRunStore({ clock: lab.clock });
  for (const input of inputs) {
    const run = lab.start(input, { store, userId: "conformance-user" });
    await lab.wait("the result", run.result);
    const record = store.get(run.id);
    ensure(record !== undefined, () => "the store that was given to a run has no record of it");
    ensure(isDeepStrictEqual(record.report, run.report()), () => "the kept report is not that of the run");
    ensure(record.userId === "conformance-user", () => `the record's userId is ${preview(record.userId)}`);
    ensure(
      isDeepStrictEqual(record.events, run.events.snapshot()),
      () => "the kept events are not the run's",
    );
  }
  ensure(store.list().length === inputs.length, () => {
    return `${inputs.length} runs left ${store.list().length} records`;
  });
  return passed(`${inputs.length} records`);
}
