import type { Answer } from "./answer.ts";
import type { Call } from "./call.ts";

/** Names and values in turn of what every answer has. */
export function commonHeaders(call: Call): string[] {
  const headers = ["x-request-id", call.requestId, "x-content-type-options", "nosniff"];
  if (call.service.lifeCycle.state !== "ready") headers.push("connection", "close");
  return headers;
}

/** Writes a whole answer; does nothing when the caller has gone. */
export function sendAnswer(call: Call, answer: Answer): void {
  const { outgoing } = call;
  call.status = answer.status;
  if (outgoing.destroyed || outgoing.headersSent) return;
  const { body } = answer;
  const headers = commonHeaders(call);
  headers.push("content-type", answer.contentType);
  headers.push("content-length", String(Buffer.byteLength(body)));
  if (answer.headers !== undefined) headers.push(...answer.headers);
  outgoing.writeHead(answer.status, headers);
  outgoing.end(body);
}

/** Begins an answer that is written bit by bit to `call.outgoing`. */
export function beginAnswer(
  call: Call,
  status: number,
  contentType: string,
  headers: readonly string[] = [],
): void {
  call.status = status;
  call.outgoing.writeHead(status, [...commonHeaders(call), "content-type", contentType, ...headers]);
}
