import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createLog, Secret } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeadLetter } from "../dead-letter.ts";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import type { FlowSummary } from "../summary.ts";
import { toArray } from "../to-array.ts";
import { fromHttp, type FromHttpOptions } from "./from-http.ts";
import { toHttp, type ToHttpOptions } from "./to-http.ts";

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** What the server answers, one request after the other; the last to all that follow. */
let answers: Answer[] = [];
let requests: { readonly request: IncomingMessage; readonly body: string }[] = [];
let sockets = new Set<Socket>();
let server: Server;
let origin = "";

beforeEach(async () => {
  answers = [];
  requests = [];
  sockets = new Set();
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      requests.push({ request, body });
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer === undefined) throw new Error("nothing to answer");
      answer(request, response, body);
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server on a port has an address with one.
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const silent = createLog({ level: "silent" });
const soon = { attempts: 3, baseDelayMs: 1 };

function say(
  status: number,
  body: string | Buffer = "",
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return (_, response) => void response.writeHead(status, headers).end(body);
}

async function get(path: string, options: FromHttpOptions = {}) {
  const records: unknown[] = [];
  const run = flow(fromHttp(`${origin}${path}`, { retry: soon, ...options })).start(toArray(records), {
    run: { log: silent },
  });
  const summary = await run.summary;
  expectBalance(summary);
  return { records, summary, progress: run.progress() };
}

async function post(records: readonly unknown[], options: ToHttpOptions = {}): Promise<FlowSummary> {
  const sink = toHttp(`${origin}/tickets?key=hidden`, { retry: soon, ...options });
  const summary = await flow(fromIterable(records)).to(sink, { run: { log: silent } });
  expectBalance(summary);
  return summary;
}

function expectBalance({ read, delivered, filtered, deadLettered, unfinished }: FlowSummary): void {
  expect(read).toBe(delivered + filtered + deadLettered + unfinished);
}

/** Lets the network do its work until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

describe("fromHttp", () => {
  it("reads records as they come, and knows how far it is", async () => {
    const body = '{"n":1}\nno\n{"n":2}\n';
    answers = [
      say(200, body, { "content-length": String(body.length), "content-type": "application/x-ndjson" }),
    ];
    const headers = { Authorization: new Secret("Bearer 12345678"), "x-own": "é" };
    const { records, summary, progress } = await get("/tickets?key=hidden", { headers });
    expect(records).toEqual([{ n: 1 }, { n: 2 }]);
    expect(progress).toMatchObject({ bytesRead: body.length, ratio: 1 });
    expect(summary.deadLetters[0]?.error.message).toBe(`${origin}/tickets:2:1: not JSON: unexpected "n"`);
    expect(requests[0]?.request.url).toBe("/tickets?key=hidden");
    expect(requests[0]?.request.headers).toMatchObject({ authorization: "Bearer 12345678", "x-own": "é" });
  });

  it("goes by the path's end, the content type, or what is said", async () => {
    const cases: readonly (readonly [
      path: string,
      type: string,
      body: string | Buffer,
      options?: FromHttpOptions,
    ])[] = [
      ["/a.csv?x=.json", "application/octet-stream", "n\n1\n"],
      ["/a", "text/csv; charset=utf-8", "n\n1\n"],
      ["/a", "text/tab-separated-values", "n\n1\n"],
      ["/a", "application/json", '[{"n":"1"}]'],
      ["/a.jsonl.gz", "application/gzip", gzipSync('{"n":"1"}')],
      ["/a.jsonl", "text/html", '[{"n":"1"}]', { format: "json" }],
    ];
    for (const [path, type, body, options] of cases) {
      answers = [say(200, body, { "content-type": type })];
      expect((await get(path, options)).records).toEqual([{ n: "1" }]);
    }
    answers = [say(200, "<html>", { "content-type": "text/html" })];
    const { summary } = await get("/login");
    expect(summary).toMatchObject({ status: "failed", error: { code: "CONFIG" } });
    expect(summary.error?.message).toContain("a name that ends in one of .jsonl");
  });

  it("unpacks what is packed for the way, and counts what came", async () => {
    const packed = gzipSync("1\n".repeat(10_000));
    const headers = { "content-encoding": "gzip", "content-length": String(packed.length) };
    answers = [say(200, packed, headers)];
    for (const path of ["/a.jsonl", "/a.jsonl.gz"]) {
      const { summary, progress } = await get(path);
      expect(summary).toMatchObject({ status: "success", read: 10_000 });
      expect(progress).toMatchObject({ bytesRead: packed.length, ratio: 1 });
    }
    answers = [say(200, "?", { "content-encoding": "br" })];
    expect((await get("/a.jsonl")).summary.error?.message).toContain("packed with gzip or not at all");
  });

  it("asks again for what may pass, and only before anything has come", async () => {
    answers = [
      say(503),
      (_, response) => response.destroy(),
      (_, response) => {
        response.writeHead(200, { "content-length": "10" });
        response.flushHeaders();
        setImmediate(() => response.destroy());
      },
      say(200, "1\n"),
    ];
    const { records, summary } = await get("/a.jsonl", { retry: { ...soon, attempts: 4 } });
    expect([records, summary.status, requests.length]).toEqual([[1], "success", 4]);

    requests = [];
    answers = [say(503, "try\r\n later\u0007")];
    expect((await get("/a.jsonl?key=hidden")).summary).toMatchObject({
      status: "failed",
      error: {
        code: "EXECUTION",
        message: `GET ${origin}/a.jsonl was answered with 503 Service Unavailable: try later`,
      },
    });
    expect(requests.length).toBe(3);
    for (const status of [400, 401, 403, 404, 204, 304, 501]) {
      requests = [];
      answers = [say(status)];
      expect((await get("/a.jsonl")).summary.error?.message).toContain(` with ${status} `);
      expect(requests.length).toBe(1);
    }
    await new Promise((resolve) => server.close(resolve));
    const { error } = (await get("/a.jsonl")).summary;
    expect(error?.message).toMatch(/failed: connect ECONNREFUSED/);
  });

  it("waits as long as the server asks, but not for ever", async () => {
    const clock = createVirtualClock();
    answers = [say(429, "", { "retry-after": "5" }), say(200, "1\n")];
    const run = flow(fromHttp(`${origin}/a.jsonl`)).start(toArray<unknown>([]), {
      run: { log: silent, clock },
    });
    await until(() => clock.nextTimerMs === 5_000);
    await clock.advance(4_999);
    expect(requests.length).toBe(1);
    await clock.advance(1);
    expect(await run.summary).toMatchObject({ status: "success", read: 1 });
    answers = [say(429, "", { "retry-after": "3600" })];
    expect((await get("/a.jsonl")).summary).toMatchObject({
      status: "failed",
      error: { code: "RATE_LIMITED", details: { retryAfterMs: 3_600_000 } },
    });
  });

  it("ends the flow as failed when the answer breaks off, with what was read counted", async () => {
    const broken: Answer = (_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("1\n2\n3");
      setImmediate(() => response.destroy());
    };
    const chunked: Answer = (_, response) => {
      response.write("1\n2\n3");
      setImmediate(() => response.destroy());
    };
    for (const answer of [broken, chunked]) {
      answers = [answer];
      requests = [];
      const { summary } = await get("/a.jsonl");
      expect(summary).toMatchObject({
        status: "failed",
        published: false,
        read: 2,
        error: { code: "EXECUTION" },
      });
      expect(summary.error?.message).toContain("broke off after 5 bytes: aborted");
      expect(requests.length).toBe(1);
    }
  });

  it("gives up on a server that says nothing, or nothing more", async () => {
    for (const answer of [() => {}, (_, response) => void response.write("1\n")] satisfies Answer[]) {
      const clock = createVirtualClock();
      answers = [answer];
      requests = [];
      const records: unknown[] = [];
      const source = fromHttp(`${origin}/a.jsonl`, { timeoutMs: 2_000, retry: { attempts: 1 } });
      const run = flow(source).start(toArray(records), { run: { clock } });
      await until(() => requests.length === 1 && (answer.length === 0 || records.length === 1));
      await clock.advance(2_000);
      expect(await run.summary).toMatchObject({
        status: "failed",
        read: records.length,
        error: { code: "TIMEOUT", message: `GET ${origin}/a.jsonl gave nothing for 2000 ms` },
      });
      await until(() => sockets.size === 0);
    }
  });

  it("follows redirects within bounds, and takes headers nowhere else", async () => {
    const other = origin.replace("127.0.0.1", "localhost");
    answers = [
      say(302, "", { location: "/b.jsonl" }),
      say(307, "", { location: `${other}/c.jsonl` }),
      say(200, "1\n"),
    ];
    const headers = { authorization: "Bearer 12345678", cookie: "a=b" };
    const { summary } = await get("/a.jsonl", { headers });
    expect(summary).toMatchObject({ status: "success", read: 1 });
    expect(
      requests.map(({ request }) => [request.url, request.headers.authorization, request.headers.cookie]),
    ).toEqual([
      ["/a.jsonl", "Bearer 12345678", "a=b"],
      ["/b.jsonl", "Bearer 12345678", "a=b"],
      ["/c.jsonl", undefined, undefined],
    ]);
    requests = [];
    answers = [say(301, "", { location: "/a.jsonl" })];
    expect((await get("/a.jsonl")).summary.error?.message).toContain("is one redirect after 5 others");
    expect(requests.length).toBe(6);
    for (const location of ["file:///etc/passwd", "http://", "ftp://127.0.0.1/"]) {
      answers = [say(302, "", { location })];
      const { error } = (await get("/a.jsonl")).summary;
      expect(error?.message).toContain("leads to an address that is not followed");
    }
  });

  it("reads no more than is allowed", async () => {
    answers = [say(200, "1\n".repeat(100), { "content-length": "200" })];
    expect((await get("/a.jsonl", { maxBytes: 199 })).summary).toMatchObject({
      read: 0,
      error: { code: "CONFIG" },
    });
    answers = [say(200, gzipSync(Buffer.alloc(50_000_000, "1\n")), { "content-encoding": "gzip" })];
    const { summary } = await get("/a.jsonl", { maxBytes: 1_000_000 });
    expect(summary.error?.message).toBe(`${origin}/a.jsonl: has more than 1000000 bytes`);
  });

  it("lets go of the connection when the flow is cancelled", async () => {
    answers = [(_, response) => void response.write("1\n")];
    const records: unknown[] = [];
    const run = flow(fromHttp(`${origin}/a.jsonl`)).start(toArray(records));
    await until(() => records.length === 1);
    run.cancel("enough");
    expect(await run.summary).toMatchObject({ status: "cancelled", read: 1, delivered: 1 });
    await until(() => sockets.size === 0);
  });
});

describe("toHttp", () => {
  const records = Array.from({ length: 5 }, (_, index) => ({ id: index, text: "é" }));

  it("sends batches, which count when they are acknowledged", async () => {
    answers = [say(200, "x".repeat(100_000)), say(204)];
    const summary = await post(records, {
      batchSize: 2,
      headers: { authorization: new Secret("Bearer 12345678") },
    });
    expect(summary).toMatchObject({ status: "success", delivered: 5, published: true });
    expect(requests.map(({ body }) => body)).toEqual([
      '{"id":0,"text":"é"}\n{"id":1,"text":"é"}\n',
      '{"id":2,"text":"é"}\n{"id":3,"text":"é"}\n',
      '{"id":4,"text":"é"}\n',
    ]);
    expect(requests[0]?.request).toMatchObject({
      method: "POST",
      url: "/tickets?key=hidden",
      headers: { "content-type": "application/x-ndjson", authorization: "Bearer 12345678" },
    });
    expect(requests.map(({ request }) => request.headers["idempotency-key"])).toEqual(
      [1, 2, 3].map((batch) => `${summary.runId}-${batch}`),
    );
    requests = [];
    await post(records.slice(0, 2), { format: "json" });
    expect(requests.map(({ body }) => JSON.parse(body) as unknown)).toEqual([records.slice(0, 2)]);
    expect(requests[0]?.request.headers["content-type"]).toBe("application/json");
    expect(await post([1n, 2])).toMatchObject({ status: "partial", delivered: 1, deadLettered: 1 });
  });

  it("sends a batch again under the same key, and then fails with what was acknowledged counted", async () => {
    answers = [say(200), say(503), (_, response) => response.destroy(), say(200)];
    expect(await post(records, { batchSize: 2 })).toMatchObject({ status: "success", delivered: 5 });
    const keys = requests.map(({ request }) => String(request.headers["idempotency-key"]).split("-").at(-1));
    expect(keys).toEqual(["1", "2", "2", "2", "3"]);

    requests = [];
    answers = [say(200), say(500, "broken")];
    const summary = await post(records, { batchSize: 2 });
    expect(summary).toMatchObject({ status: "failed", published: false, delivered: 2 });
    expect(summary.error).toMatchObject({
      code: "EXECUTION",
      message: `POST ${origin}/tickets was answered with 500 Internal Server Error: broken`,
    });
    expect(requests.length).toBe(4);

    requests = [];
    answers = [say(422, '{"error":"no id"}')];
    const refused = await post(records);
    expect(refused.error?.message).toContain('422 Unprocessable Entity: {"error":"no id"}');
    expect(requests.length).toBe(1);
  });

  it("keeps records apart that the server refuses for what is in them, when that is asked for", async () => {
    let isMended = false;
    answers = [
      (_, response, body) => {
        const bad = body.includes('"id":2') && !isMended;
        response.writeHead(bad ? 422 : 200).end(bad ? "no id" : "");
      },
    ];
    const letters: DeadLetter[] = [];
    const side: unknown[] = [];
    const sink = toHttp(`${origin}/tickets`, { retry: soon, batchSize: 2, onError: "dead-letter" });
    const sent = flow(fromIterable(records)).tee(toArray(side));
    const first = await sent.to(sink, { deadLetters: toArray(letters), run: { log: silent } });
    expectBalance(first);
    expect(first).toMatchObject({ status: "partial", published: true, delivered: 3, deadLettered: 2 });
    expect(requests.length).toBe(3);
    expect(letters).toMatchObject(
      [2, 3].map((id) => ({
        record: id + 1,
        stage: sink.name,
        entry: { kind: "sink" },
        input: { id, text: "é" },
        error: { code: "EXECUTION", stage: sink.name, agent: undefined },
      })),
    );
    expect(letters[0]?.error.message).toContain("422 Unprocessable Entity: no id");

    isMended = true;
    requests = [];
    const second = await sent.redrive(letters).to(sink, { run: { log: silent } });
    expect(second).toMatchObject({ status: "success", read: 2, delivered: 2 });
    expect(requests.map(({ body }) => body)).toEqual(['{"id":2,"text":"é"}\n{"id":3,"text":"é"}\n']);
    expect(side).toEqual(records);
    for (const status of [401, 404, 500]) {
      answers = [say(status)];
      expect(await post(records, { onError: "dead-letter" })).toMatchObject({
        status: "failed",
        deadLettered: 0,
        unfinished: 5,
      });
    }
    answers = [say(400)];
    expect(await post(records)).toMatchObject({ status: "failed", unfinished: 5 });
    expect(() => toHttp(origin, { onError: "drop" as "stop" })).toThrow(
      "onError must be stop or dead-letter",
    );
  });

  it("waits as long as the server asks, and no longer than a write may take", async () => {
    for (const [retryAfter, status] of [
      ["5", "success"],
      ["100", "failed"],
    ] as const) {
      const clock = createVirtualClock();
      answers = [say(503, "", { "retry-after": retryAfter }), say(200)];
      requests = [];
      const run = flow(fromIterable([1])).start(toHttp(origin), { run: { log: silent, clock } });
      if (status === "success") {
        await until(() => clock.nextTimerMs === 5_000);
        expect(requests.length).toBe(1);
        await clock.advance(5_000);
      }
      expect((await run.summary).status).toBe(status);
      expect(requests.length).toBe(status === "success" ? 2 : 1);
    }
  });

  it("gives up on a server that says nothing", async () => {
    const clock = createVirtualClock();
    answers = [() => {}];
    const sink = toHttp(origin, {
      timeoutMs: 60_000,
      retry: { attempts: 5, jitter: "none", baseDelayMs: 1_000 },
    });
    const run = flow(fromIterable([1])).start(sink, { run: { log: silent, clock } });
    await until(() => requests.length === 1);
    await clock.advance(60_000);
    // The next attempt begins after a second, and has what is left.
    await until(() => clock.nextTimerMs === 61_000);
    await clock.advance(1_000);
    await until(() => requests.length === 2);
    await clock.advance(49_000);
    const summary = await run.summary;
    expect(summary).toMatchObject({ status: "failed", delivered: 0, unfinished: 1 });
    expect(summary.error?.message).toBe(`POST ${origin}/ gave nothing for 49000 ms`);
  });
});

it("refuses wrong addresses and options, and shows no secret in doing so", () => {
  const wrong: readonly (readonly [unknown, object, string])[] = [
    ["tickets", {}, "url"],
    ["ftp://host/", {}, "url"],
    ["http://user:secret-123456@host/a", {}, "url"],
    [undefined, {}, "url"],
    ["http://host/", { timeoutMs: 0 }, "timeoutMs"],
    ["http://host/", { timeoutMs: 200_000 }, "timeoutMs"],
    ["http://host/", { headers: { "a b": "secret-123456" } }, "headers"],
    ["http://host/", { headers: { a: "secret-123456\r\nb: c" } }, "headers.a"],
    ["http://host/", { headers: { a: 1 } }, "headers.a"],
    ["http://host/", { headers: { a: new Secret({ no: "text" }) } }, "headers.a"],
    ["http://host/", { retry: { attempts: 0 } }, "retry.attempts"],
    ["http://host/", { retry: { attempts: 1, baseDelayMs: -1 } }, "retry.baseDelayMs"],
    ["http://host/", { retry: { attempts: 1, jitter: "some" } }, "retry.jitter"],
    ["http://host/", { retry: { attempts: 1, when: () => true } }, "when"],
    ["http://host/", { batchSize: 0 }, "batchSize"],
  ];
  for (const [url, options, path] of wrong) {
    // What is tried here, types refuse.
    const make = (): unknown =>
      path === "batchSize"
        ? toHttp(url as string, options)
        : fromHttp(url as string, options as FromHttpOptions);
    let thrown: unknown;
    try {
      make();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "CONFIG", details: { path } });
    expect(String(thrown)).not.toContain("secret-123456");
  }
  expect(() => toHttp("http://host/", { format: "csv" as "json" })).toThrow("format must be jsonl or json");
});
