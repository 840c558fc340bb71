import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import {
  checkCount,
  checkKeys,
  checkMs,
  type Clock,
  configError,
  sleep,
  systemClock,
} from "@atomic-agents/core";
import { answerTo } from "./answer.ts";
import { type FaultKind, faultPicker, type Faults, isRefusal } from "./faults.ts";
import { label } from "./label.ts";
import { type Refusal, refusalOf } from "./refusal-of.ts";
import { shareOf } from "./seeded-random.ts";
import type { SimulatedReply, SimulatedRequest } from "./simulated-request.ts";
import { chatCompletions } from "./wire/chat-completions.ts";
import { messages } from "./wire/messages.ts";
import type { Protocol, WireReply } from "./wire/protocol.ts";
import { type JsonObject, objectOf } from "./wire/read-json.ts";
import { responses } from "./wire/responses.ts";

/** How a simulated server answers. */
export interface SimulatedServerOptions {
  /** 0 for one that is free. */
  readonly port?: number | undefined;
  /** Other seeds, other answers and faults; `0`. */
  readonly seed?: number | string | undefined;
  /** Gives an answer, or the text of one; undefined for one that follows from the request. */
  readonly respond?: ((request: SimulatedRequest) => string | SimulatedReply | undefined) | undefined;
  /** What goes wrong, and how often; nothing. */
  readonly faults?: Faults | undefined;
  /** Before each answer, in milliseconds; 0. */
  readonly latencyMs?: number | undefined;
  /** What a refusal for too many requests asks to wait; 1,000. */
  readonly retryAfterMs?: number | undefined;
  /** Before each part of an answer that is slow; 250. */
  readonly slowMs?: number | undefined;
  /** Where it is given, requests without it are refused. */
  readonly apiKey?: string | undefined;
  /** Requests that are remembered, the last ones; 1,000. */
  readonly maxRequests?: number | undefined;
  /** Connections at a time; 1,024. */
  readonly maxSockets?: number | undefined;
  /** Of a request; 10 MB. */
  readonly maxBodyBytes?: number | undefined;
  /** Waits go by it; the system's. */
  readonly clock?: Clock | undefined;
}

/** A request that a simulated server was sent. */
export interface RecordedRequest extends SimulatedRequest {
  /** From 1. */
  readonly number: number;
  readonly protocol: Protocol["name"];
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: JsonObject;
  /** When it came, on the server's clock. */
  readonly atMs: number;
  readonly fault: FaultKind | undefined;
  /** How it went: undefined as long as it goes on. */
  readonly outcome: "answered" | "refused" | "hung-up-by-client" | "hung-up-by-server" | undefined;
}

/** How many requests there were, and what became of them. */
export interface SimulatedServerCounts {
  readonly requests: number;
  readonly answered: number;
  readonly refused: number;
  readonly hungUpByClient: number;
  readonly hungUpByServer: number;
  /** Of the answers that were sent to their end, as told with them. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
}

/** A running server. */
export interface SimulatedServer {
  /** Without a path: `http://127.0.0.1:40961`. */
  readonly url: string;
  /** For `endpoints` and the OpenAI packages: `url` with `/v1`. */
  readonly baseUrl: string;
  readonly requests: readonly RecordedRequest[];
  readonly counts: SimulatedServerCounts;
  /** Connections that are open now, also those that wait for a further request. */
  readonly openSockets: number;
  /** Requests that are being answered now. */
  readonly openRequests: number;
  readonly close: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

const host = "127.0.0.1";

/** What a server says in a header of everything that it answers. */
const headerName = "x-simulated";

/**
 * Starts a server of models that there are not, on this computer alone. It speaks OpenAI's responses and chat
 * completions (Groq, Ollama, vLLM) and Anthropic's messages, whole and streamed, answers by the schema of a request, and gets
 * things wrong as often as it is told to. All that it answers says that it is simulated.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * const server = await startSimulatedServer({ seed: 1 });
 * const own = createModels({ endpoints: { vllm: { baseUrl: server.baseUrl } } });
 * const [model] = await own.resolve("vllm/any");
 * const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "Hello" }] }];
 * const answer = await model?.model.doGenerate({ prompt });
 * console.log(answer?.content); // => [ { type: 'text', text: 'Simulated answer to: Hello' } ]
 * console.log(answer?.response?.modelId, server.counts.requests); // => simulated-any 1
 * await server.close();
 * ```
 */
export async function startSimulatedServer(options: SimulatedServerOptions = {}): Promise<SimulatedServer> {
  const simulation = new Simulation(options);
  await simulation.listen();
  return simulation;
}

class Simulation implements SimulatedServer {
  readonly requests: RecordedRequest[] = [];
  readonly #options: SimulatedServerOptions;
  readonly #seed: number | string;
  readonly #clock: Clock;
  readonly #pick: ReturnType<typeof faultPicker>;
  readonly #server = createServer((request, response) => {
    void this.#take(request, response);
  });
  readonly #sockets = new Set<Socket>();
  readonly #open = new Set<AbortController>();
  readonly #ended = { answered: 0, refused: 0, "hung-up-by-client": 0, "hung-up-by-server": 0 };
  readonly #told = { inputTokens: 0, outputTokens: 0 };
  readonly #faults: Partial<Record<FaultKind, number>> = {};
  #number = 0;

  constructor(options: SimulatedServerOptions) {
    const what = "startSimulatedServer";
    const times = ["latencyMs", "retryAfterMs", "slowMs"] as const;
    const counts = ["maxRequests", "maxSockets", "maxBodyBytes"] as const;
    const others = ["port", "seed", "respond", "faults", "apiKey", "clock"];
    checkKeys(what, options, [...others, ...times, ...counts]);
    for (const path of times) checkMs(what, path, options[path], 0);
    for (const path of counts) checkCount(what, path, options[path]);
    const { port = 0, seed = 0, clock = systemClock } = options;
    if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
      throw configError(what, "port", "a whole number from 0 to 65535", port);
    }
    this.#options = options;
    this.#seed = seed;
    this.#clock = clock;
    this.#pick = faultPicker(what, options.faults, seed);
    this.#server.maxConnections = options.maxSockets ?? 1_024;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  async listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject);
    this.#server.listen(this.#options.port ?? 0, host, resolve);
    await promise;
  }

  get url(): string {
    // It listens at a port, not at a pipe.
    const { port } = this.#server.address() as AddressInfo;
    return `http://${host}:${port}`;
  }

  get baseUrl(): string {
    return `${this.url}/v1`;
  }

  get counts(): SimulatedServerCounts {
    const { answered, refused } = this.#ended;
    return {
      requests: this.#number,
      answered,
      refused,
      hungUpByClient: this.#ended["hung-up-by-client"],
      hungUpByServer: this.#ended["hung-up-by-server"],
      ...this.#told,
      faults: { ...this.#faults },
    };
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  get openRequests(): number {
    return this.#open.size;
  }

  async close(): Promise<void> {
    for (const one of this.#open) one.abort();
    if (!this.#server.listening) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
    // The server is told that a connection is gone before the connection says so.
    await Promise.all(
      [...this.#sockets].map((socket) => new Promise<void>((gone) => socket.once("close", () => gone()))),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const controller = new AbortController();
    this.#open.add(controller);
    response.once("close", () => {
      controller.abort();
      this.#open.delete(controller);
    });
    response.setHeader(headerName, "true");
    try {
      const { pathname } = new URL(incoming.url ?? "/", this.url);
      const protocol = protocols.find(({ ending }) => pathname.endsWith(ending))?.protocol;
      if (incoming.method === "GET" && pathname.endsWith("/models")) {
        send(response, 200, {
          object: "list",
          data: [{ id: "simulated", object: "model", owned_by: "simulated" }],
        });
        return;
      }
      if (protocol === undefined || incoming.method !== "POST") {
        const places = protocols.map(({ ending }) => `POST /v1${ending}`).join(", ");
        fail(
          response,
          protocol ?? chatCompletions,
          404,
          `${label} server: there are ${places} and GET /v1/models`,
        );
        return;
      }
      const { apiKey, maxBodyBytes = 10_000_000 } = this.#options;
      const { authorization, "x-api-key": given } = incoming.headers;
      if (apiKey !== undefined && authorization !== `Bearer ${apiKey}` && given !== apiKey) {
        fail(response, protocol, 401, `${label} server: the key is not right`);
        return;
      }
      const text = await readBody(incoming, maxBodyBytes);
      if (text === undefined) {
        response.setHeader("connection", "close");
        fail(response, protocol, 413, `${label} server: a request has at most ${maxBodyBytes} bytes`);
        return;
      }
      const body = parseObject(text);
      if (body === undefined) {
        fail(response, protocol, 400, `${label} server: the request is no JSON object`);
        return;
      }
      await this.#answer(protocol, pathname, incoming, body, response, controller.signal);
    } catch (thrown) {
      if (controller.signal.aborted) return;
      const words = thrown instanceof Error ? thrown.message : String(thrown);
      if (response.headersSent) response.destroy();
      else fail(response, chatCompletions, 400, `${label} server: ${words}`);
    }
  }

  async #answer(
    protocol: Protocol,
    path: string,
    incoming: IncomingMessage,
    body: JsonObject,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const { respond, latencyMs = 0, retryAfterMs = 1_000, slowMs = 250 } = this.#options;
    const request = protocol.read(body);
    const number = ++this.#number;
    const fault = this.#pick(request, number);
    if (fault !== undefined) this.#faults[fault] = (this.#faults[fault] ?? 0) + 1;
    const end = this.#record({
      ...request,
      number,
      protocol: protocol.name,
      path,
      headers: incoming.headers,
      body,
      atMs: this.#clock.now(),
      fault,
      outcome: undefined,
    });
    let isOver = false;
    const over = (outcome: Exclude<RecordedRequest["outcome"], undefined>): void => {
      if (!isOver) end(outcome);
      isOver = true;
    };
    response.once("close", () => over(response.writableFinished ? "answered" : "hung-up-by-client"));
    const pause = (delayMs: number) =>
      delayMs > 0 ? sleep(delayMs, { clock: this.#clock, signal }) : Promise.resolve();

    await pause(latencyMs);
    if (fault === "hang") return;
    if (fault !== undefined && isRefusal(fault)) {
      const refusal = refusalOf(fault, retryAfterMs);
      for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value);
      send(response, refusal.status, protocol.failure(refusal));
      over("refused");
      return;
    }
    const answer = answerTo(request, this.#seed, respond?.(request), fault);
    const reply: WireReply = {
      ...answer,
      id: `simulated-${number}`,
      model: `simulated-${request.model}`,
      createdAtSeconds: Math.floor(this.#clock.timestamp() / 1_000),
      body,
    };
    const refusal = refusalOf("serverError", retryAfterMs);
    const { chunks, unended } = bytesOf(protocol, reply, fault === "errorEvent" ? refusal : undefined);
    response.statusCode = 200;
    response.setHeader("content-type", request.isStreamed ? "text/event-stream" : "application/json");
    response.flushHeaders();
    if (fault === "cut" || fault === "stall") {
      const sent = Math.floor(shareOf(`${this.#seed} place ${number}`) * unended);
      response.write(Buffer.concat(chunks).subarray(0, Math.max(1, sent)));
      if (fault === "stall") return;
      over("hung-up-by-server");
      // Some servers end the connection as if all were said, some just drop it.
      if (shareOf(`${this.#seed} way ${number}`) < 0.5) response.end();
      else response.socket?.destroySoon();
      return;
    }
    for (const chunk of chunks) {
      if (fault === "slow") await pause(slowMs);
      if (signal.aborted) return;
      response.write(chunk);
    }
    response.end();
    if (fault === "errorEvent") return;
    this.#told.inputTokens += answer.inputTokens;
    this.#told.outputTokens += answer.outputTokens;
  }

  /** Remembers a request, and gives back how its outcome is told. */
  #record(request: RecordedRequest): (outcome: Exclude<RecordedRequest["outcome"], undefined>) => void {
    const { maxRequests = 1_000 } = this.#options;
    const recorded: { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] } = request;
    this.requests.push(recorded);
    if (this.requests.length > maxRequests) this.requests.shift();
    return (outcome) => {
      recorded.outcome = outcome;
      this.#ended[outcome]++;
    };
  }
}

const protocols: readonly { readonly ending: string; readonly protocol: Protocol }[] = [
  { ending: "/chat/completions", protocol: chatCompletions },
  { ending: "/responses", protocol: responses },
  { ending: "/messages", protocol: messages },
];

/** The bytes of an answer, and how many of them leave it without an end that could be read. */
function bytesOf(
  protocol: Protocol,
  reply: WireReply,
  error: Pick<Refusal, "words" | "code" | "type"> | undefined,
): { readonly chunks: readonly Buffer[]; readonly unended: number } {
  const { isStreamed } = protocol.read(reply.body);
  if (!isStreamed) {
    const whole = JSON.stringify(error === undefined ? protocol.whole(reply) : protocol.failure(error));
    return { chunks: [Buffer.from(whole)], unended: Buffer.byteLength(whole) - 1 };
  }
  const events = [...protocol.events(reply)];
  const half = events.slice(0, Math.ceil(events.length / 2));
  const sent = error === undefined ? events : [...half, protocol.errorEvent(error)];
  const chunks = sent.map(({ name, data }) =>
    Buffer.from(`${name === undefined ? "" : `event: ${name}\n`}data: ${data}\n\n`),
  );
  const toEnd = chunks.slice(0, events.findIndex(({ isEnd }) => isEnd === true) + 1);
  // The line's end and the brace before it belong to the event that tells the end.
  return { chunks, unended: toEnd.reduce((sum, { length }) => sum + length, 0) - 3 };
}

/** The body of a request as text; undefined when it is too long. */
async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // A request without an encoding gives its bytes.
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? objectOf(value) : undefined;
  } catch {
    return undefined;
  }
}

function fail(response: ServerResponse, protocol: Protocol, status: number, words: string): void {
  const type = status === 401 ? "authentication_error" : "invalid_request_error";
  send(response, status, protocol.failure({ words, code: type, type }));
}

function send(response: ServerResponse, status: number, body: object): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(body));
}
