import type { IncomingMessage } from "node:http";
import type { Clock } from "@atomic-agents/core";
import { timeoutError } from "./http-failure.ts";

/** A request. */
export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: URL;
  /** What is asked for, for messages. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
  readonly timeoutMs: number;
}

/** What a request is made with. */
export interface Surroundings {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * The answer to a request, before its body; redirects are answers as well.
 *
 * @throws AtomicError `TIMEOUT`, or what the connection failed with
 */
export function exchange(request: HttpRequest, { clock, signal }: Surroundings): Promise<IncomingMessage> {
  const { method, url, name, headers, body, timeoutMs } = request;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    // An import of them takes 50 ms and 17 MB: it asks for all of their names, and so loads what `fetch` is made of.
    const { request: send } =
      url.protocol === "https:"
        ? process.getBuiltinModule("node:https")
        : process.getBuiltinModule("node:http");
    const sent = send(url, { method, headers });
    const timer = clock.setTimer(() => sent.destroy(timeoutError(name, timeoutMs)), timeoutMs);
    const onAbort = (): void => {
      // What a signal aborts with is the run's error.
      sent.destroy(signal.reason as Error);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const settle = (): void => {
      timer.cancel();
      signal.removeEventListener("abort", onAbort);
    };
    sent.on("response", (response) => {
      settle();
      resolve(response);
    });
    // Also after the answer: a connection may break later, which its body tells.
    sent.on("error", (error) => {
      settle();
      reject(error);
    });
    sent.end(body);
  });
}
