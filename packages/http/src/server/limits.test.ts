import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { createLog, defineAgent } from "@atomic-agents/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import type { ServeOptions } from "./options.ts";
import { type RunningService, serve } from "./serve.ts";

const settings: ServeOptions = {
  port: 0,
  handleSignals: false,
  drainDelayMs: 0,
  drainTimeoutMs: 100,
  log: createLog({ level: "silent" }),
};

/** How often an agent was reached. */
let executions = 0;

const echo = defineAgent({
  name: "echo",
  description: "Gives back what it is given.",
  input: z.unknown(),
  output: z.unknown(),
  execute: (input) => {
    executions++;
    return input;
  },
});

async function started(options: ServeOptions = {}): Promise<RunningService> {
  executions = 0;
  const service = await serve(echo, { ...settings, ...options });
  onTestFinished(service.close);
  return service;
}

async function opened({ port }: RunningService): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** All that comes until the other side closes. */
async function restOf(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  // One that is reset has closed as well.
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

async function sent(service: RunningService, text: string | Uint8Array): Promise<string> {
  const socket = await opened(service);
  const rest = restOf(socket);
  socket.write(text);
  return rest;
}

const head = "POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}

function problemOf(answer: string): unknown {
  expect(answer.toLowerCase()).toContain("content-type: application/problem+json");
  return JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));
}

function withBody(body: string, more = ""): string {
  return `${head}${more}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
}

describe("a body", () => {
  it("of the wrong type or coding is refused", async () => {
    const service = await started();
    const ask = async (
      headers: Record<string, string>,
      body: string | Uint8Array<ArrayBuffer> = '{"input":1}',
    ) => {
      const answer = await fetch(`${service.url}/execute`, { method: "POST", headers, body });
      return [answer.status, await answer.json()];
    };
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/json; charset=latin1",
      "",
    ]) {
      expect(await ask({ "content-type": type })).toMatchObject([
        415,
        { details: { problem: "content-type" } },
      ]);
    }
    const bomb = Uint8Array.from(gzipSync(Buffer.alloc(10_000_000, 32)));
    expect(await ask({ "content-type": "application/json", "content-encoding": "gzip" }, bomb)).toMatchObject(
      [415, { details: { problem: "content-encoding" } }],
    );
    expect(executions).toBe(0);
    for (const type of [
      "application/json",
      "Application/JSON ; charset=UTF-8",
      'application/json;charset="utf-8"',
    ]) {
      expect(await ask({ "content-type": type })).toMatchObject([200, { output: 1 }]);
    }
  });

  it.each([
    ["json", ""],
    ["json", "{"],
    ["json", "\uFEFF{}"],
    ["json", '{"input":01}'],
    ["shape", "[]"],
    ["shape", "null"],
    ["shape", "{}"],
    ["shape", '{"input":1,"inptu":2}'],
    ["shape", '{"input":1,"context":[]}'],
    ["shape", '{"input":1,"context":{"userId":5}}'],
    ["shape", '{"input":1,"context":{"requestId":"a\\r\\nb"}}'],
    ["shape", '{"input":1,"context":{"admin":true}}'],
    ["forbidden-name", '{"input":{"__proto__":{"a":1}}}'],
    ["forbidden-name", '{"input":[{"\\u005f_proto__":1}]}'],
    ["forbidden-name", '{"input":{"constructor":{"prototype":{}}}}'],
    ["too-deep", `{"input":${"[".repeat(64)}${"]".repeat(64)}}`],
    ["too-deep", `{"input":${'{"a":'.repeat(200)}1${"}".repeat(200)}}`],
    ["number", '{"input":1e999}'],
    ["number", '{"input":[1,-1e999]}'],
    ["number", `{"input":{"a":${"9".repeat(400)}}}`],
    ["too-many-values", `{"input":[${"1,".repeat(100_000)}1]}`],
  ])("is refused for %s: %.60s", async (problem, body) => {
    const service = await started();
    const answer = await sent(service, withBody(body));
    expect(statusOf(answer)).toBe(400);
    expect(problemOf(answer)).toMatchObject({ code: "BAD_REQUEST", details: { problem } });
    expect(executions).toBe(0);
  });

  it("that is no UTF-8 is refused", async () => {
    const service = await started();
    const bytes = Buffer.concat([Buffer.from('{"input":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    const text = `${head}Content-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`;
    const answer = await sent(service, Buffer.concat([Buffer.from(text), bytes]));
    expect(problemOf(answer)).toMatchObject({ details: { status: 400, problem: "utf-8" } });
  });

  it("at the limits comes back as it went", async () => {
    const service = await started({ maxBodyBytes: 1_000 });
    const input = { constructor: "a", prototype: {}, "": "\u0000\ud800é💥", big: 1e308, deep: [[[]]] };
    const answer = await sent(service, withBody(JSON.stringify({ input })));
    expect(statusOf(answer)).toBe(200);
    expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4))).toMatchObject({ output: input });
    const whole = JSON.stringify({ input: "x".repeat(1_000 - '{"input":""}'.length) });
    expect(statusOf(await sent(service, withBody(whole)))).toBe(200);
    expect(statusOf(await sent(service, withBody(`${whole} `)))).toBe(413);
  });

  it("in pieces is put together, and what comes after it is the next request", async () => {
    const service = await started();
    const socket = await opened(service);
    const rest = restOf(socket);
    socket.setNoDelay(true);
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
    for (const piece of ['{"in', 'put":', "7}"]) socket.write(`${piece.length}\r\n${piece}\r\n`);
    socket.write(`0\r\n\r\n${withBody('{"input":8}')}`);
    const answers = await rest;
    expect(answers.match(/"output":\d/g)).toEqual(['"output":7', '"output":8']);
  });

  it("that nobody wants is not read: of a gigabyte no more than the limit and 64 KiB", async () => {
    const service = await started();
    const accepted: Socket[] = [];
    const onSocket = (message: unknown): void => {
      // What this channel tells of.
      accepted.push((message as { readonly socket: Socket }).socket);
    };
    subscribe("net.server.socket", onSocket);
    onTestFinished(() => void unsubscribe("net.server.socket", onSocket));
    const mib = Buffer.alloc(1_048_576, 32);
    const chunked = Buffer.concat([Buffer.from("100000\r\n"), mib, Buffer.from("\r\n")]);
    const cases: readonly (readonly [string, Buffer, number])[] = [
      [`${head}Content-Length: 1073741824\r\n\r\n`, mib, 413],
      [`${head}Transfer-Encoding: chunked\r\n\r\n`, chunked, 413],
      ["GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1073741824\r\n\r\n", mib, 200],
      ["POST /nowhere HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", chunked, 404],
    ];
    for (const [start, piece, status] of cases) {
      const socket = await opened(service);
      const rest = restOf(socket);
      socket.write(start);
      const push = (): void => {
        while (!socket.destroyed && socket.write(piece));
      };
      socket.on("drain", push);
      push();
      const answer = await rest;
      expect(statusOf(answer)).toBe(status);
      expect(answer.toLowerCase()).toContain("connection: close");
      expect(accepted.at(-1)?.bytesRead).toBeGreaterThan(0);
      expect(accepted.at(-1)?.bytesRead).toBeLessThanOrEqual(1_048_576 + 65_536);
    }
    expect(executions).toBe(0);
  });

  it("is asked for only when it is wanted", async () => {
    const service = await started();
    const socket = await opened(service);
    const rest = restOf(socket);
    socket.write(`${head}Content-Length: 11\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`);
    await once(socket, "data");
    socket.write('{"input":1}');
    expect(await rest).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
    const refused = await sent(service, `${head}Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n`);
    expect(statusOf(refused)).toBe(413);
    expect(statusOf(await sent(service, `${head}Content-Length: 2\r\nExpect: tea\r\n\r\n{}`))).toBe(417);
  });

  it("that takes too long is given up on", async () => {
    const service = await started({ requestTimeoutMs: 200 });
    const answer = await sent(service, `${head}Content-Length: 100\r\n\r\n{`);
    expect(problemOf(answer)).toMatchObject({ details: { status: 408, problem: "slow" } });
  });

  it("that breaks off reaches no agent", async () => {
    const service = await started();
    const socket = await opened(service);
    socket.end(`${head}Content-Length: 100\r\n\r\n{"input":1}`);
    await restOf(socket);
    expect(executions).toBe(0);
  });
});

describe("a head", () => {
  const get = "GET /health HTTP/1.1\r\nHost: localhost\r\n";

  it.each([
    ["too large", `${get}A: ${"a".repeat(17_000)}\r\n\r\n`, 431],
    ["with too many headers", `${get}${"A: b\r\n".repeat(101)}\r\n`, 431],
    ["without a host", "GET /health HTTP/1.1\r\n\r\n", 400],
    ["with two tokens", `${get}Authorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n`, 400],
    ["with two hosts", `${get}Host: elsewhere\r\n\r\n`, 400],
    ["with a whole URL", "GET http://localhost/health HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
    ["with two lengths", `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400],
    [
      "with a length and a coding",
      `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ["with two codings", `${head}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 400],
    ["with a strange coding", `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 400],
    ["with a coding that is not the last", `${head}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`, 400],
    ["with a space before a colon", `${get}A : b\r\n\r\n`, 400],
    ["with a bare line feed", "GET /health HTTP/1.1\nHost: localhost\n\n", 400],
    ["with a control character", `${get}A: b\u0000c\r\n\r\n`, 400],
    ["with a length that is no number", `${head}Content-Length: +2\r\n\r\n{}`, 400],
    ["with a length that is negative", `${head}Content-Length: -2\r\n\r\n{}`, 400],
    ["with a chunk size that is none", `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`, 400],
    ["that is no HTTP", "\u0016\u0003\u0001\u0002\u0000\r\n\r\n", 400],
    ["of another version", "GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n", 400],
  ])("%s is refused with a problem, and the connection closed", async (_, text, status) => {
    const service = await started({ headersTimeoutMs: 300 });
    const answer = await sent(service, text);
    expect(statusOf(answer)).toBe(status);
    expect(answer.match(/^HTTP\/1\.1 \d{3}/gm)).toHaveLength(1);
    expect(problemOf(answer)).toMatchObject({ code: "BAD_REQUEST", status });
    expect(executions).toBe(0);
  });

  it.each([
    ["large", `A: ${"a".repeat(17_000)}\r\n`],
    ["many", "A: b\r\n".repeat(100)],
    ["far too many", "A: b\r\n".repeat(150)],
  ])("is told how many headers there may be, whoever finds that they are too %s", async (_, headers) => {
    const service = await started();
    const { detail } = problemOf(await sent(service, `${get}${headers}\r\n`)) as { detail: string };
    expect(detail).toMatch(/has more than .*\b100 headers$/);
  });

  it("that takes too long is given up on, and others are answered meanwhile", async () => {
    const service = await started({ headersTimeoutMs: 200 });
    const slow = await Promise.all(Array.from({ length: 50 }, () => opened(service)));
    const rests = slow.map(async (socket) => restOf(socket));
    for (const socket of slow) socket.write("POST /execute HTTP/1.1\r\nHo");
    const silent = restOf(await opened(service));
    expect((await fetch(`${service.url}/health`)).status).toBe(200);
    for (const answer of await Promise.all(rests)) expect(statusOf(answer)).toBe(408);
    expect(statusOf(await silent)).toBe(408);
  });
});

describe("a body that comes slowly", () => {
  it("takes nobody's place", async () => {
    const service = await started({ maxInFlight: 1, maxQueued: 0 });
    const slow = await opened(service);
    slow.write(`${head}Content-Length: 11\r\nConnection: close\r\n\r\n{"input"`);
    const rest = restOf(slow);
    const other = await sent(service, withBody('{"input":1}'));
    expect(statusOf(other)).toBe(200);
    slow.write(":2}");
    expect(statusOf(await rest)).toBe(200);
  });

  it("is let go, the oldest first, where there are too many of them", async () => {
    const service = await started({ maxInFlight: 1, maxBodyBytes: 100 });
    const began = `${head}Content-Length: 90\r\nConnection: close\r\n\r\n{"input":"${"a".repeat(70)}`;
    const [first, second] = [await opened(service), await opened(service)];
    first.write(began);
    // Answered after that has been read.
    await sent(service, withBody("{}"));
    second.write(began);
    expect(problemOf(await restOf(first))).toMatchObject({ code: "OVERLOADED" });
    second.write('aaaaaaaa"}');
    expect(statusOf(await restOf(second))).toBe(200);
  });
});

it("takes so many connections", async () => {
  const service = await started({ maxConnections: 2 });
  const [first] = [await opened(service), await opened(service)];
  const third = connect(service.port, "127.0.0.1");
  onTestFinished(() => void third.destroy());
  third.on("error", () => {});
  await restOf(third);
  expect(first.destroyed).toBe(false);
});

it("closes connections that nothing comes over", async () => {
  const service = await started({ keepAliveTimeoutMs: 1 });
  const answer = await sent(service, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect(statusOf(answer)).toBe(200);
});

it("leaves open those that wait for work", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const slow = defineAgent({
    name: "slow",
    description: "Takes its time.",
    input: z.unknown(),
    output: z.unknown(),
    execute: () => promise,
  });
  const service = await serve(slow, { ...settings, requestTimeoutMs: 50, keepAliveTimeoutMs: 1 });
  onTestFinished(service.close);
  const answer = sent(service, withBody('{"input":1}'));
  // Node.js looks after the connection several times meanwhile.
  setTimeout(() => resolve("done"), 300);
  expect(await answer).toContain('"output":"done"');
});

it("counts who goes away while it waits as gone, and not as refused", async () => {
  const held = Promise.withResolvers<void>();
  const part = { description: "Waits.", input: z.unknown(), output: z.unknown() };
  const holds = defineAgent({ ...part, name: "holds", execute: () => held.promise });
  const service = await serve(holds, { ...settings, maxInFlight: 1 });
  onTestFinished(service.close);
  const metrics = async (): Promise<string> => (await fetch(`${service.url}/metrics`)).text();
  const sockets = [await opened(service), await opened(service)];
  for (const socket of sockets) socket.write(withBody('{"input":1}'));
  await expect.poll(metrics).toContain("atomic_requests_queued 1");
  sockets[1]?.destroy();
  await expect
    .poll(metrics)
    .toContain('atomic_requests_total{service_type="holds",route="execute",status="499"} 1');
  held.resolve();
});

it("answers what has come while an agent kept the process busy", async () => {
  const service = await started({ requestTimeoutMs: 50 });
  const socket = await opened(service);
  // Taken after that connection.
  await fetch(`${service.url}/health`);
  socket.write(withBody('{"input":1}'));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
  expect(statusOf(await restOf(socket))).toBe(200);
});
