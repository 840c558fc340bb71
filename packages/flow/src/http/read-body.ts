import type { IncomingMessage } from "node:http";
import type { Clock } from "@atomic-agents/core";
import { readableStream } from "../streams/readable-stream.ts";
import { timedBytes } from "../streams/timed-bytes.ts";
import type { Surroundings } from "./exchange.ts";
import { timeoutError } from "./http-failure.ts";

const maxShownBytes = 1_000;
const maxShownLength = 200;

/** The beginning of what an answer says, in one line; the rest is not read. Empty when it cannot be read. */
export async function shownBody(
  response: IncomingMessage,
  name: string,
  timeoutMs: number,
  { clock, signal }: Surroundings,
): Promise<string> {
  const bytes = timedBytes(readableStream(response, signal), clock, timeoutMs, () =>
    timeoutError(name, timeoutMs),
  );
  let text = "";
  try {
    for (let length = 0; length < maxShownBytes; ) {
      const part = await bytes.read();
      if (part === undefined) break;
      text += part.toString("utf8");
      length += part.length;
    }
  } catch {
    // What the status says is enough.
  } finally {
    await bytes.close();
  }
  return text
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, maxShownLength);
}

/** Lets the rest of an answer pass, so that its connection can serve the next request; gives up on one that does not end. */
export function drain(response: IncomingMessage, clock: Clock, timeoutMs: number): void {
  const timer = clock.setTimer(() => response.destroy(), timeoutMs);
  response.on("close", () => timer.cancel());
  // The answer that counts has been given.
  response.on("error", () => {});
  response.resume();
}
