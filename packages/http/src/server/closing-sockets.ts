import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

const latest = Symbol("the last answer that was begun");
const closing = Symbol("ends with an answer that is under way");

/** What is noted at a connection itself: a table of them would cost each request more than all of this. */
interface NotedSocket {
  [latest]?: ServerResponse | undefined;
  [closing]?: true;
}

/**
 * Whether a request came after one with which its connection ends. It will get no answer, and so must not be executed
 * either: it may be the body of a request that was refused for how it says its length. To be asked once for each request.
 */
export function comesTooLate({ socket }: IncomingMessage, outgoing: ServerResponse): boolean {
  const noted = socket as NotedSocket;
  if (noted[closing] === true) return true;
  noted[latest] = outgoing;
  return false;
}

/** Notes that a connection ends with an answer that is written now. */
export function noteClosing(socket: Duplex): void {
  (socket as NotedSocket)[closing] = true;
}

export function isClosing(socket: Duplex): boolean {
  return (socket as NotedSocket)[closing] === true;
}

/** Whether more requests were accepted on the same connection, whose answers come after this one. */
export function isFollowed({ socket }: IncomingMessage, outgoing: ServerResponse): boolean {
  return (socket as NotedSocket)[latest] !== outgoing;
}

/** Whether any request has come over a connection. */
export function isUsed(socket: Duplex): boolean {
  return (socket as NotedSocket)[latest] !== undefined;
}
