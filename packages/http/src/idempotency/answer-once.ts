import { asCutOff } from "../life-cycle/cut-off.ts";
import { asError } from "../problem/as-error.ts";
import { problemAnswer } from "../problem/problem.ts";
import { noteFailure } from "../runs/note-failure.ts";
import type { Answer } from "../server/answer.ts";
import type { Call } from "../server/call.ts";
import { failureHeaders } from "../server/run-options.ts";
import { header } from "../wire.ts";
import type { Outcome } from "./idempotency.ts";

/**
 * Has a request with an idempotency key executed once, and answers every repetition of it with the first answer. Failures
 * that trying again may mend, and cancelled runs, are not kept.
 *
 * @param execute gets what aborts when all who wait for the answer have gone
 * @throws AtomicError `IDEMPOTENCY_CONFLICT`, `OVERLOADED` or `BAD_REQUEST` of the key
 */
export function answerOnce(
  call: Call,
  bytes: Uint8Array,
  execute: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const request = {
    key: call.header(header.idempotencyKey) ?? "",
    agent: call.agent?.name ?? "",
    caller: call.principal?.name,
    body: bytes,
    signal: call.signal,
  };
  return call.service.idempotency.answer(request, async (signal): Promise<Outcome> => {
    try {
      return { answer: await execute(signal), isFinal: true };
    } catch (thrown) {
      const error = asCutOff(call, asError(thrown));
      noteFailure(call, error);
      const { requestId, runId, service } = call;
      const place = { requestId, runId, exposeErrors: service.options.exposeErrors };
      // What no run was begun for may be asked for again when it has been put right, such as a header.
      const isFinal = runId !== undefined && !error.retryable && error.code !== "CANCELLED";
      return { answer: problemAnswer(error, place, failureHeaders(call)), isFinal };
    }
  });
}
