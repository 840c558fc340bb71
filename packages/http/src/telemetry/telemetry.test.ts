/** What a service counts, traces and logs, over real sockets. */
import { request } from "node:http";
import { openTelemetryTracer } from "@atomic-agents/core/opentelemetry";
import {
  createLog,
  defineAgent,
  type MetricsCollector,
  parseTraceContext,
  pipeline,
  type RequestMetric,
  traceParentOf,
} from "@atomic-agents/core";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { describe, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { remoteAgent } from "../client/index.ts";
import type { ServeOptions } from "../server/options.ts";
import { type RunningService, serve } from "../server/serve.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";
const traceparent = `00-${traceId}-${spanId}-01`;

/** Says where it stands in a trace, or fails with what it is told. */
const echo = defineAgent({
  name: "echo",
  description: "Does as it is told.",
  input: z.object({ fail: z.string().optional() }),
  output: z.object({ trace: z.unknown() }),
  execute: ({ fail }, ctx) => {
    if (fail !== undefined) throw new Error(fail);
    return { trace: ctx.trace };
  },
});

async function serving(options: ServeOptions = {}) {
  const lines: string[] = [];
  const log = createLog({ level: "info", write: (line) => lines.push(line) });
  const service = await serve(echo, { port: 0, handleSignals: false, drainDelayMs: 0, log, ...options });
  onTestFinished(() => service.close());
  // Of requests alone, not of the service's own life.
  const logged = () =>
    lines.map((line): Record<string, unknown> => JSON.parse(line)).filter(({ requestId }) => requestId);
  return { service, lines, logged };
}

async function execute(
  { url }: RunningService,
  input: unknown = {},
  headers: Readonly<Record<string, string>> = {},
) {
  const answer = await fetch(`${url}/execute`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ input }),
  });
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

async function scrape({ url }: RunningService): Promise<readonly string[]> {
  const answer = await fetch(`${url}/metrics`);
  expect(answer.status).toBe(200);
  return (await answer.text()).split("\n");
}

describe("metrics", () => {
  test("count requests by agent and status, and what is in flight", async () => {
    const { service } = await serving();
    await execute(service);
    await execute(service);
    await execute(service, { fail: "no" });
    await fetch(`${service.url}/none/${traceId}`);
    const lines = await scrape(service);
    expect(lines).toEqual(
      expect.arrayContaining([
        'atomic_requests_total{service_type="echo",route="execute",status="200"} 2',
        'atomic_requests_total{service_type="echo",route="execute",status="500"} 1',
        'atomic_requests_total{service_type="service",route="none",status="404"} 1',
        'atomic_request_duration_seconds_count{service_type="echo",route="execute"} 3',
        'atomic_active_services{service_type="echo"} 1',
        'atomic_runs_total{agent="echo",status="success"} 2',
        'atomic_runs_total{agent="echo",status="failed"} 1',
        'atomic_stage_duration_seconds_count{pipeline="echo",stage="echo"} 3',
        "atomic_requests_in_flight 0",
        "atomic_requests_queued 0",
      ]),
    );
    expect(lines.join("\n")).not.toContain(traceId);
  });

  test("are told to the user's collector too, and not spoilt by it", async () => {
    const requests: RequestMetric[] = [];
    const nothing = () => {};
    // As a careless one: a promise that nobody waits for.
    const fails: () => void = () => Promise.reject(new Error("no")) as unknown as undefined;
    const metrics: MetricsCollector = {
      request: (metric) => {
        requests.push(metric);
        return fails();
      },
      run: () => {
        throw new Error("no");
      },
      stage: fails,
      registration: nothing,
      healthCheck: nothing,
    };
    const { service, lines } = await serving({ metrics });
    for (let count = 0; count < 3; count++) expect((await execute(service)).status).toBe(200);
    expect(requests).toMatchObject(
      Array.from({ length: 3 }, () => ({
        serviceType: "echo",
        route: "execute",
        status: 200,
        durationMs: expect.any(Number),
      })),
    );
    expect(await scrape(service)).toContain('atomic_runs_total{agent="echo",status="success"} 3');
    expect(lines.filter((line) => line.includes("collector failed"))).toHaveLength(2);
  });

  test("tell requests apart by route, and count a stage for each record and none for their request", async () => {
    const { service } = await serving();
    const headers = { "content-type": "application/x-ndjson" };
    for (const body of ["{}\n{}\n", '{"fail":"no"}\n']) {
      const answer = await fetch(`${service.url}/records`, { method: "POST", headers, body });
      expect([answer.headers.get("x-accel-buffering"), answer.headers.get("cache-control")]).toEqual([
        "no",
        "no-store",
      ]);
      await answer.text();
    }
    const json = { "content-type": "application/json" };
    const streamed = await fetch(`${service.url}/stream`, {
      method: "POST",
      headers: json,
      body: '{"input":{}}',
    });
    await streamed.text();
    await fetch(`${service.url}/runs/none`);
    const lines = await scrape(service);
    const those = (start: string) => lines.filter((line) => line.startsWith(start)).toSorted();
    expect(those("atomic_requests_total")).toEqual([
      'atomic_requests_total{service_type="echo",route="records",status="200"} 2',
      'atomic_requests_total{service_type="echo",route="stream",status="200"} 1',
      'atomic_requests_total{service_type="service",route="runs",status="404"} 1',
    ]);
    expect(those("atomic_request_duration_seconds_count")).toHaveLength(3);
    expect(those("atomic_stage_duration_seconds_count")).toEqual([
      'atomic_stage_duration_seconds_count{pipeline="echo",stage="echo"} 4',
    ]);
    expect(those("atomic_stage_failures_total")).toEqual([
      'atomic_stage_failures_total{pipeline="echo",stage="echo",code="EXECUTION"} 1',
    ]);
  });

  test("count a stage for each record of a request that is cut off, too", async () => {
    const begun = Promise.withResolvers<void>();
    const held = defineAgent({
      name: "held",
      description: "Begins, and never ends.",
      input: z.number(),
      output: z.number(),
      execute: (given) => {
        if (given === 3) begun.resolve();
        return given === 1 ? given : new Promise<never>(() => {});
      },
    });
    const stages: string[] = [];
    const nothing = () => {};
    const metrics: MetricsCollector = {
      stage: ({ pipeline: name, stage, status }) => stages.push(`${name}/${stage} ${status}`),
      run: nothing,
      request: nothing,
      registration: nothing,
      healthCheck: nothing,
    };
    const log = createLog({ level: "silent" });
    const options = { port: 0, handleSignals: false, drainDelayMs: 0, drainTimeoutMs: 0, log, metrics };
    const service = await serve(held, options);
    const headers = { "content-type": "application/x-ndjson" };
    const answer = fetch(`${service.url}/records`, { method: "POST", headers, body: "1\n2\n3\n" });
    await begun.promise;
    await service.close();
    await (await answer).text();
    expect(stages).toEqual(["held/held success", "held/held cancelled", "held/held cancelled"]);
  });

  test("count the records of a request by what became of them", async () => {
    const failing = (name: string) =>
      defineAgent({
        name,
        description: "Fails at its own name.",
        input: z.string(),
        output: z.string(),
        execute: (text) => {
          if (text === name) throw new Error(text);
          return text;
        },
      });
    const sort = pipeline("sort")
      .stage("first", failing("drop"), { onError: "drop" })
      .stage("second", failing("letter"), { onError: "dead-letter" })
      .stage("third", failing("stop"));
    const log = createLog({ level: "silent" });
    const service = await serve(sort, { port: 0, handleSignals: false, drainDelayMs: 0, log });
    onTestFinished(() => service.close());
    const body = ['"a"', '"drop"', '"letter"', '"b"', '"stop"', "no JSON", "1", '"c"'].join("\n");
    const headers = { "content-type": "application/x-ndjson" };
    const answer = await fetch(`${service.url}/records`, { method: "POST", headers, body });
    expect((await answer.text()).trimEnd().split("\n")).toHaveLength(8);
    const counted = (await scrape(service)).filter((line) => line.startsWith("atomic_records_total"));
    expect(counted.toSorted()).toEqual([
      'atomic_records_total{flow="sort",stage="",outcome="delivered"} 3',
      'atomic_records_total{flow="sort",stage="",outcome="failed"} 1',
      // The number is refused by the first stage, which drops what it cannot take.
      'atomic_records_total{flow="sort",stage="first",outcome="filtered"} 2',
      'atomic_records_total{flow="sort",stage="second",outcome="deadLettered"} 1',
      'atomic_records_total{flow="sort",stage="third",outcome="failed"} 1',
    ]);
  });

  test("have the tokens of models that a meter has counted", async () => {
    const uses = [{ model: "m", usage: { inputTokens: 3, outputTokens: 4 } }];
    const { service } = await serving({ tokenUses: { uses } });
    expect(await scrape(service)).toContain('atomic_tokens_total{model="m",kind="output"} 4');
  });
});

describe("a trace", () => {
  function recording() {
    const exporter = new InMemorySpanExporter();
    const spanProcessors = [new SimpleSpanProcessor({ exporter })];
    const tracer = openTelemetryTracer({ tracerProvider: new TracerProvider({ spanProcessors }) });
    return { exporter, tracer };
  }

  test("of the caller goes on in the run, and from there to whom the agent calls", async () => {
    const { exporter, tracer } = recording();
    const { service, logged } = await serving({ tracer });
    const { body } = await execute(service, {}, { traceparent, tracestate: "vendor=a1" });
    const spans = exporter.getFinishedSpans();
    const run = spans.find(({ name }) => name === "run echo");
    expect(run?.parentSpanContext).toMatchObject({ traceId, spanId, isRemote: true });
    expect(new Set(spans.map((span) => span.spanContext().traceId))).toEqual(new Set([traceId]));
    const attempt = spans.find(({ name }) => name === "attempt 1");
    const { trace } = body.output;
    expect(trace).toEqual({ traceId, spanId: attempt?.spanContext().spanId, flags: 1, state: "vendor=a1" });
    expect(logged().at(-1)).toMatchObject({ message: "request", traceId });
  });

  test("goes from an agent through a service to another service, as one", async () => {
    const { exporter, tracer } = recording();
    const { service } = await serving({ tracer });
    const remote = await remoteAgent(service.url);
    onTestFinished(() => remote.close());
    const caller = await serve(pipeline("caller").stage(remote), {
      port: 0,
      handleSignals: false,
      drainDelayMs: 0,
      tracer,
      log: createLog({ level: "silent" }),
    });
    onTestFinished(() => caller.close());
    expect((await execute(caller, {}, { traceparent })).status).toBe(200);
    const spans = exporter.getFinishedSpans();
    const parentOf = (name: string) => spans.find((span) => span.name === name)?.parentSpanContext;
    const attempts = spans
      .filter(({ name }) => name === "attempt 1")
      .map((span) => span.spanContext().spanId);
    expect(parentOf("run caller")?.spanId).toBe(spanId);
    expect(attempts).toContain(parentOf("run echo")?.spanId);
    expect(parentOf("run echo")?.isRemote).toBe(true);
    expect(new Set(spans.map((span) => span.spanContext().traceId))).toEqual(new Set([traceId]));
  });

  test("of the caller is handed on where nobody traces", async () => {
    const { service } = await serving();
    const { body } = await execute(service, {}, { traceparent });
    expect(traceParentOf(body.output.trace)).toBe(traceparent);
  });

  test.each([
    "",
    "00",
    traceparent.toUpperCase(),
    `${traceparent}-x`,
    `${traceparent}${"0".repeat(600)}`,
    `00-${"0".repeat(32)}-${spanId}-01`,
    "ä".repeat(55),
    `${traceparent}, ${traceparent}`,
  ])("that is malformed is as if it had not come: %s", async (header) => {
    const { exporter, tracer } = recording();
    const { service } = await serving({ tracer });
    expect((await execute(service, {}, { traceparent: header, tracestate: "a=1" })).status).toBe(200);
    const run = exporter.getFinishedSpans().find(({ name }) => name === "run echo");
    expect(run?.parentSpanContext).toBeUndefined();
  });

  test("is one of its own where the caller has none", async () => {
    const { exporter, tracer } = recording();
    const { service } = await serving({ tracer });
    const { body } = await execute(service);
    expect(parseTraceContext(traceParentOf(body.output.trace))).toMatchObject({
      traceId: exporter.getFinishedSpans()[0]?.spanContext().traceId,
    });
  });

  test("by a tracer that fails harms no request", async () => {
    const tracer = {
      startSpan: () => {
        throw new Error("no");
      },
      within: () => {
        throw new Error("no");
      },
    };
    const { service } = await serving({ tracer });
    expect((await execute(service, {}, { traceparent })).status).toBe(200);
  });
});

describe("the access log", () => {
  test("has a line for each request", async () => {
    const token = "4f".repeat(20);
    const { service, lines, logged } = await serving({ tokens: [{ name: "ada", value: token }] });
    const authorization = `Bearer ${token}`;
    const { body } = await execute(service, {}, { authorization, "x-request-id": "r-1" });
    await execute(service, {}, { "x-request-id": "r-2" });
    await fetch(`${service.url}/nobody/knows?what=this`, { headers: { authorization } });
    await fetch(`${service.url}/health?at=all`);
    expect(logged()).toEqual([
      {
        time: expect.any(String),
        level: "info",
        message: "request",
        remote: "127.0.0.1",
        method: "POST",
        route: "/execute",
        agent: "echo",
        status: 200,
        durationMs: expect.any(Number),
        bytes: expect.any(Number),
        requestId: "r-1",
        runId: body.runId,
        tokenName: "ada",
      },
      expect.objectContaining({ route: "/execute", status: 401, code: "UNAUTHENTICATED", requestId: "r-2" }),
      expect.objectContaining({ method: "GET", route: "(none)", status: 404, tokenName: "ada" }),
      expect.objectContaining({ route: "/health", status: 200 }),
    ]);
    const requests = lines.filter((line) => !line.includes('"level":"warn"'));
    expect(requests.join("\n")).not.toMatch(/nobody|knows|what|this|all/);
  });

  test("says what ended at its caller's own deadline as no failure of the service", async () => {
    const slow = defineAgent({
      name: "slow",
      description: "Never ends.",
      input: z.unknown(),
      output: z.unknown(),
      execute: () => new Promise(() => {}),
    });
    const lines: string[] = [];
    const log = createLog({ level: "info", write: (line) => lines.push(line) });
    const common = { port: 0, handleSignals: false, drainDelayMs: 0, log, accessLog: false };
    const service = await serve(slow, { ...common, timeoutMs: 20 });
    onTestFinished(() => service.close());
    const asked = (timeout: Record<string, string>) =>
      fetch(`${service.url}/execute`, {
        method: "POST",
        headers: { "content-type": "application/json", ...timeout },
        body: '{"input":1}',
      });
    const levels = () => lines.map((line) => JSON.parse(line)).filter(({ requestId }) => requestId);
    expect((await asked({ "atomic-timeout-ms": "1" })).status).toBe(504);
    expect((await asked({ "atomic-timeout-ms": "soon" })).status).toBe(400);
    expect(levels()).toMatchObject([{ level: "info", message: "a caller's time was over" }]);
    expect(lines.join("")).not.toContain("stack");
    expect((await asked({})).status).toBe(504);
    expect(levels()).toMatchObject([{ level: "info" }, { level: "error", message: "request failed" }]);
  });

  test("says how much was sent, also on a connection that is used again", async () => {
    const { service, logged } = await serving();
    for (let count = 0; count < 2; count++) {
      const answer = await fetch(`${service.url}/health`);
      const body = await answer.text();
      const bytes = Number(logged().at(-1)?.["bytes"]);
      expect(bytes).toBeGreaterThan(body.length);
      expect(bytes).toBeLessThan(1_000);
    }
  });

  test("can be left out, while failures are still told", async () => {
    const { service, logged } = await serving({ accessLog: false });
    await execute(service);
    expect(logged()).toEqual([]);
    await execute(service, { fail: "the disk is full" });
    expect(logged()).toMatchObject([
      { level: "error", message: "request failed", error: { code: "EXECUTION" } },
    ]);
    expect(JSON.stringify(logged())).toContain("the disk is full");
  });

  test("is one line a request, whatever is sent", async () => {
    const { service, lines, logged } = await serving();
    const odd = "a\u009b31m\u0085b";
    await new Promise((resolve, reject) => {
      const headers = {
        "x-request-id": odd,
        "user-agent": odd,
        traceparent: odd,
        host: `localhost:${service.port}`,
      };
      request({ port: service.port, path: `/none/%0d%0a?${encodeURIComponent(odd)}`, headers })
        .on("response", (answer) => answer.resume().on("end", resolve))
        .on("error", reject)
        .end();
    });
    const { url } = service;
    await fetch(`${url}/agents/%0d%0aecho/execute`, { method: "POST" });
    await execute(service, { fail: "line\r\nbreak \u001b[31m red \u2028 \u0085" });
    expect(logged().length).toBeGreaterThanOrEqual(3);
    for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  });

  test("that fails harms no request", async () => {
    const fails = () => {
      throw new Error("the disk is full");
    };
    const log = { debug: fails, info: () => {}, warn: fails, error: fails, with: () => log };
    const { service } = await serving({ log });
    log.info = fails;
    expect((await execute(service)).status).toBe(200);
    expect((await execute(service, { fail: "no" })).status).toBe(500);
    log.info = () => {};
  });
});
