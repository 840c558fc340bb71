import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { AtomicError, type Context, createLog, defineAgent, pipeline, Secret } from "@atomic-agents/core";
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

const echo = doing((given) => given);

function execute(
  service: RunningService,
  input: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${service.url}/execute`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ input }),
    ...(signal === undefined ? {} : { signal }),
  });
}

interface RunState {
  readonly id: string;
  readonly status: string;
  readonly output?: unknown;
  readonly report: { readonly stages: readonly unknown[]; readonly error?: unknown };
}

async function stateOf(answer: Response): Promise<RunState> {
  // What the route answers with.
  return (await answer.json()) as RunState;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; turns < 2_000 && !isSo(); turns++) await turn();
  expect(isSo()).toBe(true);
}

/** Work that each call begins and the test ends. */
function heldWork() {
  const signals: AbortSignal[] = [];
  const ends: ((output: unknown) => void)[] = [];
  const agent = doing((_, ctx) => {
    signals.push(ctx.signal);
    return new Promise((resolve) => ends.push(resolve));
  });
  return { agent, signals, ends };
}

test("a run that has ended can be asked for, with its report and its output", async () => {
  await using service = await serve(pipeline("outer").stage("first", echo), settings);
  const executed = await execute(service, { a: 1 });
  const id = executed.headers.get("atomic-run-id");
  const answer = await fetch(`${service.url}/runs/${id}`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    id,
    agent: "outer",
    status: "success",
    output: { a: 1 },
    report: { runId: id, status: "success", stages: [{ id: "first", agent: "doing", status: "success" }] },
  });
});

test("a report shows no more of errors, metadata and secrets than a problem does", async () => {
  const secret = new Secret("hush-hush-hush");
  const agent = doing((_, ctx) => {
    ctx.setMetadata("password", "p4ss");
    ctx.setMetadata("note", { secret, text: "hush-hush-hush" });
    throw new Error("private matter");
  });
  await using service = await serve(agent, settings);
  const executed = await execute(service, 1);
  const id = executed.headers.get("atomic-run-id");
  expect(await executed.json()).toMatchObject({ code: "EXECUTION", runId: id });
  const answer = await fetch(`${service.url}/runs/${id}`);
  const text = await answer.text();
  for (const word of ["private matter", "hush", "p4ss", "stack"]) expect(text).not.toContain(word);
  expect(JSON.parse(text)).toMatchObject({
    status: "failed",
    report: { error: { code: "EXECUTION" }, stages: [{ error: { code: "EXECUTION" } }] },
  });
});

test("a run that goes on is told as it stands, and cancelled from another connection", async () => {
  const { agent, signals } = heldWork();
  await using service = await serve(agent, settings);
  const executing = execute(service, 1);
  await until(() => signals.length === 1);
  const streaming = await fetch(`${service.url}/stream`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"input":1}',
  });
  const url = `${service.url}/runs/${streaming.headers.get("atomic-run-id")}`;
  await until(() => signals.length === 2);
  expect(await stateOf(await fetch(url))).toMatchObject({
    status: "running",
    report: { stages: [{ status: "running" }] },
  });
  const first = await fetch(url, { method: "DELETE" });
  expect([first.status, (await stateOf(first)).status]).toEqual([202, "cancelled"]);
  await until(() => signals[1]?.aborted === true);
  expect(signals[0]?.aborted).toBe(false);
  await streaming.text();
  const again = await fetch(url, { method: "DELETE" });
  expect([again.status, (await stateOf(again)).status]).toEqual([200, "cancelled"]);
  await service.close();
  await executing.catch(() => {});
});

test("a caller whose run another request cancels is told so, with words for the status", async () => {
  const begun = Promise.withResolvers<string>();
  const agent = doing((_, ctx) => {
    begun.resolve(ctx.runId);
    return new Promise(() => {});
  });
  await using service = await serve(agent, settings);
  const executing = execute(service, 1);
  await fetch(`${service.url}/runs/${await begun.promise}`, { method: "DELETE" });
  const { status, statusText } = await executing;
  expect([status, statusText]).toEqual([499, "Client Closed Request"]);
});

test("there is no such run", async () => {
  await using service = await serve(echo, settings);
  for (const id of ["nothing", "__proto__", "%00", "a".repeat(500), "%22%0a"]) {
    for (const method of ["GET", "DELETE"]) {
      const answer = await fetch(`${service.url}/runs/${id}`, { method });
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: "NOT_FOUND", details: { what: "run" } });
    }
  }
});

test("runs are kept within the options' bounds", async () => {
  const clock = createVirtualClock();
  await using service = await serve(echo, { ...settings, clock, maxRuns: 3, runRetentionMs: 1_000 });
  const ids: string[] = [];
  for (let count = 0; count < 5; count++) {
    const executed = await execute(service, count);
    ids.push(executed.headers.get("atomic-run-id") ?? "");
    await executed.text();
  }
  const statuses = (): Promise<number[]> =>
    Promise.all(ids.map(async (id) => (await fetch(`${service.url}/runs/${id}`)).status));
  expect(await statuses()).toEqual([404, 404, 200, 200, 200]);
  await clock.advance(1_000);
  expect(await statuses()).toEqual([404, 404, 404, 404, 404]);
});

test("a caller who does not wait is told where the run is", async () => {
  const { agent, signals, ends } = heldWork();
  await using service = await serve(agent, settings);
  const accepted = await execute(service, 1, { prefer: "respond-async" });
  expect(accepted.status).toBe(202);
  const location = accepted.headers.get("location");
  const id = accepted.headers.get("atomic-run-id");
  expect(location).toBe(`/runs/${id}`);
  expect(accepted.headers.get("preference-applied")).toBe("respond-async");
  expect(await accepted.json()).toMatchObject({ id, agent: "doing" });
  await until(() => signals.length === 1);
  expect((await stateOf(await fetch(service.url + location))).status).toBe("running");
  ends[0]?.({ b: 2 });
  await turn();
  expect(await stateOf(await fetch(service.url + location))).toMatchObject({
    status: "success",
    output: { b: 2 },
  });
});

test("a run that nobody waits for outlives its connection, and holds a place until it ends", async () => {
  const { agent, signals, ends } = heldWork();
  await using service = await serve(agent, { ...settings, maxInFlight: 1, maxQueued: 0 });
  const body = '{"input":1}';
  const socket = connect(service.port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(
    `POST /execute HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nprefer: respond-async\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  const [head] = (await once(socket, "data")) as [Buffer];
  socket.resetAndDestroy();
  await until(() => signals.length === 1);
  const refused = await execute(service, 1);
  expect(refused.status).toBe(503);
  expect(signals[0]?.aborted).toBe(false);
  ends[0]?.("done");
  const location = /location: (\S+)/i.exec(head.toString())?.[1] ?? "";
  expect(await stateOf(await fetch(service.url + location))).toMatchObject({
    status: "success",
    output: "done",
  });
  const next = execute(service, 1);
  await until(() => signals.length === 2);
  ends[1]?.("next");
  expect((await next).status).toBe(200);
});

test("a service that stops waits for runs that nobody waits for, and cancels them in the end", async () => {
  const { agent, signals, ends } = heldWork();
  const patient = await serve(agent, { ...settings, drainTimeoutMs: 60_000 });
  await execute(patient, 1, { prefer: "respond-async" });
  await until(() => signals.length === 1);
  let isClosed = false;
  const closing = patient.close().then(() => (isClosed = true));
  for (let turns = 0; turns < 200; turns++) await turn();
  expect([isClosed, signals[0]?.aborted]).toEqual([false, false]);
  ends[0]?.("done");
  await closing;
  expect(signals[0]?.aborted).toBe(false);

  const hasty = await serve(agent, settings);
  await execute(hasty, 1, { prefer: "respond-async" });
  await until(() => signals.length === 2);
  await hasty.close();
  expect(signals[1]?.aborted).toBe(true);
});

test("what a request that does not wait gets wrong is told at once, or by its run", async () => {
  const agent = defineAgent({
    name: "strict",
    description: "Takes text.",
    input: z.string(),
    output: z.string(),
    execute: (text) => text,
  });
  await using service = await serve(agent, settings);
  const wrong = await execute(service, 1, { prefer: "respond-async", "atomic-timeout-ms": "x" });
  expect(wrong.status).toBe(400);
  const accepted = await execute(service, 1, { prefer: "respond-async" });
  expect(accepted.status).toBe(202);
  const state = await stateOf(await fetch(service.url + (accepted.headers.get("location") ?? "")));
  expect(state).toMatchObject({ status: "failed", report: { error: { code: "VALIDATION_INPUT" } } });
});

const token = (name: string): string => name.repeat(40).slice(0, 40);
const bearer = (name: string): Record<string, string> => ({ authorization: `Bearer ${token(name)}` });
const tokens: ServeOptions["tokens"] = [
  { name: "ada", value: token("ada"), scopes: ["execute"] },
  { name: "bob", value: token("bob"), scopes: ["execute"] },
  { name: "eve", value: token("eve"), scopes: ["read"] },
  { name: "root", value: token("root"), scopes: ["admin"] },
];

test("tokens see and cancel their own runs, others with the scope for it", async () => {
  const { agent, signals } = heldWork();
  await using service = await serve(agent, { ...settings, tokens });
  const begin = async (): Promise<string> => {
    const accepted = await execute(service, 1, { prefer: "respond-async", ...bearer("ada") });
    return service.url + (accepted.headers.get("location") ?? "");
  };
  const url = await begin();
  const nothing = `${service.url}/runs/nothing`;
  const statusOf = async (where: string, name: string | undefined, method = "GET"): Promise<number> => {
    const answer = await fetch(where, { method, headers: name === undefined ? {} : bearer(name) });
    return answer.status;
  };
  expect(await statusOf(url, undefined)).toBe(401);
  expect(await statusOf(url, "ada")).toBe(200);
  expect(await statusOf(url, "eve")).toBe(200);
  expect(await statusOf(nothing, "eve")).toBe(404);
  // Who may not see the runs of others does not learn which there are.
  expect([await statusOf(url, "bob"), await statusOf(nothing, "bob")]).toEqual([403, 403]);
  expect([await statusOf(url, "bob", "DELETE"), await statusOf(url, "eve", "DELETE")]).toEqual([403, 403]);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  expect(await statusOf(url, "ada", "DELETE")).toBe(202);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(await statusOf(await begin(), "root", "DELETE")).toBe(202);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

const key = (value: string): Record<string, string> => ({ "idempotency-key": value });

test("an idempotency key gives the first answer again, to the letter", async () => {
  let count = 0;
  await using service = await serve(
    doing(() => ({ count: ++count })),
    settings,
  );
  const first = await execute(service, 1, key("k"));
  const again = await execute(service, 1, key("k"));
  expect([first.headers.get("idempotent-replayed"), again.headers.get("idempotent-replayed")]).toEqual([
    null,
    "true",
  ]);
  expect(await again.text()).toBe(await first.text());
  expect(again.headers.get("atomic-run-id")).toBe(first.headers.get("atomic-run-id"));
  expect(again.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
  const other = await execute(service, 2, key("k"));
  expect(other.status).toBe(422);
  expect(await other.json()).toMatchObject({ code: "IDEMPOTENCY_CONFLICT", details: { key: "k" } });
  expect((await execute(service, 1, key("a b"))).status).toBe(400);
  expect(count).toBe(1);
});

test("equal requests at one time run the work once", async () => {
  const { agent, signals, ends } = heldWork();
  await using service = await serve(agent, settings);
  const answers = Promise.all(Array.from({ length: 20 }, () => execute(service, 1, key("k"))));
  await until(() => signals.length === 1);
  const conflict = await execute(service, 2, key("k"));
  expect(conflict.status).toBe(422);
  ends[0]?.("done");
  const bodies = await Promise.all((await answers).map((answer) => answer.text()));
  expect(new Set(bodies).size).toBe(1);
  expect(JSON.parse(bodies[0] ?? "")).toMatchObject({ output: "done" });
  expect(signals).toHaveLength(1);
});

test.each([
  ["that trying again may mend", new Error("broken"), 500, 2],
  [
    "that is final",
    new AtomicError("BUDGET_EXCEEDED", "no more", {
      details: { kind: "calls", limit: 1, spent: 1, asked: 1 },
    }),
    429,
    1,
  ],
])("of a failure %s the next request hears as it should", async (_, error, status, expected) => {
  let count = 0;
  const agent = doing(() => {
    count++;
    throw error;
  });
  await using service = await serve(agent, settings);
  for (let request = 0; request < 2; request++) {
    const answer = await execute(service, 1, key("k"));
    expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
  }
  expect(count).toBe(expected);
});

test("a request that no agent saw leaves the key to the next", async () => {
  await using service = await serve(echo, settings);
  const wrong = await execute(service, 1, { ...key("k"), "atomic-timeout-ms": "soon" });
  expect([wrong.status, (await execute(service, 1, key("k"))).status]).toEqual([400, 200]);
});

test("a first request that fails leaves the key to the next", async () => {
  let count = 0;
  const agent = doing(() => {
    if (++count === 1) throw new Error("broken");
    return "well";
  });
  await using service = await serve(agent, settings);
  expect((await execute(service, 1, key("k"))).status).toBe(500);
  const second = await execute(service, 1, key("k"));
  expect([second.status, second.headers.get("idempotent-replayed")]).toEqual([200, null]);
  expect((await execute(service, 1, key("k"))).headers.get("idempotent-replayed")).toBe("true");
  expect(count).toBe(2);
});

test("what a stop has cut off is not cancelled by its caller, with a key neither", async () => {
  const { agent, signals } = heldWork();
  const service = await serve(agent, settings);
  const answers = [1, 1].map((input) => execute(service, input, { "idempotency-key": "once" }));
  await until(() => signals.length === 1);
  await service.close();
  for (const answer of await Promise.all(answers)) {
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await answer.json()).toMatchObject({ code: "CONNECTION", details: { executed: "perhaps" } });
  }
});

test("a caller who goes away cancels the work unless another one waits for it", async () => {
  const { agent, signals, ends } = heldWork();
  await using service = await serve(agent, settings);
  const callers = [new AbortController(), new AbortController()];
  const lost = callers.map(({ signal }) => execute(service, 1, key("k"), signal).catch(() => {}));
  await until(() => signals.length === 1);
  callers[0]?.abort();
  await lost[0];
  for (let turns = 0; turns < 50; turns++) await turn();
  expect(signals[0]?.aborted).toBe(false);
  callers[1]?.abort();
  await until(() => signals[0]?.aborted === true);
  const again = execute(service, 1, key("k"));
  await until(() => signals.length === 2);
  ends[1]?.("done");
  expect(await (await again).json()).toMatchObject({ output: "done" });
});

test("keys of one caller are no keys of another", async () => {
  let count = 0;
  await using service = await serve(
    doing(() => ++count),
    { ...settings, tokens },
  );
  for (const [name, output] of [
    ["ada", 1],
    ["bob", 2],
    ["ada", 1],
  ] as const) {
    const answer = await execute(service, 1, { ...key("k"), ...bearer(name) });
    expect(await answer.json()).toMatchObject({ output });
  }
});

test("a run that nobody waits for is begun once for a key", async () => {
  const { agent, signals } = heldWork();
  await using service = await serve(agent, settings);
  const locations: (string | null)[] = [];
  for (let request = 0; request < 3; request++) {
    const answer = await execute(service, 1, { prefer: "respond-async", ...key("k") });
    expect(answer.status).toBe(202);
    locations.push(answer.headers.get("location"));
  }
  expect(new Set(locations).size).toBe(1);
  expect(signals).toHaveLength(1);
});

test.each<[string, Record<string, unknown>, string]>([
  ["metadata", { input: "well", context: { metadata: { text: "a".repeat(600) } } }, "/execute"],
  ["the text of an error", { input: "broken" }, "/execute"],
  ["events", { input: "told" }, "/stream"],
])("of runs with %s it knows as many as there is room for", async (_, body, path) => {
  const agent = doing((given, ctx) => {
    if (given === "broken") throw new Error("a".repeat(600));
    if (given === "told") ctx.emit("long", "a".repeat(600));
    return given;
  });
  await using service = await serve(agent, { ...settings, maxRunBytes: 4_000 });
  const ids: string[] = [];
  for (let run = 0; run < 9; run++) {
    const answer = await fetch(service.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    ids.push(answer.headers.get("atomic-run-id") ?? /"runId":"([^"]+)"/.exec(text)?.[1] ?? "");
  }
  const statuses = await Promise.all(
    ids.map(async (id) => (await fetch(`${service.url}/runs/${id}`)).status),
  );
  expect([statuses[0], statuses.at(-1)]).toEqual([404, 200]);
});
