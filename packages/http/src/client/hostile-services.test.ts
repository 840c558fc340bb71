import { createServer, type Server, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { AtomicError } from "@atomic-agents/core";
import { afterEach, describe, expect, test } from "vitest";
import { type RemoteAgent, remoteAgent, type RemoteAgentOptions } from "./index.ts";

const description = {
  name: "shout",
  version: "2.1.0",
  kind: "agent",
  description: "Turns text into capitals.",
  capabilities: ["text"],
  input: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  output: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  notJson: [],
  parts: [],
};
const goodBody = JSON.stringify({ output: { text: "HELLO" }, runId: "r-1", durationMs: 1 });

/** An answer as it goes over the wire. */
function http(status: string, headers: Readonly<Record<string, string>>, body: string | Buffer): Buffer {
  const lines = Object.entries({ "content-length": String(Buffer.byteLength(body)), ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${lines.join("")}\r\n`), Buffer.from(body)]);
}

const json = { "content-type": "application/json" };
const goodAnswer = http("200 OK", json, goodBody);
/** After this the connection is not used again. */
const lastAnswer = http("200 OK", { ...json, connection: "close" }, goodBody);
const interfaceAnswer = http("200 OK", json, JSON.stringify(description));

interface Hostile extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** What came, one text for each request. */
  readonly requests: readonly string[];
  readonly connections: () => number;
  /** How many of them are open. */
  readonly open: () => number;
  readonly close: () => Promise<void>;
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A server that describes an agent, and then does with each call whatever is asked. */
async function hostile(
  onCall: (socket: Socket, count: number) => void,
  first = interfaceAnswer,
): Promise<Hostile> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  let connections = 0;
  let calls = 0;
  const server: Server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length < end + 4 + length) return;
      const request = text;
      text = "";
      requests.push(request);
      if (request.startsWith("GET ")) socket.write(first);
      else onCall(socket, ++calls);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  closing.push(close);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => connections,
    open: () => sockets.size,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function remote(
  url: string,
  options: RemoteAgentOptions<undefined> = {},
): Promise<RemoteAgent<unknown, unknown>> {
  const agent = await remoteAgent(url, options);
  closing.push(agent.close);
  return agent;
}

async function failure(promise: Promise<unknown>): Promise<AtomicError> {
  const error: unknown = await promise.then(
    (value) => {
      throw new Error(`it gave ${JSON.stringify(value)}`);
    },
    (thrown: unknown) => thrown,
  );
  if (!AtomicError.isInstance(error)) throw error;
  return error;
}

/** The failure of a call that is answered like this. */
async function failureOf(
  answer: string | Buffer | ((socket: Socket) => void),
  options: RemoteAgentOptions<undefined> = {},
): Promise<AtomicError> {
  const service = await hostile((socket) => {
    if (typeof answer === "function") answer(socket);
    else socket.end(answer);
  });
  const agent = await remote(service.url, options);
  return failure(agent.run({ text: "hello" }));
}

/** A port where nobody listens. */
async function freePort(): Promise<number> {
  const service = await hostile(() => {});
  await service.close();
  return service.port;
}

describe("an answer that counts", () => {
  test("is given, and the agent is the one that is described", async () => {
    const service = await hostile((socket) => socket.write(goodAnswer));
    const agent = await remote(service.url, { connections: 1 });
    expect(agent).toMatchObject({
      name: "shout",
      version: "2.1.0",
      description: "Turns text into capitals.",
      capabilities: ["text"],
      url: service.url,
    });
    expect(await agent.run({ text: "hello", more: 1 })).toEqual({ text: "HELLO" });
    // As it was given: nothing is taken away that the service may want.
    expect(service.requests[1]).toContain('"input":{"text":"hello","more":1}');
    expect(service.connections()).toBe(1);
  });

  test("may come byte by byte", async () => {
    const service = await hostile((socket) => {
      socket.setNoDelay(true);
      for (const byte of goodAnswer) socket.write(Buffer.from([byte]));
    });
    expect(await (await remote(service.url)).run({ text: "hello" })).toEqual({ text: "HELLO" });
  });

  test("may come after an interim one", async () => {
    const service = await hostile((socket) =>
      socket.write(
        Buffer.concat([
          Buffer.from("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\ncontent-encoding: gzip\r\n\r\n"),
          goodAnswer,
        ]),
      ),
    );
    expect(await (await remote(service.url)).run({ text: "hello" })).toEqual({ text: "HELLO" });
  });
});

describe("nothing was executed", () => {
  test("when the connection is refused", async () => {
    const service = await hostile(
      (socket) => socket.end(lastAnswer),
      http("200 OK", { ...json, connection: "close" }, JSON.stringify(description)),
    );
    const agent = await remote(service.url);
    await agent.run({ text: "hello" });
    await service.close();
    const error = await failure(agent.run({ text: "hello" }));
    expect(error).toMatchObject({ code: "CONNECTION", retryable: true, agent: "shout" });
    expect(error.details).toMatchObject({ executed: "no", url: `${service.url}/execute` });
    expect(error.message).toContain("refused");
  });

  test("when there is no service at all, which is told at once", async () => {
    const port = await freePort();
    const error = await failure(remoteAgent(`http://127.0.0.1:${port}`));
    expect(error).toMatchObject({ code: "CONNECTION", details: { executed: "no" } });
    expect(error.hint).toContain("running");
  });

  test("when the host has no address", async () => {
    const error = await failure(remoteAgent("http://no-such-host.invalid"));
    expect(error).toMatchObject({ code: "CONNECTION", details: { executed: "no" } });
  });

  test("when the service sheds load", async () => {
    const problem = { code: "OVERLOADED", detail: "Full.", retryable: true, status: 503 };
    const error = await failureOf(
      http(
        "503 Service Unavailable",
        { "content-type": "application/problem+json", "retry-after": "2" },
        JSON.stringify(problem),
      ),
    );
    expect(error).toMatchObject({ code: "OVERLOADED", retryable: true, details: { retryAfterMs: 2_000 } });
  });

  test("when more calls wait than may", async () => {
    const waiting: Socket[] = [];
    const service = await hostile((socket) => waiting.push(socket));
    const agent = await remote(service.url, { connections: 1, maxWaiting: 1 });
    const first = agent.run({ text: "1" });
    const second = agent.run({ text: "2" });
    const third = await failure(agent.run({ text: "3" }));
    expect(third).toMatchObject({ code: "OVERLOADED", retryable: true });
    await expect.poll(() => waiting.length).toBe(1);
    waiting[0]?.write(goodAnswer);
    expect(await first).toEqual({ text: "HELLO" });
    await expect.poll(() => waiting.length).toBe(2);
    waiting[1]?.write(goodAnswer);
    expect(await second).toEqual({ text: "HELLO" });
  });
});

describe("something was perhaps executed", () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ["reset after the request", (socket) => void socket.resetAndDestroy(), "reset"],
    ["closed after the request", (socket) => void socket.end(), "closed"],
    ["closed within the head", (socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-le"), ""],
  ])("%s", async (_, answer, said) => {
    // A connection of its own: what is reused is repeated.
    const service = await hostile(
      answer,
      http("200 OK", { ...json, connection: "close" }, JSON.stringify(description)),
    );
    const agent = await remote(service.url);
    const error = await failure(agent.run({ text: "hello" }));
    expect(error).toMatchObject({ code: "CONNECTION", details: { executed: "perhaps" } });
    expect(error.message).toContain(said);
    expect(service.requests.filter((request) => request.startsWith("POST"))).toHaveLength(1);
  });

  test("and no answer that is cut counts, wherever it is cut", async () => {
    let cut = 0;
    const service = await hostile((socket) => void socket.end(goodAnswer.subarray(0, cut)));
    // Without a key nothing is repeated.
    const agent = await remote(service.url, {});
    for (cut = 0; cut < goodAnswer.length; cut++) {
      const error = await failure(agent.run({ text: "hello" }));
      expect(error).toMatchObject({ code: "CONNECTION", details: { executed: "perhaps" } });
    }
    expect(await agent.run({ text: "hello" })).toEqual({ text: "HELLO" });
  });

  test("nor one in chunks that is cut", async () => {
    const half = goodBody.slice(0, 20);
    const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    for (const tail of [
      "",
      `${half.length.toString(16)}\r\n${half}`,
      `${goodBody.length.toString(16)}\r\n${goodBody}\r\n`,
    ]) {
      expect(await failureOf(head + tail)).toMatchObject({
        code: "CONNECTION",
        details: { executed: "perhaps" },
      });
    }
  });

  test.each<[string, Buffer | string, string]>([
    [
      "a proxy's page",
      http("500 Internal Server Error", { "content-type": "text/html" }, "<h1>Oops</h1>\u001b[31m"),
      "<h1>Oops</h1>",
    ],
    [
      "a page with 200",
      http("200 OK", { "content-type": "text/html" }, "<p>Log in</p>"),
      "did not answer with JSON",
    ],
    ["no content type", http("200 OK", {}, goodBody), "did not answer with JSON"],
    ["what is not JSON", http("200 OK", json, '{"output":'), "not JSON"],
    ["what is not UTF-8", http("200 OK", json, Buffer.from('{"output":"\xff"}', "latin1")), "not JSON"],
    ["JSON without an output", http("200 OK", json, '{"result":{"text":"A"}}'), "without an output"],
    ["null", http("200 OK", json, "null"), "without an output"],
    [
      "an output that is inherited",
      http("200 OK", json, '{"__proto__":{"output":{"text":"A"}}}'),
      "without an output",
    ],
    ["another status", http("204 No Content", {}, ""), "another status"],
    [
      "an error without a problem",
      http("503 Service Unavailable", json, '{"error":"x"}'),
      "not one of an agent's",
    ],
    [
      "a problem that is none",
      http("500 E", { "content-type": "application/problem+json" }, '{"title":"x"}'),
      "not one of an agent's",
    ],
    ["what is not HTTP", "SSH-2.0-OpenSSH_9.6\r\n", "not HTTP"],
    ["huge headers", `HTTP/1.1 200 OK\r\nx: ${"a".repeat(100_000)}\r\n\r\n`, "head of the answer"],
    [
      "two lengths",
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{"out`,
      "shorter or longer than it says",
    ],
  ])("%s", async (_, answer, said) => {
    const error = await failureOf(answer, {});
    expect(error).toMatchObject({ code: "CONNECTION", details: { executed: "perhaps" } });
    expect(error.message).toContain(said);
    // Nothing of an answer reaches a terminal as anything but text.
    expect(error.message).not.toMatch(/\p{Cc}/u);
  });

  test("a redirect, which is not followed, whatever it shows of itself", async () => {
    const other = await hostile((socket) => socket.end(goodAnswer));
    for (const status of [
      "301 Moved",
      "302 Found",
      "303 See Other",
      "307 Temporary Redirect",
      "308 Permanent Redirect",
    ]) {
      const location = `${other.url}/execute?key=canary`;
      const error = await failureOf(http(status, { location }, ""), { token: "t-0123456789" });
      expect(error).toMatchObject({ code: "CONNECTION", details: { executed: "perhaps" } });
      expect(error.message).toContain("not followed");
      expect(error.message).not.toContain("canary");
    }
    expect(other.connections()).toBe(0);
  });

  test("an answer that is packed, however small it is", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, " "));
    const error = await failureOf(http("200 OK", { ...json, "content-encoding": "gzip" }, bomb));
    expect(error).toMatchObject({ code: "CONNECTION" });
    expect(error.message).toContain("gzip");
  });

  test("an answer that says that it is too long, and one that does not", async () => {
    const options = { maxResponseBytes: 10_000 };
    const said = await failureOf(
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999999999\r\n\r\n",
      options,
    );
    let sent = 0;
    let isClosed = false;
    const unsaid = await failureOf((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n");
      const chunk = Buffer.from(`1000\r\n${" ".repeat(4_096)}\r\n`);
      socket.on("close", () => {
        isClosed = true;
      });
      const more = (): void => {
        while (!socket.destroyed) {
          sent += chunk.length;
          if (!socket.write(chunk)) return;
        }
      };
      socket.on("drain", more);
      more();
    }, options);
    for (const error of [said, unsaid]) {
      expect(error).toMatchObject({ code: "CONNECTION", details: { executed: "perhaps" } });
      expect(error.message).toContain("longer than 10000 bytes");
    }
    await expect.poll(() => isClosed).toBe(true);
    expect(sent).toBeGreaterThan(10_000);
  });

  test("an answer that stops coming", async () => {
    const error = await failureOf(
      (socket) =>
        void socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"),
      { bodyTimeoutMs: 50 },
    );
    expect(error).toMatchObject({ code: "CONNECTION", details: { executed: "perhaps" } });
    expect(error.message).toContain("stopped coming");
  });
});

test("an answer whose head does not come is the caller's timeout, and hangs up", async () => {
  let hungUp = false;
  const service = await hostile((socket) => {
    socket.on("close", () => {
      hungUp = true;
    });
  });
  const agent = await remote(service.url, { timeoutMs: 50 });
  expect(await failure(agent.run({ text: "hello" }))).toMatchObject({
    code: "TIMEOUT",
    details: { scope: "attempt", timeoutMs: 50 },
  });
  await expect.poll(() => hungUp).toBe(true);
  expect(service.requests[1]).toMatch(/atomic-timeout-ms: (?:[1-4]?\d|50)\r\n/);
});

test("an output that breaks the contract is refused", async () => {
  const error = await failureOf(http("200 OK", json, '{"output":{"text":5}}'));
  expect(error).toMatchObject({
    code: "VALIDATION_OUTPUT",
    agent: "shout",
    details: { issues: [{ path: "text" }] },
  });
});

describe("a stream", () => {
  const head =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";
  const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
  const draft = 'event: partial\ndata: {"text":"H"}\n\n';
  const output = `event: output\ndata: ${goodBody}\n\n`;

  test("counts when its last event has come, whatever becomes of the connection then", async () => {
    const service = await hostile((socket) => {
      socket.write(head + chunk(draft) + chunk(output));
      setImmediate(() => socket.resetAndDestroy());
    });
    const agent = await remote(service.url, { stream: true });
    expect(await agent.run({ text: "hello" })).toEqual({ text: "HELLO" });
  });

  test("does not count when it is cut, wherever it is cut", async () => {
    const whole = draft + output;
    let cut = 0;
    const service = await hostile(
      (socket) => void socket.end(`${head}${chunk(whole.slice(0, cut))}0\r\n\r\n`),
    );
    const agent = await remote(service.url, { stream: true });
    for (cut = 1; cut < whole.length; cut++) {
      const error = await failure(agent.run({ text: "hello" }));
      expect(error).toMatchObject({ code: "CONNECTION", details: { executed: "perhaps" } });
    }
    expect(await agent.run({ text: "hello" })).toEqual({ text: "HELLO" });
  });

  test.each<[string, string, string]>([
    ["no event", "", "before the output"],
    ["only a comment", ": here\n\n", "before the output"],
    ["an event that is not JSON", "event: partial\ndata: {\n\n", "not JSON"],
    ["an output that is none", "event: output\ndata: {}\n\n", "without an output"],
    ["an error that is none", "event: error\ndata: {}\n\n", "what is no error"],
  ])("does not count with %s", async (_, events, said) => {
    const body = events === "" ? "" : chunk(events);
    const error = await failureOf(`${head}${body}0\r\n\r\n`, { stream: true });
    expect(error).toMatchObject({ code: "CONNECTION", details: { executed: "perhaps" } });
    expect(error.message).toContain(said);
  });

  test("does not count when it is JSON", async () => {
    const error = await failureOf(goodAnswer, { stream: true });
    expect(error).toMatchObject({ code: "CONNECTION" });
    expect(error.message).toContain("did not answer with a stream");
  });

  test("has events of a bounded length, and any number of them", async () => {
    const options = { stream: true, maxResponseBytes: 10_000 };
    const long = await failureOf(head + chunk(`data: ${"a".repeat(20_000)}`), options);
    expect(long).toMatchObject({ code: "CONNECTION" });
    const many = Array.from({ length: 1_000 }, () => chunk(draft)).join("");
    const service = await hostile((socket) => void socket.write(`${head}${many}${chunk(output)}0\r\n\r\n`));
    expect(await (await remote(service.url, options)).run({ text: "hello" })).toEqual({ text: "HELLO" });
  });

  test("that stops coming is not waited for without end", async () => {
    const error = await failureOf((socket) => void socket.write(head + chunk(draft)), {
      stream: true,
      bodyTimeoutMs: 50,
    });
    expect(error.message).toContain("stopped coming");
  });
});

describe("a connection that the service has closed meanwhile", () => {
  /** Closes the connection that was used before when the next request comes over it. */
  const stale = (answer: (socket: Socket) => void) => {
    const used = new Set<Socket>();
    return (socket: Socket): void => {
      if (used.has(socket)) {
        socket.resetAndDestroy();
        return;
      }
      used.add(socket);
      answer(socket);
    };
  };

  test("is no failure of a call with a key: it is sent once more, the same", async () => {
    const service = await hostile(stale((socket) => socket.write(goodAnswer)));
    const agent = await remote(service.url, { connections: 1, idempotencyKey: true });
    await agent.run({ text: "hello" });
    expect(await agent.run({ text: "hello" })).toEqual({ text: "HELLO" });
    const [, , second, again] = service.requests;
    expect(again).toBe(second);
    expect(again).toMatch(/idempotency-key: \S{36}/);
  });

  test("fails a call without a key, which was perhaps executed", async () => {
    const service = await hostile(stale((socket) => socket.write(goodAnswer)));
    const agent = await remote(service.url, { connections: 1 });
    await agent.run({ text: "hello" });
    expect(await failure(agent.run({ text: "hello" }))).toMatchObject({
      code: "CONNECTION",
      details: { executed: "perhaps" },
    });
    expect(service.requests).toHaveLength(3);
  });

  test("is met once, not without end", async () => {
    const service = await hostile((socket, count) => {
      if (count === 1) socket.write(goodAnswer);
      else socket.resetAndDestroy();
    });
    const agent = await remote(service.url, { connections: 1, idempotencyKey: true });
    await agent.run({ text: "hello" });
    expect(await failure(agent.run({ text: "hello" }))).toMatchObject({
      code: "CONNECTION",
      details: { executed: "perhaps" },
    });
    expect(service.requests).toHaveLength(4);
  });
});

describe("an interface", () => {
  const interfaceOf = async (
    answer: Buffer,
    options: RemoteAgentOptions<undefined> = {},
  ): Promise<AtomicError> => {
    const service = await hostile(() => {}, answer);
    return failure(remoteAgent(service.url, options));
  };

  test.each<[string, Buffer, string]>([
    ["of nothing", http("200 OK", json, "{}"), "without a name"],
    ["that is a list", http("200 OK", json, "[]"), "does not describe"],
    [
      "without schemas",
      http("200 OK", json, JSON.stringify({ ...description, input: undefined })),
      "schemas",
    ],
    [
      "with a name that is none",
      http("200 OK", json, JSON.stringify({ ...description, name: "a/b" })),
      "without a name",
    ],
    [
      "without a description",
      http("200 OK", json, JSON.stringify({ ...description, description: " " })),
      "without a description",
    ],
    ["that is a page", http("200 OK", { "content-type": "text/html" }, "<p>"), "did not answer with JSON"],
    ["elsewhere", http("302 Found", { location: "http://127.0.0.1:1/" }, ""), "not followed"],
    [
      "that is too long",
      Buffer.from("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n"),
      "longer than",
    ],
  ])("%s is refused, and nothing was executed", async (_, answer, said) => {
    const error = await interfaceOf(answer);
    expect(error).toMatchObject({ code: "CONNECTION", details: { executed: "no" } });
    expect(error.message).toContain(said);
  });

  test("with a schema that cannot be read is refused", async () => {
    const input = { type: "strnig" };
    const error = await interfaceOf(http("200 OK", json, JSON.stringify({ ...description, input })));
    expect(error).toMatchObject({ code: "INCOMPATIBLE", details: { side: "input", verdict: "unknown" } });
  });

  test("that is refused leaves no connection behind", async () => {
    const service = await hostile(() => {}, http("200 OK", json, "{}"));
    await failure(remoteAgent(service.url));
    await expect.poll(() => service.open()).toBe(0);
  });

  test("that does not come is not waited for without end", async () => {
    const error = await interfaceOf(Buffer.from(""), { interfaceTimeoutMs: 50 });
    expect(error).toMatchObject({ code: "CONNECTION", details: { executed: "no" } });
    expect(error.message).toContain("50 ms");
  });

  test("is given up on when the caller gives up", async () => {
    const controller = new AbortController();
    const service = await hostile(() => {}, Buffer.from(""));
    const waiting = failure(remoteAgent(service.url, { signal: controller.signal }));
    await expect.poll(() => service.requests.length).toBe(1);
    controller.abort(new Error("enough"));
    expect(await waiting).toMatchObject({ code: "CANCELLED" });
  });
});

test("connections are shared, and closed with the last agent, when calls in flight have ended", async () => {
  const waiting: Socket[] = [];
  const service = await hostile((socket) => waiting.push(socket));
  const first = await remoteAgent(service.url, { connections: 1 });
  const second = await remoteAgent(service.url, { connections: 1 });
  expect(service.connections()).toBe(1);
  await first.close();
  await first.close();
  const called = second.run({ text: "hello" });
  await expect.poll(() => waiting.length).toBe(1);
  const closed = second.close();
  expect(service.open()).toBe(1);
  waiting[0]?.write(goodAnswer);
  expect(await called).toEqual({ text: "HELLO" });
  await closed;
  await expect.poll(() => service.open()).toBe(0);
  expect(await failure(second.run({ text: "hello" }))).toMatchObject({
    code: "CONNECTION",
    details: { executed: "no" },
  });
});

test("no secret is shown, whatever fails", async () => {
  const token = "canary-0123456789-abcdefghij-0123456789";
  const service = await hostile((socket) => void socket.end("HTTP/1.1 500 E\r\n\r\n"));
  const agent = await remote(service.url, { token });
  const error = await failure(agent.run({ text: "hello" }));
  expect(service.requests[1]).toContain(`authorization: Bearer ${token}`);
  const shown = `${JSON.stringify(error)} ${error.stack} ${JSON.stringify(error.cause)} ${JSON.stringify(agent)}`;
  expect(shown).not.toContain("canary");
  const wrong = await failure(remoteAgent(service.url, { token: `${token}\n` }));
  expect(`${JSON.stringify(wrong)} ${wrong.stack}`).not.toContain("canary");
  expect(wrong).toMatchObject({ code: "CONFIG", details: { path: "token" } });
  const inUrl = await failure(remoteAgent(`http://user:${token}@127.0.0.1:1`));
  expect(`${JSON.stringify(inUrl)} ${inUrl.stack}`).not.toContain("canary");
});

test.each<[string, RemoteAgentOptions<undefined>]>([
  ["tokn", { tokn: "a" } as RemoteAgentOptions<undefined>],
  ["timeoutMs", { timeoutMs: -1 }],
  ["connections", { connections: 0 }],
  ["maxResponseBytes", { maxResponseBytes: Number.NaN }],
  ["agent", { agent: "" }],
])("a wrong option %s is told", async (path, options) => {
  expect(await failure(remoteAgent("http://127.0.0.1:1", options))).toMatchObject({
    code: "CONFIG",
    details: { path },
  });
});

test.each(["ftp://127.0.0.1", "127.0.0.1:80", "", "http://127.0.0.1/?a=1", "http://127.0.0.1/#a"])(
  "%j is no address of a service",
  async (url) => {
    expect(await failure(remoteAgent(url))).toMatchObject({ code: "CONFIG", details: { path: "url" } });
  },
);
