import { once } from "node:events";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { type Context, createLog, defineAgent, pipeline, Secret, systemClock } from "@atomic-agents/core";
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

function doing(execute: (given: unknown, ctx: Context) => unknown) {
  return defineAgent({
    name: "doing",
    description: "Does as the test says.",
    input: z.unknown(),
    output: z.unknown(),
    execute,
  });
}

const shout = defineAgent({
  name: "shout",
  description: "Turns text into capitals.",
  input: z.string(),
  output: z.string(),
  execute: (text) => text.toUpperCase(),
});

/** A response whose body the test reads. */
async function open(service: RunningService, input: unknown, context?: object): Promise<IncomingMessage> {
  const request = httpRequest(`${service.url}/stream`, {
    method: "POST",
    agent: false,
    headers: { "content-type": "application/json" },
  });
  request.end(JSON.stringify({ input, context }));
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.setEncoding("utf8");
  response.on("error", () => {});
  return response;
}

interface Event {
  readonly event: string;
  readonly id?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function eventsOf(text: string): Event[] {
  expect(text.endsWith("\n\n")).toBe(true);
  return text
    .split("\n\n")
    .filter((part) => part !== "" && !part.startsWith(":"))
    .map((part) => {
      const fields = new Map(
        part.split("\n").map((line) => [line.split(": ", 1)[0], line.replace(/^\w+: /, "")]),
      );
      const id = fields.get("id");
      // What every event has.
      const data = JSON.parse(fields.get("data") ?? "") as Event["data"];
      return { event: fields.get("event") ?? "", ...(id === undefined ? {} : { id }), data };
    });
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return text;
}

test("tells the events of the run, then the output", async () => {
  await using service = await serve(shout, settings);
  const response = await open(service, "ä\n😀");
  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-store",
  });
  const runId = response.headers["atomic-run-id"];
  const events = eventsOf(await textOf(response));
  expect(events.map(({ event, id, data }) => [event, id, data["type"]])).toEqual([
    ["run", "0", "run-start"],
    ["run", "1", "stage-start"],
    ["run", "2", "stage-end"],
    ["run", "3", "run-end"],
    ["output", undefined, undefined],
  ]);
  expect(events.at(-1)?.data).toEqual({ output: "Ä\n😀", runId, durationMs: expect.any(Number) as number });
});

test("tells drafts as they come, and what was spent", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const agent = doing(async (_, ctx) => {
    ctx.partial({ text: "a" });
    await promise;
    ctx.partial({ text: "ab" });
    ctx.partial(5n);
    await turn();
    ctx.partial({ text: "abc" });
    ctx.budget.spend({ calls: 2, tokens: 7 });
    return { text: "abc" };
  });
  await using service = await serve(agent, settings);
  const response = await open(service, 1);
  let text = "";
  while (!text.includes('event: partial\ndata: {"text":"a"}\n\n'))
    text += String((await once(response, "data"))[0]);
  resolve();
  text += await textOf(response);
  const events = eventsOf(text);
  expect(events.filter(({ event }) => event === "partial").map(({ data }) => data)).toContainEqual({
    text: "abc",
  });
  expect(events.at(-1)).toMatchObject({ event: "output", data: { output: { text: "abc" } } });
});

test.each([
  ["at once", undefined],
  ["later", turn],
])("tells a draft that came %s after the beginning of its stage and before its end", async (_, wait) => {
  const agent = doing((given, ctx) => {
    ctx.partial("draft");
    return wait === undefined ? given : wait().then(() => given);
  });
  await using service = await serve(pipeline("outer").stage("inner", agent), settings);
  const events = eventsOf(await textOf(await open(service, 1)));
  expect(events.map(({ event, data }) => (event === "run" ? data["type"] : event))).toEqual([
    "run-start",
    "stage-start",
    "partial",
    "stage-end",
    "run-end",
    "output",
  ]);
});

test("tells no times beyond microseconds", async () => {
  let nowMs = 0;
  const clock = { ...systemClock, now: () => (nowMs += 1.000_100_03) };
  await using service = await serve(shout, { ...settings, clock });
  const response = await open(service, "a");
  const text = await textOf(response);
  const run = await fetch(`${service.url}/runs/${String(response.headers["atomic-run-id"])}`);
  const times = (text + (await run.text())).match(/(?<="\w*Ms":)[\d.]+/g) ?? [];
  expect(times.length).toBeGreaterThan(8);
  expect(times.filter((time) => !/^\d+(?:\.\d{1,3})?$/.test(time))).toEqual([]);
});

test("ends with an error, once, and shows what a problem shows", async () => {
  const secret = new Secret("hush-hush-hush");
  const agent = pipeline("outer").stage(
    "inner",
    doing((_, ctx) => {
      ctx.emit("note", { secret, text: "hush-hush-hush", big: 5n, own: 1 });
      throw new Error("private matter");
    }),
    { retry: { attempts: 2, baseDelayMs: 1 } },
  );
  await using service = await serve(agent, settings);
  const response = await open(service, 1);
  const text = await textOf(response);
  expect(text).not.toContain("private matter");
  expect(text).not.toContain("hush");
  const events = eventsOf(text);
  expect(events.filter(({ event }) => event === "error" || event === "output")).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({
    event: "error",
    data: { code: "EXECUTION", status: 500, stage: "inner", runId: response.headers["atomic-run-id"] },
  });
  expect(events.find(({ data }) => data["type"] === "stage-retry")).toMatchObject({
    data: { error: { type: "urn:atomic-agents:error:EXECUTION" } },
  });
  expect(events.find(({ data }) => data["type"] === "custom")).toMatchObject({
    data: { name: "note", data: { own: 1 } },
  });
});

test("an input that does not fit, and an output that is no JSON, are errors at the end", async () => {
  await using service = await serve([shout, doing(() => ({ a: 5n }))], settings);
  for (const [name, code] of [
    ["shout", "VALIDATION_INPUT"],
    ["doing", "VALIDATION_OUTPUT"],
  ] as const) {
    const answer = await fetch(`${service.url}/agents/${name}/stream`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"input":1}',
    });
    expect(answer.status).toBe(200);
    expect(eventsOf(await answer.text()).at(-1)).toMatchObject({ event: "error", data: { code } });
  }
});

test("what is wrong before the run begins is a problem", async () => {
  await using service = await serve(shout, settings);
  for (const [body, headers, status] of [
    ["{", {}, 400],
    ['{"input":"a"}', { "atomic-timeout-ms": "x" }, 400],
    ['{"input":"a"}', { "content-type": "text/plain" }, 415],
  ] as const) {
    const answer = await fetch(`${service.url}/stream`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
  }
});

test("writes a comment each 15 seconds while nothing happens", async () => {
  const clock = createVirtualClock();
  const { promise, resolve } = Promise.withResolvers<void>();
  await using service = await serve(
    doing(() => promise.then(() => 1)),
    { ...settings, clock },
  );
  const response = await open(service, 1);
  let text = "";
  response.on("data", (chunk: string) => (text += chunk));
  const comments = (): number => text.split("\n\n").filter((part) => part === ":").length;
  const settle = async (count: number): Promise<void> => {
    for (let turns = 0; turns < 1_000 && comments() < count; turns++) await turn();
  };
  await clock.advance(14_999);
  await settle(1);
  expect(comments()).toBe(0);
  await clock.advance(1);
  await settle(1);
  expect(comments()).toBe(1);
  await clock.advance(30_000);
  await settle(3);
  expect(comments()).toBe(3);
  resolve();
  await once(response, "end");
  expect(eventsOf(text).at(-1)).toMatchObject({ event: "output", data: { output: 1 } });
  expect(clock.pendingTimers).toBe(0);
});

test("a caller that goes away, wherever it does, has the run cancelled", async () => {
  const body = '{"input":1}';
  const head = `POST /stream HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  const signals: AbortSignal[] = [];
  const agent = doing((_, ctx) => {
    signals.push(ctx.signal);
    ctx.partial("draft");
    return new Promise(() => {});
  });
  await using service = await serve(agent, settings);
  // Within the request, then after so many bytes of the answer.
  for (const [sent, received] of [
    ...Array.from({ length: 20 }, (_, index) => [head.length + body.length - 20 + index, 0] as const),
    ...[0, 1, 50, 300, 400, 500].map((count) => [head.length + body.length, count] as const),
  ]) {
    for (const reset of [false, true]) {
      signals.length = 0;
      const socket = connect(service.port, "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      socket.write((head + body).slice(0, sent));
      let count = 0;
      while (count < received) {
        const chunk: unknown = socket.read(1);
        if (chunk === null) await once(socket, "readable");
        else count++;
      }
      if (reset) socket.resetAndDestroy();
      else socket.destroy();
      await once(socket, "close");
      for (let turns = 0; turns < 500 && !signals.some(({ aborted }) => aborted); turns++) await turn();
      expect(signals.every(({ aborted }) => aborted)).toBe(true);
      expect([received, signals.length >= Math.min(received, 1)]).toEqual([received, true]);
    }
  }
  expect((await fetch(`${service.url}/health`)).status).toBe(200);
});

test("a slow reader misses drafts and keeps nothing of them, and gets the end whole", async () => {
  let drafts = 0;
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const agent = doing(async (_, ctx) => {
    const large = "x".repeat(100_000);
    for (; drafts < 2_000; drafts++) {
      ctx.partial(`${drafts} ${large}`);
      await turn();
    }
    await enough;
    return "done";
  });
  await using service = await serve(agent, settings);
  const response = await open(service, 1);
  response.pause();
  while (drafts < 2_000) await turn();
  resolve();
  const events = eventsOf(await textOf(response));
  const seen = events
    .filter(({ event }) => event === "partial")
    .map(({ data }) => Number(JSON.stringify(data).slice(1).split(" ")[0]));
  expect(seen.length).toBeLessThan(500);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(events.at(-1)).toMatchObject({ event: "output", data: { output: "done" } });
});

test("a reader that is slower than a run of very many events misses the oldest, and can tell", async () => {
  const agent = doing(async (_, ctx) => {
    for (let number = 0; number < 20_000; number++) {
      ctx.emit("note", { number, filler: "x".repeat(1_000) });
      if (number % 100 === 0) await turn();
    }
    return "done";
  });
  await using service = await serve(agent, settings);
  const response = await open(service, 1);
  response.pause();
  for (let turns = 0; turns < 2_000; turns++) await turn();
  const events = eventsOf(await textOf(response));
  const notes = events.filter(({ data }) => data["type"] === "custom");
  // Two events come before the first note.
  // What the test's agent emits.
  for (const { id, data } of notes) expect(Number(id)).toBe((data["data"] as { number: number }).number + 2);
  expect(notes.length).toBeLessThan(20_000);
  expect(notes.at(-1)?.data).toMatchObject({ data: { number: 19_999 } });
  expect(events.at(-1)).toMatchObject({ event: "output", data: { output: "done" } });
});

test("a reader that takes nothing for too long is hung up on, and its run is cancelled", async () => {
  const clock = createVirtualClock();
  let signal: AbortSignal | undefined;
  const agent = doing(async (_, ctx) => {
    signal = ctx.signal;
    for (;;) {
      ctx.partial("x".repeat(1_000_000));
      await turn();
      if (ctx.signal.aborted) return;
    }
  });
  await using service = await serve(agent, {
    ...settings,
    clock,
    stallTimeoutMs: 5_000,
    timeoutMs: 1_000_000,
  });
  const response = await open(service, 1);
  response.pause();
  for (let turns = 0; turns < 300; turns++) await turn();
  await clock.advance(4_000);
  expect(signal?.aborted).toBe(false);
  await clock.advance(6_000);
  for (let turns = 0; turns < 300 && signal?.aborted !== true; turns++) await turn();
  expect(signal?.aborted).toBe(true);
  response.destroy();
});

test("a run that is cancelled from elsewhere ends its stream", async () => {
  const agent = doing(() => new Promise(() => {}));
  await using service = await serve(agent, settings);
  const response = await open(service, 1);
  const cancelled = await fetch(`${service.url}/runs/${String(response.headers["atomic-run-id"])}`, {
    method: "DELETE",
  });
  expect(cancelled.status).toBe(202);
  expect(eventsOf(await textOf(response)).at(-1)).toMatchObject({
    event: "error",
    data: { code: "CANCELLED", status: 499 },
  });
});

test("a service that stops lets a stream end, and ends it itself when that takes too long", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const patient = await serve(
    doing(() => promise),
    { ...settings, drainTimeoutMs: 60_000 },
  );
  const first = await open(patient, 1);
  const closing = patient.close();
  for (let turns = 0; turns < 50; turns++) await turn();
  resolve("done");
  expect(eventsOf(await textOf(first)).at(-1)).toMatchObject({ event: "output", data: { output: "done" } });
  await closing;

  const hasty = await serve(
    doing(() => new Promise(() => {})),
    settings,
  );
  const second = await open(hasty, 1);
  const text = textOf(second);
  await hasty.close();
  expect(eventsOf(await text).at(-1)).toMatchObject({
    event: "error",
    data: { code: "CONNECTION", status: 503, details: { executed: "perhaps" } },
  });
});

test("the deadline of the caller holds for a stream", async () => {
  const clock = createVirtualClock();
  await using service = await serve(
    doing(() => new Promise(() => {})),
    { ...settings, clock },
  );
  const answer = await fetch(`${service.url}/stream`, {
    method: "POST",
    headers: { "content-type": "application/json", "atomic-timeout-ms": "50" },
    body: '{"input":1}',
  });
  const text = await clock.until(answer.text());
  expect(eventsOf(text).at(-1)).toMatchObject({ event: "error", data: { code: "TIMEOUT" } });
});

test("a reader that takes nothing keeps no place when its work is done, and is cut off by so many others", async () => {
  const large = "x".repeat(20_000_000);
  const agent = doing((given) => (given === "large" ? large : given));
  await using service = await serve(agent, { ...settings, maxInFlight: 2, maxQueued: 0 });
  const execute = async (): Promise<number> => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${service.url}/execute`, { method: "POST", headers, body: '{"input":1}' });
    await answer.arrayBuffer();
    return answer.status;
  };
  const deaf: IncomingMessage[] = [];
  for (let count = 0; count < 4; count++) {
    const answer = await open(service, "large");
    deaf.push(answer);
    expect(await execute()).toBe(200);
  }
  const texts = await Promise.all(deaf.map((answer) => textOf(answer).catch(() => "cut off")));
  expect(texts.map((text) => text === "cut off" || text.endsWith("\n\n"))).toEqual([true, true, true, true]);
  expect(texts.map((text) => text === "cut off")).toEqual([true, true, false, false]);
});
