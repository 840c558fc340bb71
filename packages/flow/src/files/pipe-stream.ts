import { constants, openSync } from "node:fs";
import { Socket } from "node:net";
import type { ByteStream } from "../streams/byte-stream.ts";
import { readableStream } from "../streams/readable-stream.ts";

/**
 * The bytes that come by a pipe, until its writers have gone. Read as files are, a pipe that nobody writes to would hold a
 * thread, and with it the end of the process, also when its flow has been cancelled.
 */
export function pipeStream(path: string, signal: AbortSignal): ByteStream {
  // Opened without waiting for a writer: what waits is the event loop.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return readableStream(new Socket({ fd, readable: true, writable: false }), signal);
}
