import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  type AnyAgent,
  type Context,
  createLog,
  defineAgent,
  markPartial,
  pipeline,
} from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import * as z from "zod";
import type { ServeOptions } from "../server/options.ts";
import { type RunningService, serve } from "../server/serve.ts";

const settings: ServeOptions = {
  port: 0,
  handleSignals: false,
  drainDelayMs: 0,
  drainTimeoutMs: 0,
  log: createLog({ level: "error", write: () => {} }),
};

const double = defineAgent({
  name: "double",
  description: "Doubles a number.",
  input: z.number(),
  output: z.number(),
  execute: (given) => given * 2,
});

setFlagsFromString("--expose-gc");
// What the flag brings.
const collectGarbage = runInNewContext("gc") as () => void;

/** The bytes that something holds on to. */
function bytesInUse(): number {
  // What the first round sets free outside of the heap is counted until the second.
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function doing(execute: (given: unknown, ctx: Context) => unknown) {
  return defineAgent({
    name: "doing",
    description: "Does as the test says.",
    input: z.unknown(),
    output: z.unknown(),
    execute,
  });
}

interface Exchange {
  readonly request: ClientRequest;
  readonly response: Promise<IncomingMessage>;
}

/** A request whose body is written by the test. */
function open(service: RunningService, path = "/records", headers: Record<string, string> = {}): Exchange {
  const request = httpRequest(service.url + path, {
    method: "POST",
    agent: false,
    headers: { "content-type": "application/x-ndjson", ...headers },
  });
  request.on("error", () => {});
  const response = once(request, "response").then(([message]) => message as IncomingMessage);
  response.catch(() => {});
  request.flushHeaders();
  return { request, response };
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return text;
}

interface AnswerLine {
  readonly index: number;
  readonly output?: unknown;
  readonly error?: {
    readonly detail: string;
    readonly stage?: string;
    readonly code: string;
    readonly status: number;
    readonly details?: { readonly problem?: string };
  };
}

// What every line of an answer is.
const linesOf = (text: string): AnswerLine[] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as AnswerLine);

async function records(
  agent: AnyAgent,
  body: string | Buffer,
  options: ServeOptions = {},
  path?: string,
): Promise<AnswerLine[]> {
  await using service = await serve(agent, { ...settings, ...options });
  const { request, response } = open(service, path);
  request.end(body);
  const answer = await response;
  expect(answer.statusCode).toBe(200);
  expect(answer.headers["content-type"]).toBe("application/x-ndjson");
  expect(answer.headers["atomic-run-id"]).toBeTruthy();
  return linesOf(await textOf(answer));
}

test("a line for each record, in order", async () => {
  expect(await records(double, "1\n2\n\n3")).toEqual([
    { index: 0, output: 2 },
    { index: 1, output: 4 },
    { index: 2, output: 6 },
  ]);
  expect(await records(double, "")).toEqual([]);
});

test("bad lines in the middle are answered with errors, and the rest goes on", async () => {
  const deep = "[".repeat(100) + "]".repeat(100);
  const bad = ['{"a":', deep, '{"__proto__":1}', '"text"', "1 2", "1e999", "x".repeat(2_000)];
  const bytes = Buffer.concat([
    Buffer.from(`1\n${bad.join("\n")}\n`),
    Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]),
    Buffer.from("\ufeff1\n2\n"),
  ]);
  const lines = await records(double, bytes, { maxBodyBytes: 1_000 });
  expect(lines.map(({ index }) => index)).toEqual([...lines.keys()]);
  expect(
    lines.map(({ output, error }) => output ?? `${error?.code} ${error?.details?.problem ?? ""}`),
  ).toEqual([
    2,
    "BAD_REQUEST json",
    "BAD_REQUEST too-deep",
    expect.stringContaining("BAD_REQUEST"),
    "VALIDATION_INPUT ",
    "BAD_REQUEST json",
    "BAD_REQUEST number",
    "BAD_REQUEST too-large",
    "BAD_REQUEST utf-8",
    "BAD_REQUEST json",
    4,
  ]);
});

test("what is wrong with a record is told to who sent it, and what is wrong within an agent is not", async () => {
  const half = defineAgent({
    name: "half",
    description: "Takes even numbers.",
    input: z.number().multipleOf(4),
    output: z.number(),
    execute: (given) => given / 2,
  });
  const lines = await records(pipeline("both").stage(double).stage(half), '"text"\n1\n2');
  expect(lines[0]?.error?.detail).toContain("expected number, received string");
  expect(lines[0]?.error?.stage).toBe("double");
  expect(lines[1]?.error?.detail).toMatch(/^An agent was given an input .* The log of the service has more/);
  expect(JSON.stringify(lines[1]?.error?.details)).not.toContain("number 2");
  expect(lines[2]).toEqual({ index: 2, output: 2 });
  const [alone] = await records(double, "null");
  expect(alone?.error?.detail).toContain("expected number, received null");
});

test("a last line that was cut is an error, and those before it are answered", async () => {
  const lines = await records(
    doing((given) => given),
    '{"a":1}\n{"a":2',
  );
  expect(lines).toMatchObject([{ output: { a: 1 } }, { error: { code: "BAD_REQUEST", status: 400 } }]);
});

test("an error has what an error of execute has, and shows no more", async () => {
  const inner = doing(() => {
    throw new Error("secret place");
  });
  const agent = pipeline("outer").stage("first", inner);
  await using service = await serve(agent, settings);
  const { request, response } = open(service);
  request.end("1\n");
  const text = await textOf(await response);
  const executed = await fetch(`${service.url}/execute`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"input":1}',
  });
  const varying = { requestId: "", runId: "", timestamp: "" };
  // What the two routes answer with.
  const [{ error }] = linesOf(text) as [AnswerLine];
  expect({ ...error, ...varying }).toEqual({ ...((await executed.json()) as object), ...varying });
  expect(text).not.toContain("secret");
});

test("an error that is shown says what that of execute says, stage and all", async () => {
  const fails = doing(() => {
    throw new Error("what went wrong");
  });
  for (const [agent, input] of [
    [double, '"text"'],
    [pipeline("outer").stage("first", double), '"text"'],
    [fails, "1"],
    [pipeline("outer").stage("first", fails), "1"],
  ] as const) {
    await using service = await serve(agent, { ...settings, exposeErrors: true });
    const { request, response } = open(service);
    request.end(`${input}\n`);
    const [{ error }] = linesOf(await textOf(await response)) as [AnswerLine];
    const executed = await fetch(`${service.url}/execute`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `{"input":${input}}`,
    });
    const { detail, stage } = (await executed.json()) as NonNullable<AnswerLine["error"]>;
    expect({ detail: error?.detail, stage: error?.stage }).toEqual({ detail, stage });
  }
});

test("keeps the order with random latencies, and works on as many as it may", async () => {
  let active = 0;
  let most = 0;
  const agent = doing(async (given) => {
    most = Math.max(most, ++active);
    for (let left = (Number(given) * 7_919) % 23; left > 0; left--) await turn();
    active--;
    return given;
  });
  const body = Array.from({ length: 1_000 }, (_, index) => `${index}\n`).join("");
  for (const [path, expected] of [
    ["/records", 16],
    ["/records?concurrency=3", 3],
    ["/records?concurrency=99", 16],
  ] as const) {
    most = 0;
    const lines = await records(agent, body, {}, path);
    expect(lines).toEqual(Array.from({ length: 1_000 }, (_, index) => ({ index, output: index })));
    expect(most).toBe(expected);
  }
});

test("refuses what makes no sense before anything is begun", async () => {
  await using service = await serve(double, settings);
  for (const [path, headers, status] of [
    ["/records?concurrency=0", {}, 400],
    ["/records?concurrency=1e3", {}, 400],
    ["/records", { "content-type": "text/plain" }, 415],
    ["/records", { "content-type": "application/x-ndjson", "content-encoding": "gzip" }, 415],
    ["/records", { "content-type": "application/x-ndjson", "atomic-timeout-ms": "soon" }, 400],
  ] as const) {
    const answer = await fetch(service.url + path, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson", ...headers },
      body: "1\n",
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  }
});

test("an answer comes while the body still goes on", async () => {
  await using service = await serve(double, settings);
  const { request, response } = open(service);
  request.write("1\n");
  const answer = await response;
  answer.setEncoding("utf8");
  const lines = answer.iterator({ destroyOnReturn: false }) as AsyncIterator<string>;
  expect((await lines.next()).value).toBe('{"index":0,"output":2}\n');
  request.write("2");
  request.write("1\n3");
  expect((await lines.next()).value).toBe('{"index":1,"output":42}\n');
  request.end();
  expect((await lines.next()).value).toBe('{"index":2,"output":6}\n');
});

test("100,000 records go through in flat memory", async () => {
  await using service = await serve(
    doing((given) => given),
    settings,
  );
  const { request, response } = open(service);
  const filler = "x".repeat(500);
  const write = async (): Promise<void> => {
    for (let index = 0; index < 100_000; index += 100) {
      let text = "";
      for (let next = index; next < index + 100; next++) text += `{"n":${next},"filler":"${filler}"}\n`;
      if (!request.write(text)) await once(request, "drain");
    }
    request.end();
  };
  const writing = write();
  const answer = await response;
  let count = 0;
  let rest = "";
  const used: number[] = [];
  for await (const chunk of answer) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith(`{"index":${count},"output":{"n":${count},`))
        throw new Error(`Line ${count}: ${line}`);
      count++;
      if (count % 10_000 === 0) used.push(bytesInUse());
    }
  }
  await writing;
  expect(count).toBe(100_000);
  const [first = 0, ...others] = used;
  // Were they kept, each 10,000 records would take 5 MB and more.
  expect(Math.max(...others) - first).toBeLessThan(5_000_000);
});

test("a line of 100 MB is not kept, and the one after it is answered", async () => {
  await using service = await serve(double, settings);
  const { request, response } = open(service);
  const answer = await response;
  const text = textOf(answer);
  const part = Buffer.alloc(1_000_000, "1");
  const before = bytesInUse();
  let peak = 0;
  request.write("1\n");
  for (let count = 0; count < 100; count++) {
    if (!request.write(part)) await once(request, "drain");
    if (count % 10 === 0) peak = Math.max(peak, bytesInUse() - before);
  }
  request.end("\n3\n");
  expect(linesOf(await text)).toMatchObject([
    { output: 2 },
    { error: { code: "BAD_REQUEST", status: 413, details: { problem: "too-large" } } },
    { output: 6 },
  ]);
  expect(peak).toBeLessThan(8_000_000);
});

test("a caller that takes no answers holds up the work and its own sending", async () => {
  let begun = 0;
  const agent = doing((given) => {
    begun++;
    return given;
  });
  await using service = await serve(agent, settings);
  const { request, response } = open(service);
  const line = `"${"x".repeat(10_000)}"\n`;
  let written = 0;
  let isStuck = false;
  const answer = await response;
  // Until nothing moves for 50 turns of the loop; the buffers of sockets take some megabytes.
  for (let still = 0; still < 2_000; ) {
    if (written < 20_000 && !isStuck) {
      written++;
      still = 0;
      isStuck = !request.write(line);
      if (isStuck) request.once("drain", () => (isStuck = false));
    } else still++;
    await turn();
  }
  expect(isStuck).toBe(true);
  expect(begun).toBeLessThan(5_000);
  const counted = begun;
  for (let count = 0; count < 200; count++) await turn();
  expect(begun).toBe(counted);
  // It goes on as soon as the caller reads.
  request.end();
  expect(linesOf(await textOf(answer))).toHaveLength(written);
});

test("a caller that takes nothing for too long is hung up on, and so is one that sends nothing", async () => {
  const clock = createVirtualClock();
  await using service = await serve(
    doing((given) => given),
    { ...settings, clock, stallTimeoutMs: 5_000 },
  );
  const idle = open(service);
  const answer = await idle.response;
  idle.request.write("1\n");
  await once(answer, "readable");
  const text = textOf(answer);
  await clock.advance(4_000);
  // No whole line.
  idle.request.write("2");
  while ((await fetch(`${service.url}/health`)).status !== 200);
  await clock.advance(1_000);
  expect(linesOf(await text)).toMatchObject([
    { index: 0, output: 1 },
    {
      index: 1,
      error: { code: "BAD_REQUEST", status: 408, detail: "No whole record has come for 5000 ms" },
    },
  ]);

  const deaf = open(service);
  const closed = new Promise((resolve) => deaf.request.once("close", resolve));
  await deaf.response;
  const line = `"${"x".repeat(100_000)}"\n`;
  for (let still = 0; still < 500; still++) {
    if (deaf.request.writableLength < 1_000_000) deaf.request.write(line);
    await turn();
  }
  await clock.advance(20_000);
  await closed;
});

test("an agent that takes longer than a stall is waited for", async () => {
  const clock = createVirtualClock();
  const { promise, resolve } = Promise.withResolvers<string>();
  await using service = await serve(
    doing(() => promise),
    {
      ...settings,
      clock,
      stallTimeoutMs: 100,
      timeoutMs: 1_000_000,
    },
  );
  const { request, response } = open(service);
  request.write("1\n");
  const answer = await response;
  for (let count = 0; count < 20; count++) await turn();
  await clock.advance(100_000);
  resolve("late");
  request.end();
  expect(linesOf(await textOf(answer))).toEqual([{ index: 0, output: "late" }]);
});

test("each record has the time that a run may take, and the whole the caller's", async () => {
  const clock = createVirtualClock();
  const hangs = doing((given, ctx) =>
    given === 1
      ? new Promise(() => {})
      : new Promise((resolve) => ctx.clock.setTimer(() => resolve(given), 700)),
  );
  await using service = await serve(hangs, { ...settings, clock, timeoutMs: 1_000 });
  const lines = async (headers: Record<string, string>): Promise<AnswerLine[]> => {
    const { request, response } = open(service, "/records?concurrency=1", headers);
    request.end("0\n1\n2\n3\n");
    const text = textOf(await response);
    return linesOf(await clock.until(text));
  };
  expect(await lines({})).toMatchObject([
    { output: 0 },
    { error: { code: "TIMEOUT" } },
    { output: 2 },
    { output: 3 },
  ]);
  expect(await lines({ "atomic-timeout-ms": "2000" })).toMatchObject([
    { output: 0 },
    { error: { code: "TIMEOUT", details: { scope: "attempt" } } },
    { error: { code: "TIMEOUT", details: { scope: "run" } } },
    { error: { code: "TIMEOUT", details: { scope: "run" } } },
  ]);
});

test("a caller that goes away, wherever it does, has its work cancelled", async () => {
  const head =
    "POST /records HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n";
  const body = "3\r\n1\n2\r\n3\r\n\n3\n\r\n0\r\n\r\n";
  const bytes = head + body;
  const signals: AbortSignal[] = [];
  const agent = doing((_, ctx) => {
    signals.push(ctx.signal);
    return new Promise(() => {});
  });
  await using service = await serve(agent, settings);
  for (let cut = head.length - 1; cut <= bytes.length; cut++) {
    signals.length = 0;
    const socket = connect(service.port, "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write(bytes.slice(0, cut));
    if (cut >= head.length) await once(socket, "data");
    const lines = cut < head.length + 6 ? 0 : cut < head.length + 11 ? 1 : cut < head.length + 20 ? 2 : 3;
    for (let count = 0; count < 200 && signals.length < lines; count++) await turn();
    if (cut % 2 === 0) socket.destroy();
    else socket.resetAndDestroy();
    for (let count = 0; count < 500 && signals.some(({ aborted }) => !aborted); count++) await turn();
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect([cut, signals.length >= Math.min(lines, 1)]).toEqual([cut, true]);
  }
  const health = await fetch(`${service.url}/health`);
  expect(health.status).toBe(200);
});

test("a cancelled run answers every record that was begun and ends", async () => {
  const agent = doing((given) => (given === 0 ? given : new Promise(() => {})));
  await using service = await serve(agent, settings);
  const { request, response } = open(service, "/records?concurrency=2");
  request.write("0\n1\n2\n3\n4\n");
  const answer = await response;
  await once(answer, "readable");
  const run = `${service.url}/runs/${String(answer.headers["atomic-run-id"])}`;
  const cancelled = await fetch(run, { method: "DELETE" });
  expect(cancelled.status).toBe(202);
  const lines = linesOf(await textOf(answer));
  expect(lines.map(({ output, error }) => output ?? error?.code)).toEqual([
    0,
    "CANCELLED",
    "CANCELLED",
    "CANCELLED",
  ]);
  expect(lines.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  expect(await (await fetch(run)).json()).toMatchObject({ agent: "doing", status: "cancelled" });
  request.destroy();
});

test("a service that stops and waits no longer says so of every record that was begun", async () => {
  const service = await serve(
    doing((given) => (given === 0 ? given : new Promise(() => {}))),
    settings,
  );
  const { request, response } = open(service, "/records?concurrency=2");
  request.write("0\n1\n2\n3\n");
  const answer = await response;
  await once(answer, "readable");
  const text = textOf(answer);
  await service.close();
  const lines = linesOf(await text);
  expect(lines.map(({ output, error }) => output ?? error?.code)).toEqual([
    0,
    ...Array.from({ length: lines.length - 1 }, () => "CONNECTION"),
  ]);
  expect(lines[1]?.error).toMatchObject({ status: 503, retryable: true, details: { executed: "perhaps" } });
  request.destroy();
});

test("a run can be asked for, and says how many records there were", async () => {
  await using service = await serve(double, settings);
  const { request, response } = open(service);
  request.end('1\n"x"\n2\n');
  const answer = await response;
  await textOf(answer);
  const state = await fetch(`${service.url}/runs/${String(answer.headers["atomic-run-id"])}`);
  expect(await state.json()).toMatchObject({
    agent: "double",
    status: "success",
    output: { records: 3, failed: 1 },
  });
});

test("a connection is used again after an answer", async () => {
  await using service = await serve(double, settings);
  const socket = connect(service.port, "127.0.0.1");
  socket.setEncoding("utf8");
  await once(socket, "connect");
  let text = "";
  socket.on("data", (chunk: string) => (text += chunk));
  const head =
    "POST /records HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-ndjson\r\ncontent-length: 4\r\n\r\n";
  socket.write(`${head}1\n2\n`);
  while (!text.endsWith("0\r\n\r\n")) await once(socket, "data");
  socket.write(`${head}3\n4\n`);
  while (!text.includes('{"index":1,"output":8}')) await once(socket, "data");
  expect(text.match(/HTTP\/1.1 200/g)).toHaveLength(2);
  socket.destroy();
});

test("answers that came while the caller took none are all written before the end", async () => {
  const large = "x".repeat(1_000_000);
  const agent = doing(async (given) => {
    await turn();
    return `${String(given)} ${large}`;
  });
  await using service = await serve(agent, settings);
  const { request, response } = open(service);
  request.end("0\n1\n2\n3\n4\n5\n6\n7\n");
  const answer = await response;
  for (let count = 0; count < 300; count++) await turn();
  expect(linesOf(await textOf(answer))).toHaveLength(8);
});

test("a caller that goes on sending after its answer has ended is hung up on", async () => {
  const clock = createVirtualClock();
  await using service = await serve(
    doing(() => new Promise(() => {})),
    { ...settings, clock },
  );
  // A client of Node.js would close the connection itself.
  const socket = connect(service.port, "127.0.0.1");
  socket.setEncoding("utf8");
  socket.on("error", () => {});
  let text = "";
  let isClosed = false;
  socket.on("data", (chunk: string) => (text += chunk));
  socket.on("close", () => (isClosed = true));
  socket.write(`POST /records HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-ndjson\r\n`);
  socket.write("transfer-encoding: chunked\r\n\r\n2\r\n1\n\r\n");
  while (!text.includes("\r\n\r\n")) await once(socket, "data");
  const [, id] = /atomic-run-id: (\S+)/i.exec(text) ?? [];
  await fetch(`${service.url}/runs/${id}`, { method: "DELETE" });
  while (!text.endsWith("0\r\n\r\n")) await once(socket, "data");
  const send = async (): Promise<void> => {
    for (let count = 0; count < 50 && !isClosed; count++) {
      socket.write("2\r\n2\n\r\n");
      await turn();
    }
  };
  await clock.advance(999);
  await send();
  expect(isClosed).toBe(false);
  await clock.advance(1);
  while (!isClosed) await send();
  expect(text).toContain('"code":"CANCELLED"');
});

test("tells of which records parts have failed", async () => {
  const agent = doing(async (given, ctx) => {
    if (given === 2) await Promise.resolve();
    if (given !== 0) markPartial(ctx);
    return given;
  });
  await using service = await serve(agent, settings);
  const answer = await fetch(`${service.url}/records`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: "0\n1\n2\n",
  });
  expect(
    (await answer.text())
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line)),
  ).toEqual([
    { index: 0, output: 0 },
    { index: 1, output: 1, status: "partial" },
    { index: 2, output: 2, status: "partial" },
  ]);
});
