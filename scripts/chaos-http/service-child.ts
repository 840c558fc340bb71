/**
 * The service under attack, in a process of its own: `node service-child.ts SETTINGS`, with the settings as JSON. What it
 * counts it says when it is asked over the channel to its parent; its log goes to standard error.
 */
import { subscribe } from "node:diagnostics_channel";
import { writeSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { anything } from "@atomic-agents/contracts";
import { createLog, defineAgent, Secret, sleep } from "@atomic-agents/core";
import { serve, type ServeOptions } from "@atomic-agents/http";
import * as z from "zod";
import { breakDefence, type Mutant } from "./mutants.ts";

/** What the parent says of the service. */
export interface ChildSettings {
  readonly serve: ServeOptions;
  readonly mutant: Mutant | undefined;
}

/** What a service has counted since it began, but for the lag, which is since it was last asked. */
export interface Probe {
  readonly id: number;
  /** How often each agent was reached. */
  readonly executions: Readonly<Record<string, number>>;
  /** Requests whose head was read, but for those after the last answer of a connection. */
  readonly accepted: number;
  readonly openSockets: number;
  /** What each connection has read, by the port of its other side; of those that ended last. */
  readonly bytesRead: Readonly<Record<string, number>>;
  readonly heapBytes: number;
  /** The longest that the event loop was not looked after. */
  readonly lagMs: number;
}

const executions: Record<string, number> = {};
let accepted = 0;
const sockets = new Map<number, Socket>();
const bytesRead = new Map<number, number>();
const lag = monitorEventLoopDelay({ resolution: 5 });

subscribe("http.server.request.start", (message) => {
  // What this channel tells of.
  const { request } = message as { readonly request: IncomingMessage };
  if (!hasSaidClose(request.socket)) accepted++;
  if (request.headers["x-chaos"] === "crash" && settings.mutant === "crashes") {
    setImmediate(() => {
      throw new Error("on purpose");
    });
  }
});
/**
 * Whether the last answer of a connection has been given: nothing that comes after it is accepted (RFC 9112, section 9.6),
 * though Node.js goes on to read what came in the same piece.
 */
function hasSaidClose(socket: Socket): boolean {
  const { _httpMessage: message } = socket as {
    readonly _httpMessage?: { readonly _header?: string | null } | null;
  };
  return socket.writableEnded || /^connection: close/im.test(message?._header ?? "");
}

subscribe("net.server.socket", (message) => {
  // As above.
  const { socket } = message as { readonly socket: Socket };
  const port = socket.remotePort ?? 0;
  sockets.set(port, socket);
  bytesRead.delete(port);
  socket.once("close", () => {
    bytesRead.set(port, socket.bytesRead);
    const [oldest] = bytesRead.keys();
    if (bytesRead.size > 2_000 && oldest !== undefined) bytesRead.delete(oldest);
    if (sockets.get(port) === socket) sockets.delete(port);
  });
});

// What the parent has written there.
const settings = JSON.parse(process.argv[2] ?? "{}") as ChildSettings;
const weakened = breakDefence(settings.mutant, settings.serve);

function reached(name: string): void {
  executions[name] = (executions[name] ?? 0) + 1;
}

const any = { input: anything(), output: anything() };

const plain = defineAgent({
  ...any,
  name: "plain",
  description: "Gives back what it is given.",
  execute: (input) => {
    reached("plain");
    return input;
  },
});

const whole = defineAgent({
  ...any,
  name: "whole",
  description: "Gives back what it is given, and in which context.",
  execute: (input, { userId, sessionId, metadata }) => {
    reached("whole");
    const value = settings.mutant === "normalises-text" ? normalised(input) : input;
    return { input: value, userId, sessionId, metadata };
  },
});

function normalised(input: unknown): unknown {
  return JSON.parse(JSON.stringify(input).normalize("NFC"));
}

const strict = defineAgent({
  name: "strict",
  description: "Takes a text and a number.",
  input: z.strictObject({ text: z.string(), number: z.number() }),
  output: anything(),
  execute: (input) => {
    reached("strict");
    return input;
  },
});

const marked = defineAgent({
  ...any,
  name: "marked",
  description: "Is reached by requests that hide in other requests, if by any.",
  execute: (input) => {
    reached("marked");
    return input;
  },
});

const work = defineAgent({
  name: "work",
  description: "Takes its time.",
  input: z.object({ ms: z.number() }),
  output: anything(),
  execute: async ({ ms }, ctx) => {
    reached("work");
    await sleep(ms, ctx);
    return "done";
  },
});

const drafts = defineAgent({
  name: "drafts",
  description: "Says a lot on its way.",
  input: z.object({ count: z.number(), length: z.number(), ms: z.number() }),
  output: anything(),
  execute: async ({ count, length, ms }, ctx) => {
    for (let number = 0; number < count; number++) {
      ctx.partial(String(number).padEnd(length, "x"));
      ctx.emit("note", { number, filler: "y".repeat(length) });
      await sleep(ms, ctx);
    }
    return "done";
  },
});

/** Held as whoever is careful holds what nobody may see. */
const secrets = Object.entries(process.env)
  .filter(([name]) => name.startsWith("CANARY_"))
  .map(([name, value = ""]) => new Secret(value, name));

const deeds = defineAgent({
  name: "deeds",
  description: "Fails with what it knows.",
  input: z.object({ deed: z.string(), note: z.string().optional() }),
  output: z.string(),
  execute: ({ deed, note }) => {
    const known = note ?? secrets.map((secret) => secret.reveal()).join(" ");
    if (deed === "message") throw new Error(`connect postgres://app:${known}@db failed`);
    if (deed === "cause") throw new Error("no", { cause: new Error(known) });
    if (deed === "members") throw Object.assign(new Error("no"), { config: { headers: { key: known } } });
    if (deed === "stack")
      throw Object.assign(new Error("no"), { stack: `Error\n    at ${known} (file.js:1:1)` });
    if (deed === "aggregate") throw new AggregateError([new Error(known)], known);
    // What breaks the contract comes from code without types.
    if (deed === "output") return { known } as unknown as string;
    return "done";
  },
});

// At once, so that it is not lost with the process.
process.on("exit", () => void writeSync(1, `accepted ${accepted}\n`));

process.on("message", (message) => {
  // Nobody else writes to this channel.
  const { id } = message as { readonly id: number };
  collectGarbage();
  const probe: Probe = {
    id,
    executions,
    accepted,
    openSockets: sockets.size,
    bytesRead: Object.fromEntries([...bytesRead, ...[...sockets].map(bytesOf)]),
    heapBytes: process.memoryUsage().heapUsed + process.memoryUsage().external,
    lagMs: Math.round(lag.max / 1e6),
  };
  process.send?.(probe);
  lag.reset();
});

function bytesOf([port, socket]: readonly [number, Socket]): [number, number] {
  return [port, socket.bytesRead];
}

setFlagsFromString("--expose-gc");
// The flag gives it to contexts that are made afterwards.
const collectGarbage = runInNewContext("gc") as () => void;

await serve([plain, whole, strict, marked, work, drafts, deeds], {
  port: 0,
  log: createLog({ level: "info" }),
  ...weakened,
  onReady: (url) => {
    lag.enable();
    process.send?.({ url, pid: process.pid });
  },
  onDrain: () => {
    process.send?.({ draining: true });
  },
});
// The channel to the parent is no reason to stay.
process.channel?.unref();
