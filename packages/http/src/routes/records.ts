import { AtomicError, startWork } from "@atomic-agents/core";
import { contentTypeProblem } from "../body/check-content-type.ts";
import { asCutOff } from "../life-cycle/cut-off.ts";
import { badRequest } from "../problem/bad-request.ts";
import { RecordsWork } from "../records/records-work.ts";
import { withoutOwnStage } from "../records/without-own-stage.ts";
import { noteFailure } from "../runs/note-failure.ts";
import type { Call } from "../server/call.ts";
import type { Route } from "../server/route.ts";
import { runOptionsOf } from "../server/run-options.ts";
import { beginAnswer, noGathering } from "../server/send-answer.ts";
import type { ServedAgent } from "../server/service.ts";
import { OutgoingText } from "../stream/outgoing-text.ts";
import { header } from "../wire.ts";

/** Runs an agent over records, one a line, and answers with a line for each, in order, while more come in. */
export const recordsRoute: Route = {
  name: "records",
  method: "POST",
  path: "/records",
  of: "agent",
  scope: "execute",
  // Each of its records takes a place of its own, when it has come: who sends slowly, or takes no answers, has none.
  isWork: false,
  handle: records,
};

/** How long a caller may go on sending what nobody reads after its answer has ended. */
const lingerMs = 1_000;
const longestMs = 2_147_483_647;

async function records(call: Call): Promise<undefined> {
  // Routes of an agent are only reached with one.
  const { agent } = call.agent as ServedAgent;
  const { clock, options, runs, recordRequests } = call.service;
  checkContentType(call);
  const concurrency = concurrencyOf(call, options.recordConcurrency);
  const runOptions = {
    ...runOptionsOf(call, undefined),
    // What a run may take holds for each record; the whole takes what it takes, unless the caller says how long it waits.
    timeoutMs: wholeTimeoutOf(call),
    signal: call.signal,
    metrics: withoutOwnStage(call.service.telemetry.collector, agent.name),
  };
  const refusal = recordRequests.refusal();
  if (refusal !== undefined) throw refusal;
  // The run may be known for long, and holds what its work can reach: no more than this, which is let go at the end.
  const held: { work: RecordsWork | undefined } = { work: undefined };
  // A run begins a microtask after it was started, when its work is there.
  const run = startWork(agent.name, (ctx) => (held.work as RecordsWork).go(ctx), runOptions);
  call.runId = run.id;
  const kept = runs.add(call, run);
  beginAnswer(call, 200, "application/x-ndjson", [header.run, run.id, ...noGathering]);
  call.outgoing.flushHeaders();
  const text = new OutgoingText(call.outgoing, { clock, stallTimeoutMs: options.stallTimeoutMs });
  const place = { requestId: call.requestId, runId: run.id, exposeErrors: options.exposeErrors };
  const work = new RecordsWork(call, agent, { text, place, concurrency });
  held.work = work;
  recordRequests.add(work);
  try {
    const result = await run.result;
    work.close();
    runs.settle(kept, 0, result);
    if (!result.ok) {
      const { endedBy } = work;
      const error = endedBy ?? asCutOff(call, result.error);
      noteFailure(call, error);
      // A body that broke off gets an answer that breaks off: nothing else says that not all was worked on.
      if (endedBy === undefined && AtomicError.isInstance(result.error, "BAD_REQUEST")) throw result.error;
      work.stop(error);
    }
    await work.flushed();
    await text.end();
  } finally {
    held.work = undefined;
    recordRequests.remove(work);
  }
  if (!call.incoming.complete) linger(call);
  return undefined;
}

const ndjsonTypes: readonly string[] = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

/** @throws AtomicError `BAD_REQUEST` for a body of another type */
function checkContentType(call: Call): void {
  let refusal: AtomicError | undefined;
  for (const type of ndjsonTypes) {
    const problem = contentTypeProblem(call, type);
    if (problem === undefined) return;
    refusal ??= problem;
  }
  if (refusal !== undefined) throw refusal;
}

/** @throws AtomicError `BAD_REQUEST` */
function concurrencyOf(call: Call, most: number): number {
  const given = call.query.get("concurrency");
  if (given === null) return most;
  if (!/^[1-9]\d{0,9}$/.test(given)) {
    throw badRequest(400, "concurrency", "concurrency must be a whole number from 1");
  }
  return Math.min(Number(given), most);
}

/** How long the caller waits for all of it. */
function wholeTimeoutOf(call: Call): number | undefined {
  const given = call.header(header.timeout);
  return given === undefined ? undefined : Math.min(Number(given), longestMs);
}

/** Lets the caller read the end of its answer although it still sends, and not for ever. */
function linger({ incoming, service }: Call): void {
  incoming.resume();
  const timer = service.clock.setTimer(() => incoming.destroy(), lingerMs);
  incoming.once("close", () => timer.cancel());
}
