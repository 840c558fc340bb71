import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { branch, defineAgent, mapItems, parallel, pipeline, recover } from "../index.ts";

const Text = z.object({ text: z.string() });
const echo = defineAgent({
  name: "echo",
  description: "Gives its input.",
  input: Text,
  output: Text,
  execute: (i) => i,
});
const fail = defineAgent({
  name: "fail",
  description: "Fails.",
  input: Text,
  output: Text,
  execute: () => {
    throw new Error("no");
  },
});
const never = new Promise<never>(() => {});

describe("the functions of composed agents are waited for within a deadline", () => {
  it.each([
    ["the choice of a branch", branch(() => never, { echo })],
    ["the output of recover", recover(fail, () => never)],
  ])("%s", async (_what, agent) => {
    const clock = createVirtualClock();
    const running = agent.tryRun({ text: "a" }, { clock });
    await clock.advance(119_999);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    expect(await running).toMatchObject({ ok: false, error: { code: "TIMEOUT" } });
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("a failure that is part of the output makes the run partial", () => {
  it.each([
    ["parallel", parallel({ echo, fail }, { settled: true })],
    ["a stage", pipeline("p").stage(parallel({ echo, fail }, { settled: true }))],
  ])("%s", async (_what, agent) => {
    const run = agent.start({ text: "a" });
    expect(await run.result).toMatchObject({ ok: true });
    expect(run.status).toBe("partial");
    expect(run.report().status).toBe("partial");
    expect(run.events.snapshot().at(-1)).toMatchObject({ type: "run-end", status: "partial" });
  });

  it("not when all went well, nor when nothing is settled", async () => {
    const well = mapItems(echo, { settled: true }).start([{ text: "a" }]);
    await well.result;
    expect(well.status).toBe("success");
    const failed = parallel({ echo, fail }).start({ text: "a" });
    await failed.result;
    expect(failed.status).toBe("failed");
  });
});
