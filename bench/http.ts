/**
 * What `POST /execute` of a service costs a request beside Hono and `node:http` with Zod, each with the same limits, metrics
 * and headers: CPU of the server's process, in rounds that take turns. The load comes from a process of its own: `wrk` where
 * it is installed, otherwise `undici`.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog, defineAgent } from "@atomic-agents/core";
import { serve as serveAgents } from "@atomic-agents/http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { Counter, Histogram, Registry } from "prom-client";
import { Agent, request } from "undici";
import * as z from "zod";
import { machineLine } from "./machine.ts";
import { median, quantile } from "./statistics.ts";

const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 9 : 15;
const warmUpSeconds = 2;
const seconds = isQuick ? 1 : 2;
const connections = 64;

const Ticket = z.object({ text: z.string(), urgency: z.int().min(1).max(5), tags: z.array(z.string()) });
const CallBody = z.object({ input: z.unknown() });
const Sorted = z.object({ kind: z.string(), urgency: z.int(), words: z.int() });
const input = { text: "It crashes whenever I open an empty file.", urgency: 4, tags: ["crash", "files"] };
const body = JSON.stringify({ input });

function sort({ text, urgency, tags }: z.infer<typeof Ticket>): z.infer<typeof Sorted> {
  return { kind: tags[0] ?? "none", urgency, words: text.split(" ").length };
}

/** How much a service takes; the defaults of ours. */
const limits = { bodyBytes: 1_048_576, depth: 64, nodes: 100_000, inFlight: 256, timeoutMs: 60_000 } as const;
const serverOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
} as const;

/** What both services by hand have of what ours has. */
class ByHand {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: "requests_total",
    help: "Requests.",
    labelNames: ["service_type", "status"],
    registers: [this.#registry],
  });
  readonly #runs = new Counter({
    name: "runs_total",
    help: "Runs.",
    labelNames: ["agent", "status"],
    registers: [this.#registry],
  });
  readonly #durations = new Histogram({
    name: "request_duration_seconds",
    help: "Durations.",
    labelNames: ["service_type"],
    registers: [this.#registry],
  });
  readonly #stages = new Histogram({
    name: "stage_duration_seconds",
    help: "Durations.",
    labelNames: ["pipeline", "stage"],
    registers: [this.#registry],
  });
  #inFlight = 0;
  #count = 0;

  enter(): boolean {
    if (this.#inFlight >= limits.inFlight) return false;
    this.#inFlight++;
    return true;
  }

  leave(status: number, startedAtMs: number): void {
    this.#inFlight--;
    this.#requests.inc({ service_type: "sort", status });
    this.#durations.observe({ service_type: "sort" }, (performance.now() - startedAtMs) / 1_000);
  }

  nextId(): string {
    this.#count++;
    return `4f3c0a9be71d5526-${this.#count.toString(36)}`;
  }

  /** The answer to a body; throws what is answered with a status of failure. */
  async execute(given: unknown, runId: string): Promise<string> {
    checkJson(given, 1, 0);
    const { input: asked } = CallBody.parse(given);
    const startedAtMs = performance.now();
    const timer = setTimeout(() => {}, limits.timeoutMs);
    try {
      const ticket = Ticket.parse(asked);
      const output = Sorted.parse(sort(ticket));
      const durationMs = performance.now() - startedAtMs;
      this.#runs.inc({ agent: "sort", status: "success" });
      this.#stages.observe({ pipeline: "sort", stage: "sort" }, durationMs / 1_000);
      return JSON.stringify({ output, runId, durationMs });
    } finally {
      clearTimeout(timer);
    }
  }
}

function checkJson(value: unknown, depth: number, before: number): number {
  let nodes = before + 1;
  if (typeof value !== "object" || value === null) return nodes;
  if (depth > limits.depth) throw new Error("too deep");
  for (const [key, item] of Object.entries(value)) {
    if (key === "__proto__") throw new Error("forbidden");
    nodes = checkJson(item, depth + 1, nodes);
    if (nodes > limits.nodes) throw new Error("too many values");
  }
  return nodes;
}

const decoder = new TextDecoder("utf-8", { fatal: true });
const goodHost = /^(localhost|127\.0\.0\.1)(:\d+)?$/;
const requestIdForm = /^[\w.-]{1,128}$/;

async function listenOn(listener: RequestListener): Promise<number> {
  const server = createServer(serverOptions, listener);
  server.maxHeadersCount = 100;
  server.maxConnections = 10_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function nodeHttp(): Promise<number> {
  const service = new ByHand();
  const answer = (
    res: ServerResponse,
    status: number,
    type: string,
    id: string,
    text: string,
    runId?: string,
  ) =>
    res
      .writeHead(status, {
        "x-request-id": id,
        "x-content-type-options": "nosniff",
        "content-type": type,
        "content-length": Buffer.byteLength(text),
        ...(runId !== undefined && { "atomic-run-id": runId }),
      })
      .end(text);
  const refuse = (res: ServerResponse, status: number, id: string) =>
    answer(res, status, "application/problem+json", id, JSON.stringify({ status }));
  const read = (req: IncomingMessage): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      req.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > limits.bodyBytes) reject(new Error("too large"));
        else chunks.push(chunk);
      });
      req.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
      req.on("error", reject);
    });
  return listenOn((req, res) => {
    const startedAtMs = performance.now();
    const { headers } = req;
    const given = headers["x-request-id"];
    const id = typeof given === "string" && requestIdForm.test(given) ? given : service.nextId();
    if (req.method !== "POST" || req.url !== "/execute") return void refuse(res, 404, id);
    if (!goodHost.test(headers.host ?? "") || headers.origin !== undefined) return void refuse(res, 403, id);
    if (headers["content-type"] !== "application/json") return void refuse(res, 415, id);
    if (Number(headers["content-length"]) > limits.bodyBytes) return void refuse(res, 413, id);
    if (!service.enter()) return void refuse(res, 503, id);
    void (async () => {
      try {
        const runId = service.nextId();
        const text = decoder.decode(await read(req));
        answer(res, 200, "application/json", id, await service.execute(JSON.parse(text), runId), runId);
      } catch {
        refuse(res, 400, id);
      } finally {
        service.leave(res.statusCode, startedAtMs);
      }
    })();
  });
}

function hono(): Promise<number> {
  const service = new ByHand();
  const app = new Hono();
  app.post("/execute", async (c) => {
    const startedAtMs = performance.now();
    const given = c.req.header("x-request-id");
    const id = given !== undefined && requestIdForm.test(given) ? given : service.nextId();
    const common = { "x-request-id": id, "x-content-type-options": "nosniff" };
    if (!goodHost.test(c.req.header("host") ?? "") || c.req.header("origin") !== undefined) {
      return c.json({ status: 403 }, 403, common);
    }
    if (c.req.header("content-type") !== "application/json") return c.json({ status: 415 }, 415, common);
    // Hono's own limit makes a stream of each body, which alone costs more than all the rest.
    if (!(Number(c.req.header("content-length")) <= limits.bodyBytes))
      return c.json({ status: 413 }, 413, common);
    if (!service.enter()) return c.json({ status: 503 }, 503, common);
    let status = 200;
    try {
      const runId = service.nextId();
      const text = await service.execute(await c.req.json(), runId);
      return c.body(text, 200, { ...common, "content-type": "application/json", "atomic-run-id": runId });
    } catch {
      status = 400;
      return c.json({ status }, 400, common);
    } finally {
      service.leave(status, startedAtMs);
    }
  });
  const listener = getRequestListener(app.fetch);
  return listenOn((req, res) => void listener(req, res));
}

async function ours(): Promise<number> {
  const agent = defineAgent({
    name: "sort",
    description: "Sorts tickets.",
    input: Ticket,
    output: Sorted,
    execute: sort,
  });
  // The others have no log of requests.
  const service = await serveAgents(agent, { port: 0, accessLog: false, log: createLog({ level: "error" }) });
  return service.port;
}

const contenders: Readonly<Record<string, () => Promise<number>>> = {
  ours,
  "Hono + Zod": hono,
  "node:http + Zod": nodeHttp,
};
const allowed: readonly (readonly [name: string, ratio: number])[] = [
  ["Hono + Zod", 1.15],
  ["node:http + Zod", 1.35],
];

/** Tells its port, then its CPU in microseconds whenever it is asked. */
async function beServer(name: string): Promise<void> {
  const port = await contenders[name]?.();
  process.send?.({ port });
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuUs: user + system });
  });
  process.on("disconnect", () => process.exit());
}

/** What a load has seen. */
interface Load {
  readonly requests: number;
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly failures: number;
}

/** For machines without `wrk`; it uses more of the machine than the servers do. */
async function beLoad(url: string, lastsMs: number): Promise<void> {
  const dispatcher = new Agent({ connections, pipelining: 1 });
  const times: number[] = [];
  let failures = 0;
  const beganMs = performance.now();
  const worker = async (): Promise<void> => {
    while (performance.now() - beganMs < lastsMs) {
      const startedMs = performance.now();
      const answer = await request(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        dispatcher,
      });
      await answer.body.dump();
      if (answer.statusCode !== 200) failures++;
      times.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const requests = times.length;
  const perSecond = requests / ((performance.now() - beganMs) / 1_000);
  console.log(JSON.stringify({ requests, perSecond, p99Ms: quantile(times, 0.99), failures } satisfies Load));
}

function hasWrk(): boolean {
  try {
    execFileSync("wrk", ["-v"], { stdio: "ignore" });
    return true;
  } catch (thrown) {
    // It says its version with a status of failure.
    return thrown instanceof Error && "status" in thrown && typeof thrown.status === "number";
  }
}

const flags = [...process.execArgv, import.meta.filename];

function load(port: number, forSeconds: number, luaFile: string | undefined): Promise<Load> {
  const url = `http://127.0.0.1:${port}/execute`;
  return new Promise((resolve, reject) => {
    const child =
      luaFile === undefined
        ? spawn(process.execPath, [...flags, "load", url, String(forSeconds * 1_000)])
        : spawn("wrk", ["-t1", `-c${connections}`, `-d${forSeconds}s`, "--latency", "-s", luaFile, url]);
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.stderr.pipe(process.stderr);
    child.on("error", reject);
    child.on("close", () => resolve(luaFile === undefined ? (JSON.parse(text) as Load) : loadOfWrk(text)));
  });
}

function loadOfWrk(text: string): Load {
  const [, p99 = "", unit = "ms"] = /99%\s+([\d.]+)(us|ms|s)/.exec(text) ?? [];
  const scale: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000 };
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text) ?? [];
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  return {
    requests: Number(/(\d+) requests in/.exec(text)?.[1]),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    p99Ms: Number(p99) * (scale[unit] ?? 1),
    // One that takes long on a busy machine is no failure.
    failures: errors.slice(1, 4).reduce((sum, each) => sum + Number(each), refused),
  };
}

/** A server in a process of its own. */
class Server {
  readonly #child;
  readonly port: Promise<number>;

  constructor(name: string) {
    this.#child = spawn(process.execPath, [...flags, "serve", name], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.port = this.#next().then(({ port }) => port);
  }

  async cpuUs(): Promise<number> {
    const told = this.#next();
    this.#child.send("cpu");
    return (await told).cpuUs;
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }

  #next(): Promise<{ readonly port: number; readonly cpuUs: number }> {
    return new Promise((resolve) => this.#child.once("message", (message) => resolve(message as never)));
  }
}

async function compare(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "http-bench-"));
  const luaFile = hasWrk() ? join(folder, "post.lua") : undefined;
  if (luaFile !== undefined) {
    const lines = [
      'wrk.method = "POST"',
      'wrk.headers["content-type"] = "application/json"',
      `wrk.body = ${JSON.stringify(body)}`,
    ];
    writeFileSync(luaFile, lines.join("\n"));
  }
  const names = Object.keys(contenders);
  const servers = new Map(names.map((name) => [name, new Server(name)]));
  const figures = new Map(
    names.map((name) => [name, { cpuUs: [] as number[], perSecond: [] as number[], p99Ms: [] as number[] }]),
  );
  try {
    for (const server of servers.values()) await load(await server.port, warmUpSeconds, luaFile);
    for (let round = 0; round < rounds; round++) {
      // Forward, then backward: a machine that gets slower over time favours nobody.
      for (const name of round % 2 === 0 ? names : names.toReversed()) {
        const server = servers.get(name) as Server;
        const before = await server.cpuUs();
        const seen = await load(await server.port, seconds, luaFile);
        const cpuUs = (await server.cpuUs()) - before;
        if (seen.failures > 0) throw new Error(`${name}: ${seen.failures} requests failed`);
        const figure = figures.get(name);
        figure?.cpuUs.push(cpuUs / seen.requests);
        figure?.perSecond.push(seen.perSecond);
        figure?.p99Ms.push(seen.p99Ms);
      }
    }
  } finally {
    for (const server of servers.values()) server.stop();
    rmSync(folder, { recursive: true });
  }
  console.log(machineLine());
  console.log(
    `POST /execute, ${connections} connections, load by ${luaFile === undefined ? "undici" : "wrk"}, medians of ${rounds} rounds`,
  );
  for (const [name, { cpuUs, perSecond, p99Ms }] of figures) {
    const cpu = `CPU ${median(cpuUs).toFixed(1).padStart(6)} µs a request`;
    console.log(
      `${name.padEnd(16)} ${cpu}   ${median(perSecond).toFixed(0).padStart(7)} requests/s   p99 ${median(p99Ms).toFixed(1)} ms`,
    );
  }
  const own = figures.get("ours")?.cpuUs ?? [];
  for (const [name, most] of allowed) {
    // Of the same round, so that what the machine does at the time weighs on both.
    const ratio = median(own.map((cpuUs, round) => cpuUs / (figures.get(name)?.cpuUs[round] ?? Number.NaN)));
    console.log(`ours / ${name}: ${ratio.toFixed(2)} (${ratio <= most ? "within" : "beyond"} ${most})`);
    if (!(ratio <= most)) process.exitCode = 1;
  }
}

const [, , task = "", first = "", second = ""] = process.argv;
if (task === "serve") await beServer(first);
else if (task === "load") await beLoad(first, Number(second));
else await compare();
