import { anything } from "@atomic-agents/contracts";
import { createVirtualClock, scriptedAgent } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import { defineAgent, fallback, mapItems, parallel, pipeline, recover, sleep, withPolicy } from "../index.ts";

const busy = new Error("busy");
const takes = (delayMs: number, name = "slow") =>
  scriptedAgent({ name, script: [{ delayMs, output: "out" }] });
const failing = (delayMs = 0) => scriptedAgent({ name: "bad", script: [{ delayMs, error: busy }] });

test("an agent alone is one stage", async () => {
  const clock = createVirtualClock({ timestampMs: 5_000 });
  const run = takes(30).start("in", { clock, requestId: "r-1" });
  await clock.until(run.result);
  expect(run.report()).toEqual({
    runId: run.id,
    requestId: "r-1",
    agent: "slow",
    status: "success",
    startedAtMs: 5_000,
    durationMs: 30,
    stages: [{ id: "slow", agent: "slow", status: "success", attempts: 1, atMs: 0, durationMs: 30 }],
  });
});

test("a run is seen as it goes", async () => {
  const clock = createVirtualClock();
  const run = pipeline("p")
    .stage("a", takes(10))
    .stage("b", takes(20))
    .stage("c", takes(30))
    .start("in", { clock });
  const look = () => {
    const { status, durationMs, stages } = run.report();
    return [status, durationMs, ...stages.map((stage) => [stage.status, stage.attempts, stage.durationMs])];
  };
  const pending = ["pending", 0, 0];
  expect(look()).toEqual(["pending", 0, pending, pending, pending]);
  await clock.advance(0);
  expect(look()).toEqual(["running", 0, ["running", 1, 0], pending, pending]);
  await clock.advance(15);
  expect(look()).toEqual(["running", 15, ["success", 1, 10], ["running", 1, 5], pending]);
  await clock.runAll();
  await clock.advance(1_000);
  expect(look()).toEqual(["success", 60, ["success", 1, 10], ["success", 1, 20], ["success", 1, 30]]);
});

test("retries and waits between them count to the stage", async () => {
  const clock = createVirtualClock();
  const flaky = scriptedAgent({
    name: "flaky",
    script: [
      { delayMs: 5, error: busy },
      { delayMs: 5, error: busy },
      { delayMs: 5, output: "out" },
    ],
  });
  const policy = { retry: { attempts: 5, jitter: "none" } } as const;
  const run = pipeline("p").stage(flaky, policy).stage(takes(10)).start("in", { clock });
  await clock.until(run.result);
  expect(run.report().stages).toMatchObject([
    { id: "flaky", status: "success", attempts: 3, durationMs: 315 },
    { id: "slow", status: "success", attempts: 1, durationMs: 10 },
  ]);
});

test("an attempt that is still waited for is none", async () => {
  const clock = createVirtualClock();
  const busy = scriptedAgent({ name: "busy", script: [{ error: new Error("busy") }] });
  const retry = { attempts: 3, baseDelayMs: 1_000, jitter: "none" } as const;
  const run = pipeline("p").stage(busy, { retry }).start("in", { clock });
  const attempts = () => run.report().stages.map((stage) => stage.attempts);
  await clock.advance(999);
  expect(attempts()).toEqual([1]);
  await clock.advance(1);
  expect(attempts()).toEqual([2]);
  run.cancel("enough");
  await run.result;
  expect({ attempts: attempts(), calls: busy.calls.length }).toEqual({ attempts: [2], calls: 2 });
});

test("a failure is told where it was, and what came after was skipped", async () => {
  const clock = createVirtualClock();
  const run = pipeline("p")
    .stage(takes(10))
    .stage(failing(5))
    .stage("after", takes(1))
    .start("in", { clock });
  const result = await clock.until(run.result);
  const error = result.ok ? undefined : result.error;
  expect(run.report()).toMatchObject({
    status: "failed",
    durationMs: 15,
    stages: [
      { id: "slow", status: "success", durationMs: 10 },
      { id: "bad", status: "failed", attempts: 1, durationMs: 5, error: { code: "EXECUTION" } },
      { id: "after", status: "skipped", attempts: 0, durationMs: 0 },
    ],
  });
  expect(error?.report).toEqual(run.report());
  expect(run.report().stages[0]?.error).toBeUndefined();
});

test("composed agents show their parts, at any depth", async () => {
  const clock = createVirtualClock();
  const inner = pipeline("inner").stage("one", takes(10)).stage("two", takes(20));
  const both = parallel({ x: inner, y: takes(5) }, { name: "both" });
  const run = pipeline("outer").stage(both).stage("end", takes(1)).start("in", { clock });
  await clock.until(run.result);
  expect(run.report().stages).toEqual([
    {
      id: "both",
      agent: "both",
      status: "success",
      attempts: 1,
      atMs: 0,
      durationMs: 30,
      stages: [
        {
          id: "x",
          agent: "inner",
          status: "success",
          attempts: 1,
          atMs: 0,
          durationMs: 30,
          stages: [
            { id: "one", agent: "slow", status: "success", attempts: 1, atMs: 0, durationMs: 10 },
            { id: "two", agent: "slow", status: "success", attempts: 1, atMs: 10, durationMs: 20 },
          ],
        },
        { id: "y", agent: "slow", status: "success", attempts: 1, atMs: 0, durationMs: 5 },
      ],
    },
    { id: "end", agent: "slow", status: "success", attempts: 1, atMs: 30, durationMs: 1 },
  ]);
});

test("a composed agent that is run by itself shows its parts as its stages", async () => {
  const clock = createVirtualClock();
  const run = parallel({ x: takes(3), y: failing(1) }, { settled: true }).start("in", { clock });
  await clock.until(run.result);
  expect(run.report()).toMatchObject({
    agent: "parallel",
    status: "partial",
    stages: [
      { id: "x", status: "success" },
      { id: "y", agent: "bad", status: "failed", error: { code: "EXECUTION" } },
    ],
  });
});

test("what a fallback tried and what a recovery saved are to be seen", async () => {
  const clock = createVirtualClock();
  const tried = fallback([failing(2), takes(3)]);
  const saved = recover(failing(1), () => "saved");
  const run = pipeline("p").stage(tried).stage("saved", saved).start("in", { clock });
  await clock.until(run.result);
  expect(run.report().stages).toMatchObject([
    {
      id: "fallback",
      status: "success",
      stages: [
        { id: "bad", status: "failed", durationMs: 2 },
        { id: "slow", status: "success", durationMs: 3 },
      ],
    },
    { id: "saved", status: "success" },
  ]);
});

test("a sibling that was aborted is cancelled", async () => {
  const clock = createVirtualClock();
  const run = parallel({ x: takes(30), y: failing(1) }).start("in", { clock });
  await clock.until(run.result);
  expect(run.report().stages).toMatchObject([
    { id: "x", status: "cancelled", durationMs: 1, error: { code: "CANCELLED" } },
    { id: "y", status: "failed", durationMs: 1 },
  ]);
});

test("items are many: the report does not list them", async () => {
  const clock = createVirtualClock();
  const run = pipeline("p")
    .stage("all", mapItems(takes(1)))
    .start([1, 2, 3], { clock });
  await clock.until(run.result);
  expect(run.report().stages).toEqual([
    { id: "all", agent: "map-items", status: "success", attempts: 1, atMs: 0, durationMs: 1 },
  ]);
});

test("a loop over calls with the context keeps the report bounded", async () => {
  const quick = pipeline("quick").stage(
    defineAgent({
      name: "one",
      description: "Hands on.",
      input: anything(),
      output: anything(),
      execute: (input) => input,
    }),
  );
  const loop = defineAgent({
    name: "loop",
    description: "Calls many times.",
    input: anything(),
    output: anything(),
    execute: async (input, ctx) => {
      for (let count = 0; count < 1_500; count++) await quick.run(input, ctx);
      return "done";
    },
  });
  const run = pipeline("p").stage(loop).start("in");
  await run.result;
  expect(run.report().stages[0]?.stages).toHaveLength(1_000);
});

test("a deadline of the whole run is told by the stage that was running", async () => {
  const clock = createVirtualClock();
  const inner = pipeline("inner").stage("a", takes(10)).stage("b", takes(100));
  const run = pipeline("p").stage(inner).start("in", { clock, timeoutMs: 50 });
  await clock.until(run.result);
  expect(run.report()).toMatchObject({
    status: "failed",
    durationMs: 50,
    error: { code: "TIMEOUT", details: { scope: "run" } },
    stages: [
      {
        id: "inner",
        status: "failed",
        durationMs: 50,
        stages: [
          { id: "a", status: "success" },
          { id: "b", status: "cancelled", durationMs: 40 },
        ],
      },
    ],
  });
});

test("a policy around an agent takes no stage of its own", async () => {
  const clock = createVirtualClock();
  const steady = withPolicy(failing(1), { retry: { attempts: 2, jitter: "none" } });
  const waits = defineAgent({
    name: "waits",
    description: "Waits.",
    input: anything(),
    output: anything(),
    execute: (_input, ctx) => sleep(5, ctx),
  });
  const run = pipeline("p").stage("w", waits).stage("s", steady).start("in", { clock });
  const result = await clock.until(run.result);
  expect(result).toMatchObject({ ok: false, error: { stage: "s", agent: "bad" } });
  expect(run.events.snapshot().map((event) => ("stage" in event ? event.stage : ""))).not.toContain("s/bad");
});

test("a stage says when it began, in milliseconds since the run did", async () => {
  const clock = createVirtualClock({ startMs: 7_000 });
  const flaky = scriptedAgent({
    name: "flaky",
    script: [
      { delayMs: 5, error: busy },
      { delayMs: 5, output: "out" },
    ],
  });
  const inner = pipeline("inner").stage("one", takes(10)).stage("two", takes(20));
  const run = pipeline("p")
    .stage("first", takes(10))
    .stage(flaky, { retry: { attempts: 2, jitter: "none" } })
    .stage("both", parallel({ inner, y: takes(5) }))
    .stage(failing(1))
    .stage("after", takes(1))
    .start("in", { clock });
  await clock.until(run.result);
  // Two attempts of 5 ms, and 100 ms between them.
  expect(run.report()).toMatchObject({
    durationMs: 151,
    stages: [
      { id: "first", atMs: 0, durationMs: 10 },
      { id: "flaky", atMs: 10, durationMs: 110 },
      {
        id: "both",
        atMs: 120,
        durationMs: 30,
        stages: [
          { id: "inner", atMs: 120, stages: [{ atMs: 120 }, { atMs: 130, durationMs: 20 }] },
          { id: "y", atMs: 120, durationMs: 5 },
        ],
      },
      { id: "bad", atMs: 150, durationMs: 1 },
      { id: "after", atMs: 0, status: "skipped" },
    ],
  });
});

test("a run can be written as JSON", async () => {
  const run = takes(1).start("in");
  await run.result;
  expect(JSON.parse(JSON.stringify({ run }))).toEqual({
    run: { id: run.id, agent: "slow", status: "success" },
  });
});

test("a clock that steps back makes nothing take less than no time", async () => {
  const inner = createVirtualClock({ startMs: 1_000 });
  let backMs = 0;
  const clock = { ...inner, now: () => inner.now() - backMs };
  const steps = defineAgent({
    name: "steps",
    description: "Sets the clock back.",
    input: anything(),
    output: anything(),
    execute: (value) => {
      backMs += 300;
      return value;
    },
  });
  const run = pipeline("p").stage("a", steps).stage("b", steps).start("in", { clock });
  await run.result;
  const report = run.report();
  expect(report).toMatchObject({ status: "success", durationMs: 0 });
  for (const stage of report.stages) expect(stage).toMatchObject({ atMs: 0, durationMs: 0 });
  for (const event of run.events.snapshot()) expect(event.atMs).toBe(0);
});
