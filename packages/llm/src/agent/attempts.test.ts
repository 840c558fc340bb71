import { pipeline, recover } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineLlmAgent } from "./define-llm-agent.ts";
import type { LlmAgentDefinition } from "./llm-agent.ts";
import { type Reply, scriptedModel } from "./scripted-model-child.ts";

type Course = "fails" | "broken" | "fits" | "calls a tool";
type Options = Partial<LlmAgentDefinition<z.ZodString, z.ZodType<{ readonly kind: string }>>>;

/** The calls of a model that come of one input, with a retry around the agent. */
async function callsOf(course: readonly Course[], options: Options = {}, retries = 3) {
  const replies: Record<Course, Reply> = {
    fails: new Error("down"),
    broken: "I do not know",
    fits: '{"kind":"bug"}',
    "calls a tool": { toolCalls: [{ name: "none", input: {} }], finish: "tool-calls" },
  };
  const model = scriptedModel(course.map((each) => replies[each]));
  const agent = defineLlmAgent({
    name: "sort",
    description: "Sorts.",
    model,
    input: z.string(),
    output: z.object({ kind: z.string() }),
    ...options,
  });
  const around = pipeline("around").stage(agent, { retry: { attempts: retries } });
  const clock = createVirtualClock();
  const result = await clock.until(
    pipeline("further")
      .stage(around, { retry: { attempts: retries } })
      .tryRun("x", { clock, timeoutMs: 900_000 }),
  );
  return { result, calls: model.requests.length };
}

const all = (course: Course): readonly Course[] => Array<Course>(40).fill(course);

describe("the calls of a model for one record", () => {
  it("are no more where others try again, too", async () => {
    expect((await callsOf(all("fails"))).calls).toBe(3);
    expect((await callsOf(all("broken"))).calls).toBe(3);
    expect((await callsOf(["fails", "fails", "broken", "fits"])).result.ok).toBe(true);
    expect((await callsOf(["fails", "fails", "broken", "fails", ...all("fits")])).calls).toBe(4);
  });

  it("are those that fail and those that do not fit, not their product", async () => {
    const course = fc.array(fc.constantFrom<Course>("fails", "broken"), { minLength: 40, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        course,
        fc.integer({ min: 2, max: 4 }),
        fc.integer({ min: 0, max: 3 }),
        async (fates, attempts, reasks) => {
          const { result, calls } = await callsOf(fates, {
            calls: { attempts },
            reask: { attempts: reasks },
          });
          expect(result.ok).toBe(false);
          expect(calls).toBeLessThanOrEqual(attempts + reasks);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("begin anew with each round of tools", async () => {
    const tool = defineLlmAgent({
      name: "other",
      description: "Another one.",
      model: "simulated",
      input: z.object({}),
      output: z.string(),
    });
    const fates: readonly Course[] = ["fails", "fails", "calls a tool", "fails", "fails", "fits"];
    const { result, calls } = await callsOf(fates, { tools: [tool] });
    expect([result.ok, calls]).toEqual([true, 6]);
  });

  it("are left to others with a single attempt", async () => {
    const { result, calls } = await callsOf(["fails", "fails", "fits"], { calls: { attempts: 1 } });
    expect([result.ok, calls]).toEqual([true, 3]);
  });

  it("leave what failed to what recovers", async () => {
    const agent = defineLlmAgent({
      name: "sort",
      description: "Sorts.",
      model: scriptedModel([new Error("down"), new Error("down"), new Error("down")]),
      input: z.string(),
      output: z.string(),
    });
    const clock = createVirtualClock();
    const safe = recover(agent, () => "nothing");
    expect(await clock.until(safe.run("x", { clock }))).toBe("nothing");
  });
});
