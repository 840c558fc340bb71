/** Callers of `/records` who take their time, and what they may not take from others. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { createLog, defineAgent } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import type { ServeOptions } from "../server/options.ts";
import { type RunningService, serve } from "../server/serve.ts";

const any = { input: z.unknown(), output: z.unknown() };

const echo = defineAgent({
  ...any,
  name: "echo",
  description: "Gives back what it is given.",
  execute: (given) => given,
});

/** Works on what it is given until it is let go. */
function holding() {
  const begun: unknown[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const agent = defineAgent({
    ...any,
    name: "echo",
    description: "Takes its time.",
    execute: async (given) => {
      begun.push(given);
      await promise;
      return given;
    },
  });
  return { agent, begun, letGo: resolve };
}

async function started(options: ServeOptions = {}, agent = echo): Promise<RunningService> {
  const log = createLog({ level: "silent" });
  const service = await serve(agent, {
    port: 0,
    handleSignals: false,
    drainDelayMs: 0,
    drainTimeoutMs: 100,
    log,
    ...options,
  });
  onTestFinished(service.close);
  return service;
}

const head =
  "POST /records HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";

interface Sender {
  readonly socket: Socket;
  readonly text: () => string;
  readonly send: (text: string) => void;
  readonly finish: () => void;
  /** All that came until the other side has closed. */
  readonly closed: Promise<string>;
}

/** A caller who has sent the head of a request, and has been let in or refused. */
async function opened({ port }: RunningService): Promise<Sender> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let text = "";
  socket.on("error", () => {});
  socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const closed = new Promise<string>((resolve) => socket.once("close", () => resolve(text)));
  socket.write(head);
  await once(socket, "data");
  return {
    socket,
    text: () => text,
    send: (lines) => void socket.write(`${lines.length.toString(16)}\r\n${lines}\r\n`),
    finish: () => void socket.write("0\r\n\r\n"),
    closed,
  };
}

async function execute({ url }: RunningService): Promise<number> {
  const headers = { "content-type": "application/json" };
  return (await fetch(`${url}/execute`, { method: "POST", headers, body: '{"input":1}' })).status;
}

async function answered(service: RunningService): Promise<string> {
  const headers = { "content-type": "application/x-ndjson" };
  const answer = await fetch(`${service.url}/records`, { method: "POST", headers, body: "1\n2\n3\n" });
  return `${answer.status} ${await answer.text()}`;
}

const threeAnswers = '200 {"index":0,"output":1}\n{"index":1,"output":2}\n{"index":2,"output":3}\n';

async function gauge({ url }: RunningService, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? Number.NaN);
}

const limits: ServeOptions = { maxInFlight: 1, maxQueued: 0, maxRecordsInFlight: 1 };

test("who sends nothing, or half a line, takes nobody's place", async () => {
  const service = await started(limits);
  const senders = await Promise.all(Array.from({ length: 30 }, () => opened(service)));
  for (const { send } of senders.slice(0, 20)) send("1");
  expect(await execute(service)).toBe(200);
  expect(await answered(service)).toBe(threeAnswers);
  expect(await gauge(service, "atomic_record_requests")).toBe(30);
  for (const { send, finish } of senders) {
    send("2\n");
    finish();
  }
  for (const [index, { text }] of senders.entries()) {
    await expect.poll(text).toContain(`{"index":0,"output":${index < 20 ? 12 : 2}}\n`);
  }
  await expect.poll(() => gauge(service, "atomic_record_requests")).toBe(0);
});

test("who takes no answers takes nobody's place", async () => {
  const service = await started(limits);
  const deaf = await opened(service);
  deaf.socket.pause();
  const line = `"${"x".repeat(100_000)}"\n`;
  for (let still = 0; still < 300; still++) {
    if (deaf.socket.writableLength < 1_000_000) {
      deaf.send(line);
      still = 0;
    }
    await turn();
  }
  expect(await answered(service)).toBe(threeAnswers);
  expect(await execute(service)).toBe(200);
});

test("records wait for places, in turns, and none is refused", async () => {
  const { agent, begun, letGo } = holding();
  const service = await started({ ...limits, maxRecordsInFlight: 2, maxQueueMs: 0 }, agent);
  const eager = await opened(service);
  eager.send('"a1"\n"a2"\n"a3"\n"a4"\n');
  eager.finish();
  await expect.poll(() => begun).toEqual(["a1", "a2"]);
  const other = await opened(service);
  other.send('"b1"\n"b2"\n');
  other.finish();
  await expect.poll(() => gauge(service, "atomic_records_queued")).toBe(2);
  expect(await gauge(service, "atomic_records_in_flight")).toBe(2);
  // Other work has places of its own.
  const executed = execute(service);
  await expect.poll(() => begun).toEqual(["a1", "a2", 1]);
  letGo();
  expect(await executed).toBe(200);
  await expect.poll(eager.text).toContain('{"index":3,"output":"a4"}\n');
  await expect.poll(other.text).toContain('{"index":1,"output":"b2"}\n');
  expect(begun.slice(3)).toEqual(["a3", "b1", "a4", "b2"]);
  expect(eager.text() + other.text()).not.toContain("error");
  expect(await gauge(service, "atomic_records_in_flight")).toBe(0);
});

test("a caller who goes away gives its places back, and its wait for one", async () => {
  const { agent, begun, letGo } = holding();
  const service = await started({ ...limits, maxRecordsInFlight: 1 }, agent);
  const first = await opened(service);
  first.send("1\n2\n");
  await expect.poll(() => begun).toEqual([1]);
  const second = await opened(service);
  second.send("3\n");
  await expect.poll(() => gauge(service, "atomic_records_queued")).toBe(2);
  second.socket.destroy();
  await expect.poll(() => gauge(service, "atomic_records_queued")).toBe(1);
  // An agent that does not listen goes on.
  first.socket.destroy();
  await expect.poll(() => gauge(service, "atomic_records_in_flight")).toBe(0);
  letGo();
  expect(await answered(service)).toBe(threeAnswers);
  expect(await gauge(service, "atomic_records_in_flight")).toBe(0);
});

test("of too many requests the one over which nothing has come for longest makes room, and is told", async () => {
  const clock = createVirtualClock();
  const service = await started({ ...limits, clock, maxRecordRequests: 2 });
  const longest = await opened(service);
  await clock.advance(500);
  const active = await opened(service);
  await clock.advance(500);
  active.send("1\n");
  await expect.poll(active.text).toContain('{"index":0,"output":1}\n');
  const { status, headers } = await fetch(`${service.url}/records`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: "1\n",
  });
  expect(status).toBe(200);
  expect(headers.get("retry-after")).toBeNull();
  await expect.poll(longest.text).toContain('{"index":0,"error":{');
  expect(longest.text()).toContain('"code":"OVERLOADED"');
  expect(longest.text()).toContain('"status":503');
  active.send("2\n");
  await expect.poll(active.text).toContain('{"index":1,"output":2}\n');
});

test("a request for which no other one makes room is refused with 503", async () => {
  const clock = createVirtualClock();
  const service = await started({ ...limits, clock, maxRecordRequests: 1 });
  const first = await opened(service);
  await clock.advance(999);
  const { text } = await opened(service);
  expect(text()).toMatch(/^HTTP\/1\.1 503 /);
  expect(text().toLowerCase()).toContain("retry-after: 1");
  await expect.poll(text).toContain('"code":"OVERLOADED"');
  first.send("1\n");
  await expect.poll(first.text).toContain('{"index":0,"output":1}\n');
  // So long the refused one may take to read why.
  await clock.advance(1_000);
});

test("lines that are half read take so much memory together at most", async () => {
  const service = await started({ ...limits, maxBodyBytes: 10_000, maxRecordsInFlight: 2 });
  const half = `"${"x".repeat(9_000)}`;
  const senders: Sender[] = [];
  for (let count = 0; count < 3; count++) {
    const sender = await opened(service);
    sender.send(half);
    senders.push(sender);
    // Answered after it was read.
    await execute(service);
  }
  const [first, ...others] = senders;
  await expect.poll(() => first?.text()).toContain('"code":"OVERLOADED"');
  for (const { send, text, finish } of others) {
    send('"\n');
    finish();
    await expect.poll(text).toContain('{"index":0,"output":"xxx');
  }
});

test("a service that stops waits for records that it has read, and not for callers who do nothing", async () => {
  const { agent, begun, letGo } = holding();
  const service = await started({ drainTimeoutMs: 20_000 }, agent);
  const [silent, half, sending] = [await opened(service), await opened(service), await opened(service)];
  half.send("1");
  sending.send("1\n2\n");
  await expect.poll(() => begun).toEqual([1, 2]);
  const closed = service.close();
  for (const { closed: end } of [silent, half]) expect(await end).toContain('"code":"OVERLOADED"');
  sending.send("3\n");
  sending.finish();
  await expect.poll(() => begun).toEqual([1, 2, 3]);
  letGo();
  const text = await sending.closed;
  for (const index of [0, 1, 2]) expect(text).toContain(`{"index":${index},"output":${index + 1}}\n`);
  await closed;
  expect(await service.stopped).toBe(true);
});
