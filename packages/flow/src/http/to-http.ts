import { checkCount, checkKeys, configError } from "../config-error.ts";
import { jsonText } from "../formats/record-writer.ts";
import { defineSink, type Sink, type SinkContext } from "../sink.ts";
import { exchange } from "./exchange.ts";
import { statusFailure } from "./http-failure.ts";
import { type HttpOptions, httpOptionKeys, httpSettings, type HttpSettings } from "./http-options.ts";
import { drain, shownBody } from "./read-body.ts";
import { withRetries } from "./with-retries.ts";

/** How records are sent to a server. */
export interface ToHttpOptions extends HttpOptions {
  /** How many records a request has at most; 100. */
  readonly batchSize?: number | undefined;
  /** `jsonl` sends a JSON value a line, `json` an array; `jsonl`. */
  readonly format?: "jsonl" | "json" | undefined;
  /**
   * What becomes of the records of a request that the server refuses for what is in it, with 400, 413 or 422: `stop` ends
   * the flow as failed, `dead-letter` keeps them apart; `stop`. Any other failure ends the flow.
   */
  readonly onError?: "stop" | "dead-letter" | undefined;
}

const what = "toHttp";
/** Answers by which a server refuses what it was sent, whoever sends it and however often. */
const refusals: readonly number[] = [400, 413, 422];
/** A write of a flow may take 120 s: what is tried for longer would be told as that, and not as what it is. */
const maxTotalMs = 110_000;

/**
 * Sends records to a server by POST requests. They count as delivered when the server has answered with a status of 2xx.
 * A request that fails in a way that may pass is made again, no sooner than `Retry-After` says, with the same
 * `Idempotency-Key`, so that the server can tell it from another; when it fails for good, the flow does. What was sent
 * before cannot be taken back.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * import { createServer } from "node:http";
 *
 * const server = createServer(async (request, response) => {
 *   for await (const part of request) console.log(String(part));
 *   response.writeHead(204).end();
 * });
 * await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
 * const { port } = server.address() as { port: number };
 * const sink = toHttp(`http://127.0.0.1:${port}/tickets`, { batchSize: 2, format: "json" });
 * await flow(fromIterable([1, 2, 3])).to(sink);
 * // => [1,2]
 * // => [3]
 * server.close();
 * ```
 */
export function toHttp(url: string | URL, options: ToHttpOptions = {}): Sink<unknown> {
  checkKeys(what, options, [...httpOptionKeys, "batchSize", "format", "onError"]);
  const { batchSize = 100, format = "jsonl", onError = "stop" } = options;
  checkCount(what, "batchSize", batchSize);
  if (format !== "jsonl" && format !== "json") throw configError(what, "format", "jsonl or json", format);
  if (onError !== "stop" && onError !== "dead-letter") {
    throw configError(what, "onError", "stop or dead-letter", onError);
  }
  const settings = httpSettings(what, url, options);
  const bodyOf =
    format === "json"
      ? (texts: readonly string[]): string => `[${texts.join(",")}]`
      : (texts: readonly string[]): string => `${texts.join("\n")}\n`;
  const contentType = format === "json" ? "application/json" : "application/x-ndjson";
  return defineSink<unknown, string>({
    name: settings.name,
    encode: jsonText,
    maxRecords: batchSize,
    open: (context) => {
      let batch = 0;
      return {
        mayRefuse: onError === "dead-letter",
        write: (texts) => {
          batch++;
          const headers = { "content-type": contentType, "idempotency-key": `${context.runId}-${batch}` };
          const body = Buffer.from(bodyOf(texts), "utf8");
          return send({ ...settings, onError }, headers, body, context);
        },
      };
    },
  });
}

async function send(
  {
    url,
    name: address,
    headers,
    timeoutMs,
    retry,
    onError,
  }: HttpSettings & { readonly onError: "stop" | "dead-letter" },
  ownHeaders: Readonly<Record<string, string>>,
  body: Buffer,
  { clock, signal, random, log }: SinkContext,
): Promise<void> {
  const name = `POST ${address}`;
  const deadlineMs = clock.now() + maxTotalMs;
  await withRetries(name, retry, { clock, signal, random, log, deadlineMs }, async () => {
    const sent = {
      "user-agent": "atomic-agents",
      ...headers(),
      ...ownHeaders,
      "content-length": String(body.length),
    };
    const leftMs = Math.max(1, Math.min(timeoutMs, deadlineMs - clock.now()));
    const request = { method: "POST", url, name, headers: sent, body, timeoutMs: leftMs } as const;
    const response = await exchange(request, { clock, signal });
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300) {
      drain(response, clock, timeoutMs);
      return;
    }
    const said = await shownBody(response, name, timeoutMs, { clock, signal });
    const failure = statusFailure(name, response, said, clock);
    throw refusals.includes(statusCode) ? failure.error.with({ disposition: onError }) : failure;
  });
}
