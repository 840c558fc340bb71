import type { Run } from "@atomic-agents/core";
import { callRequestOf } from "../body/read-call-request.ts";
import { asCutOff } from "../life-cycle/cut-off.ts";
import type { Spot } from "../queue.ts";
import { asError } from "../problem/as-error.ts";
import { draftJson, outputJson } from "../problem/output-json.ts";
import { type ProblemPlace, problemOf } from "../problem/problem.ts";
import { noteFailure } from "../runs/note-failure.ts";
import { runPartsToJson } from "../runs/run-json.ts";
import { textBytes } from "../runs/text-bytes.ts";
import type { Call } from "../server/call.ts";
import type { Route } from "../server/route.ts";
import { runOptionsOf } from "../server/run-options.ts";
import { roundedMs } from "../server/rounded-ms.ts";
import { beginAnswer, noGathering } from "../server/send-answer.ts";
import type { ServedAgent } from "../server/service.ts";
import { commentText, eventText } from "../stream/event-text.ts";
import { OutgoingText } from "../stream/outgoing-text.ts";
import { RunTeller } from "../stream/run-teller.ts";
import { logHeldError } from "../telemetry/log-failure.ts";
import { header, type StreamedAnswer, type StreamedProblem, streamEvent } from "../wire.ts";

/** Runs an agent and tells of the run while it goes on. */
export const streamRoute: Route = {
  name: "stream",
  method: "POST",
  path: "/stream",
  of: "agent",
  scope: "execute",
  isWork: true,
  hasBody: true,
  handle: stream,
};

const beat = { text: commentText, everyMs: 15_000 };

async function stream(call: Call, body: Buffer): Promise<undefined> {
  // Routes of an agent are only reached with one.
  const { agent } = call.agent as ServedAgent;
  const { clock, options, runs } = call.service;
  const request = callRequestOf(call, body);
  const startedAtMs = clock.now();
  const run = agent.start(request.input, { ...runOptionsOf(call, request.context), signal: call.signal });
  call.runId = run.id;
  const kept = runs.add(call, run);
  // What is written into the answer says no other id than the headers do.
  const place = { requestId: call.requestId, runId: run.id, exposeErrors: options.exposeErrors };
  beginAnswer(call, 200, "text/event-stream", [header.run, run.id, ...noGathering]);
  call.outgoing.flushHeaders();
  const text = new OutgoingText(call.outgoing, { clock, stallTimeoutMs: options.stallTimeoutMs, beat });
  const teller = new RunTeller(text);
  const { unreadAnswers } = call.service;
  let isOver = false;
  let spot: Spot<Call> | undefined;
  // The place is for the work: who reads slowly shall not keep others from it.
  void run.result.then(() => {
    call.leavePlace();
    if (!isOver) spot = unreadAnswers.add(call);
  });
  let bytes = 0;
  try {
    const [eventBytes] = await Promise.all([
      tellEvents(run, teller, place),
      tellPartials(run, teller, place),
    ]);
    const result = await run.result;
    const last = lastEvent(call, result, run, roundedMs(clock.now() - startedAtMs), place);
    bytes = eventBytes + (result.ok ? last.length : textBytes(result.error));
    // Who asks for the run when the answer has come finds it ended.
    runs.settle(kept, bytes, result);
    await text.end(last);
  } finally {
    isOver = true;
    if (spot !== undefined) unreadAnswers.remove(spot);
    runs.settle(kept, bytes);
  }
  return undefined;
}

/**
 * A reader who is slower than the run misses the oldest events that the run lets go. Gives about how large those were
 * that the run has kept.
 */
async function tellEvents(run: Run<unknown>, teller: RunTeller, place: ProblemPlace): Promise<number> {
  const { events } = run;
  let number = 0;
  let bytes = 0;
  for await (const event of events) {
    if (events.dropped > number) number = Math.max(number, events.dropped + events.snapshot().indexOf(event));
    const json = JSON.stringify(runPartsToJson(event, place));
    bytes += json.length;
    const room = teller.event(event.type, json, number++);
    if (room !== undefined) await room;
  }
  return bytes;
}

/** A slow reader gets the newest draft each time. */
async function tellPartials(run: Run<unknown>, teller: RunTeller, place: ProblemPlace): Promise<void> {
  for await (const draft of run.partials) {
    const json = jsonOf(draft, place);
    if (json === undefined) continue;
    const room = teller.draft(json);
    if (room !== undefined) await room;
  }
}

/** A draft is not validated: it may be what JSON does not know. */
function jsonOf(draft: unknown, { exposeErrors }: ProblemPlace): string | undefined {
  try {
    return draftJson(draft, exposeErrors);
  } catch {
    return undefined;
  }
}

function lastEvent(
  call: Call,
  result: Awaited<Run<unknown>["result"]>,
  run: Run<unknown>,
  durationMs: number,
  place: ProblemPlace,
): string {
  try {
    if (!result.ok) throw result.error;
    const { spent, status } = run.report();
    const answer: StreamedAnswer = {
      output: result.output ?? null,
      runId: run.id,
      durationMs,
      ...(status === "partial" && { status }),
      spent,
    };
    const json = outputJson(answer, place.exposeErrors, (error) => logHeldError(call, error));
    return eventText(streamEvent.output, json);
  } catch (thrown) {
    const error = asCutOff(call, asError(thrown));
    noteFailure(call, error);
    const { spent } = run.report();
    const problem: StreamedProblem = { ...problemOf(error, place), spent };
    return eventText(streamEvent.error, JSON.stringify(problem));
  }
}
