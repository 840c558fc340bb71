/** Ways in which one defence of the service is broken on purpose: each has to turn the verdict. */
import { Server, ServerResponse } from "node:http";
import type { IdempotencyStore, ServeOptions } from "@atomic-agents/http";

export const mutants = [
  "takes-any-length",
  "takes-any-depth",
  "lenient-json",
  "normalises-text",
  "lenient-http",
  "waits-for-ever",
  "no-tokens",
  "any-origin",
  "no-shedding",
  "shows-errors",
  "logs-headers",
  "crashes",
  "forgets-keys",
  "holds-for-non-readers",
  "records-hold-places",
  "waits-for-lines",
  "any-number-of-records",
  "keeps-half-lines",
  "drops-on-stop",
  "no-drain-delay",
  "keeps-alive-while-draining",
] as const;
export type Mutant = (typeof mutants)[number];

/** Breaks a defence in this process; gives the options that the service is then to be started with. */
export function breakDefence(mutant: Mutant | undefined, options: ServeOptions): ServeOptions {
  switch (mutant) {
    case "takes-any-length":
      return { ...options, maxBodyBytes: 16_777_216 };
    case "takes-any-depth":
      return { ...options, maxDepth: 1_000_000_000, maxNodes: 1_000_000_000 };
    case "lenient-json":
      beLenientAboutJson();
      return options;
    case "lenient-http":
      beLenientAboutHttp();
      return options;
    case "waits-for-ever":
      return { ...options, headersTimeoutMs: 3_600_000, requestTimeoutMs: 3_600_000 };
    case "no-tokens":
      return { ...options, tokens: undefined };
    case "any-origin":
      return { ...options, allowedHosts: ["*"], allowedOrigins: ["https://evil.example"] };
    case "no-shedding":
      return { ...options, maxQueued: 1_000_000, maxQueueMs: 3_600_000 };
    case "shows-errors":
      return { ...options, exposeErrors: true };
    case "logs-headers":
      logHeaders();
      return options;
    case "forgets-keys":
      return { ...options, idempotency: forgetful };
    case "holds-for-non-readers":
      // Either limit alone lets them go.
      return { ...options, stallTimeoutMs: 3_600_000, requestTimeoutMs: 3_600_000 };
    case "records-hold-places":
      holdPlaces((options.maxInFlight ?? 256) + (options.maxQueued ?? 256));
      return options;
    case "waits-for-lines":
      return { ...options, stallTimeoutMs: 3_600_000 };
    case "any-number-of-records":
      return { ...options, maxRecordRequests: 1_000_000 };
    case "keeps-half-lines":
      return { ...options, maxRecordsInFlight: 1_000_000 };
    case "drops-on-stop":
      // Before the service hears of it.
      process.prependListener("SIGTERM", () => process.exit(0));
      return options;
    case "no-drain-delay":
      return { ...options, drainDelayMs: 0 };
    case "keeps-alive-while-draining":
      keepAlive();
      return options;
    default:
      // Broken in the child itself.
      return options;
  }
}

const forgetful: IdempotencyStore = {
  claim: () => undefined,
  complete: () => {},
  release: () => {},
};

/** As parsers of configuration files are. */
function beLenientAboutJson(): void {
  const { parse } = JSON;
  JSON.parse = (text: string, reviver?: Parameters<typeof parse>[1]) =>
    parse(text.replace(/^\uFEFF/, "").replace(/,\s*([\]}])/g, "$1"), reviver) as unknown;
}

/** A method as it is, to be called on whatever its replacement is called on. */
function methodOf(prototype: object, name: string): (...parts: unknown[]) => unknown {
  // Only names of methods are given.
  return Reflect.get(prototype, name) as (...parts: unknown[]) => unknown;
}

/** Has the parser of HTTP take what the standard forbids. */
function beLenientAboutHttp(): void {
  const emit = methodOf(Server.prototype, "emit");
  Server.prototype.emit = function (this: Server, name: string | symbol, ...parts: unknown[]): boolean {
    // Read when a connection gets its parser.
    if (name === "connection") Object.assign(this, { insecureHTTPParser: true });
    return Reflect.apply(emit, this, [name, ...parts]) as boolean;
  };
}

function logHeaders(): void {
  const emit = methodOf(Server.prototype, "emit");
  Server.prototype.emit = function (this: Server, name: string | symbol, ...parts: unknown[]): boolean {
    if (name === "request") {
      // What this event comes with.
      const [{ headers }] = parts as [{ readonly headers: unknown }];
      process.stderr.write(`${JSON.stringify({ message: "headers", headers })}\n`);
    }
    return Reflect.apply(emit, this, [name, ...parts]) as boolean;
  };
}

/** Has requests of records take the places of others from their heads on. */
function holdPlaces(most: number): void {
  const emit = methodOf(Server.prototype, "emit");
  let taken = 0;
  Server.prototype.emit = function (this: Server, name: string | symbol, ...parts: unknown[]): boolean {
    if (name === "request") {
      // What this event comes with.
      const [{ url }, outgoing] = parts as [{ readonly url: string }, ServerResponse];
      if (taken >= most && /\/(?:execute|records)$/.test(url)) {
        outgoing.writeHead(503, { "content-type": "application/problem+json", "retry-after": "1" }).end("{}");
        return true;
      }
      if (url.endsWith("/records")) {
        taken++;
        outgoing.once("close", () => taken--);
      }
    }
    return Reflect.apply(emit, this, [name, ...parts]) as boolean;
  };
}

/** Takes `connection: close` out of answers. */
function keepAlive(): void {
  const writeHead = methodOf(ServerResponse.prototype, "writeHead");
  ServerResponse.prototype.writeHead = function (this: ServerResponse, status: number, ...parts: unknown[]) {
    const given: unknown = parts.at(-1);
    const headers = Array.isArray(given) ? given : [];
    const kept = headers.filter((_, index) => headers[index - (index % 2)] !== "connection");
    return Reflect.apply(writeHead, this, [status, kept]);
  } as ServerResponse["writeHead"];
}
