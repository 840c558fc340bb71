import type { IncomingMessage } from "node:http";
import { pause } from "../life-cycle/wait.ts";
import type { Answer } from "./answer.ts";
import type { Call } from "./call.ts";
import { isFollowed, noteClosing } from "./closing-sockets.ts";

/** How long a caller may take to read an answer that came before it had sent its body. */
const lingerMs = 1_000;

/** Writes a whole answer; does nothing when the caller has gone. */
export function sendAnswer(call: Call, answer: Answer): void {
  const { outgoing, incoming, isBodyRead } = call;
  call.status = answer.status;
  if (outgoing.destroyed || outgoing.headersSent) return;
  const { body } = answer;
  const isCutShort = !isBodyRead && hasUnreadBody(incoming);
  const headers = commonHeaders(call, isCutShort);
  headers.push("content-type", answer.contentType);
  headers.push("content-length", String(Buffer.byteLength(body)));
  if (answer.headers !== undefined) headers.push(...answer.headers);
  // The one status of ours that Node.js has no words for.
  if (answer.status === 499) outgoing.statusMessage = "Client Closed Request";
  outgoing.writeHead(answer.status, headers);
  if (isCutShort) hangUp(call, body);
  else outgoing.end(body);
}

/** For an answer that is read while it comes: has proxies neither keep it nor gather it, as nginx does unless told. */
export const noGathering: readonly string[] = ["cache-control", "no-store", "x-accel-buffering", "no"];

/** Begins an answer that is written bit by bit to `call.outgoing`. */
export function beginAnswer(
  call: Call,
  status: number,
  contentType: string,
  headers: readonly string[] = [],
): void {
  call.status = status;
  call.outgoing.writeHead(status, [...commonHeaders(call, false), "content-type", contentType, ...headers]);
}

/** Names and values in turn of what every answer has. */
function commonHeaders(call: Call, isLast: boolean): string[] {
  const headers = ["x-request-id", call.requestId, "x-content-type-options", "nosniff"];
  const { incoming, outgoing, service } = call;
  if (isLast || call.isLast || (service.lifeCycle.isStopping && !isFollowed(incoming, outgoing))) {
    headers.push("connection", "close");
    noteClosing(incoming.socket);
  }
  return headers;
}

function hasUnreadBody({ headers, complete }: IncomingMessage): boolean {
  if (complete) return false;
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

/**
 * Sends the answer to a request whose body is not wanted, and reads no more of it. To end the answer in the ordinary way
 * would have Node.js read the rest; to close at once would have the system take back the answer that is on its way.
 */
function hangUp({ outgoing, incoming, service }: Call, body: string | Uint8Array): void {
  const { socket } = incoming;
  incoming.pause();
  socket.pause();
  outgoing.write(body, () => {
    socket.end();
    void pause(service.clock, lingerMs).then(() => socket.destroy());
  });
}
