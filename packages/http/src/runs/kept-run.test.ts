import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { defineAgent } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import * as z from "zod";
import { KeptRun } from "./kept-run.ts";

const Given = z.object({ text: z.string() });

const half = defineAgent({
  name: "half",
  description: "Gives the first half of a text.",
  input: Given,
  output: z.string(),
  execute: ({ text }, ctx) => {
    if (text === "") throw new Error("nothing to halve");
    ctx.setMetadata("length", text.length);
    return text.slice(0, text.length / 2);
  },
});

const options = () => ({ clock: createVirtualClock(), requestId: "r1", metadata: { tenant: "acme" } });

test.each(["abcd", ""])("tells of a run that has ended what the run itself would (%j)", async (text) => {
  const run = half.start({ text }, options());
  const kept = new KeptRun(run, "ada", 0);
  const result = await run.result;
  kept.end(result);
  expect(kept.id).toBe(run.id);
  expect(kept.status).toBe(run.status);
  expect(kept.hasEnded).toBe(true);
  expect(kept.report()).toEqual(run.report());
  expect(await kept.result()).toEqual(result);
  kept.cancel("too late");
  expect(kept.status).toBe(run.status);
});

test("a run that goes on is told of as it stands, and can be cancelled", async () => {
  const run = half.start({ text: "abcd" }, options());
  const kept = new KeptRun(run, undefined, 0);
  expect(kept).toMatchObject({ status: "pending", hasEnded: false });
  expect(kept.report().status).toBe("pending");
  kept.cancel("enough");
  expect(kept.status).toBe("cancelled");
  expect(await kept.result()).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
});

test("lets go of a run that has succeeded", async () => {
  setFlagsFromString("--expose-gc");
  // What the flag makes is a global of contexts that come after it.
  const collect = runInNewContext("gc") as () => void;
  const begin = async () => {
    const run = half.start({ text: "abcd" }, options());
    const kept = new KeptRun(run, undefined, 0);
    kept.end(await run.result);
    return { kept, run: new WeakRef(run) };
  };
  const { kept, run } = await begin();
  await setImmediate();
  collect();
  expect(run.deref()).toBeUndefined();
  expect(kept.report()).toMatchObject({ status: "success", metadata: { tenant: "acme", length: 4 } });
});
