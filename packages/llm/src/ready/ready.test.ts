import { type AtomicError, defineAgent, pipeline, recover } from "@atomic-agents/core";
import { describe, expect, expectTypeOf, it } from "vitest";
import * as z from "zod";
import { memorySessions } from "../sessions/memory-sessions.ts";
import { type Reply, scriptedModel } from "../agent/scripted-model-child.ts";
import { defineAnalyzeToTasks } from "./define-analyze-to-tasks.ts";
import { defineClassifier } from "./define-classifier.ts";
import { defineContentAnalyzer } from "./define-content-analyzer.ts";
import { defineExtractor } from "./define-extractor.ts";
import { defineTaskProcessor, failedTask } from "./define-task-processor.ts";
import { Task, TaskResult } from "./task.ts";

const done = { status: "completed", result: "Done.", confidence: 0.9, suggestedActions: ["Rest"] } as const;
const analysis = { summary: "It is slow.", insights: ["i"], recommendations: ["first", "second", "third"] };

/** The JSON that a model was asked with. */
function askedOf(request: { readonly prompt: readonly unknown[] } | undefined): unknown {
  const last = request?.prompt.at(-1) as { readonly content: readonly { readonly text: string }[] };
  return JSON.parse(last.content[0]?.text ?? "null");
}

const say = (...answers: readonly unknown[]): readonly Reply[] => answers.map((one) => JSON.stringify(one));

describe("the task processor", () => {
  it("tells the model the task with its defaults, and gives it an id that the model has no say in", async () => {
    const model = scriptedModel(say({ ...done, taskId: "mine" }, done));
    const worker = defineTaskProcessor({ model, instructions: ["Be brief."] });
    const first = await worker.run({ description: "Plan it" });
    const second = await worker.run({
      description: "Plan it",
      priority: "critical",
      deadline: "Friday",
      context: { team: ["Ada"] },
    });
    expect(first).toEqual({ ...done, taskId: first.taskId });
    expect(first.taskId).toMatch(/^task-[0-9a-z]{12}$/);
    expect(second.taskId).not.toBe(first.taskId);
    expect(model.requests.map(askedOf)).toEqual([
      { description: "Plan it", priority: "medium" },
      { description: "Plan it", priority: "critical", deadline: "Friday", context: { team: ["Ada"] } },
    ]);
    expect(await worker.systemPrompt()).toContain("- Be brief.");
    expect(worker.name).toBe("task-processor");
  });

  it("shows drafts with the id", async () => {
    const run = defineTaskProcessor({ model: scriptedModel(say(done)) }).start({ description: "x" });
    const drafts: unknown[] = [];
    for await (const draft of run.partials) drafts.push(draft);
    const result = await run.result;
    expect(drafts.at(-1)).toEqual(result.ok ? result.output : undefined);
    expect(drafts.length).toBeGreaterThan(1);
  });

  it("is asked of another model by withModel, and refuses a task without words before any is asked", async () => {
    const [first, second] = [scriptedModel([]), scriptedModel(say(done))];
    const worker = defineTaskProcessor({ model: first }).withModel(second);
    expect((await worker.run({ description: "x" })).status).toBe("completed");
    const refused = await worker.tryRun({ description: " " });
    expect(refused.ok ? undefined : refused.error.code).toBe("VALIDATION_INPUT");
    expect([first.requests.length, second.requests.length]).toEqual([0, 1]);
  });

  it("remembers a session once it is given a store, and not before", async () => {
    const model = scriptedModel([() => JSON.stringify(done)]);
    const worker = defineTaskProcessor({ model });
    const remembering = worker.withSessions(memorySessions());
    for (const agent of [worker, worker, remembering, remembering]) {
      await agent.run({ description: "x" }, { sessionId: "s" });
    }
    await remembering.resetHistory({ sessionId: "s" });
    await remembering.run({ description: "x" }, { sessionId: "s" });
    expect(model.requests.map(({ prompt }) => prompt.length)).toEqual([2, 2, 2, 4, 2]);
    expect([worker.sessions, remembering.sessions === undefined]).toEqual([undefined, false]);
    // @ts-expect-error no store
    expect(() => worker.withSessions({})).toThrow("sessions");
  });

  it("gives a structured result in place of an error, by recover", async () => {
    const model = scriptedModel([() => "no"]);
    const worker = defineTaskProcessor({ model, reask: { attempts: 0 } });
    const result = await recover(worker, failedTask).run({ description: "x" });
    expect(result).toMatchObject({
      taskId: "task-failed-validation-output",
      status: "failed",
      confidence: 0,
      suggestedActions: [expect.stringContaining("rawText")],
    });
    expect(result.result).toMatch(/^VALIDATION_OUTPUT: Model "scripted\/m" gave/);
  });
});

describe("the content analyser", () => {
  it("counts what no model needs to be asked for", async () => {
    const model = scriptedModel(say({ ...analysis, metadata: { wordCount: 99 } }, analysis));
    const analyzer = defineContentAnalyzer({ model });
    expect(await analyzer.run({ content: "The export is slow." })).toEqual({
      ...analysis,
      metadata: { analysisType: "general", depth: "standard", characterCount: 19, wordCount: 4 },
    });
    const { metadata } = await analyzer.run({ content: "x", analysisType: "risks", depth: "deep" });
    expect(metadata).toMatchObject({ analysisType: "risks", depth: "deep" });
    expect(askedOf(model.requests[1])).toEqual({ content: "x", analysisType: "risks", depth: "deep" });
  });
});

describe("the classifier", () => {
  it("answers with one of its labels, and asks again for another", async () => {
    const answer = { reason: "It broke.", label: "bug", confidence: 0.8 };
    const model = scriptedModel(say({ ...answer, label: "joke" }, answer));
    const kindOf = defineClassifier({ model, labels: { bug: "It does not work.", question: "Asks." } });
    const { label, confidence } = await kindOf.run({ content: "It crashes" });
    expectTypeOf(label).toEqualTypeOf<"bug" | "question">();
    expect([label, confidence, model.requests.length]).toEqual(["bug", 0.8, 2]);
    expect(await kindOf.systemPrompt()).toContain('The label "bug": It does not work.');
  });

  it.each([[[]], [["one"]], [["one", "one"]], [["one", " "]], [undefined], [{ one: 1, two: 2 }]])(
    "refuses the labels %j",
    (labels) => {
      // @ts-expect-error at least two different texts
      expect(() => defineClassifier({ model: "simulated", labels })).toThrow("labels");
    },
  );
});

describe("the extractor", () => {
  it("gives what its schema made of the answer", async () => {
    const model = scriptedModel(say({ total: 12.5, due: null }));
    const schema = z.object({ total: z.number(), due: z.string().nullable() });
    const read = defineExtractor({ model, schema, name: "read-bill" });
    const bill = await read.run({ content: "12.50 please" });
    expectTypeOf(bill).toEqualTypeOf<{ total: number; due: string | null }>();
    expect([read.name, bill]).toEqual(["read-bill", { total: 12.5, due: null }]);
  });

  it("refuses what is no schema", () => {
    // @ts-expect-error not a schema
    expect(() => defineExtractor({ model: "simulated", schema: {} })).toThrow("schema");
  });
});

it.each([
  ["an option that is not known", { model: "simulated", temprature: 1 }, "temprature"],
  ["no model", {}, "model"],
  ["instructions that are no list", { model: "simulated", instructions: "Be brief." }, "instructions"],
  ["a schema of its own", { model: "simulated", output: z.string() }, "output"],
])("refuses %s", (_, options, message) => {
  // @ts-expect-error for whoever has no types
  expect(() => defineTaskProcessor(options)).toThrow(message);
});

describe("analyse to tasks", () => {
  it("works on a task for each recommendation, no more than allowed at a time, and sums up", async () => {
    let working = 0;
    let most = 0;
    const processor = defineAgent({
      name: "by-hand",
      description: "Does tasks by hand.",
      input: Task,
      output: TaskResult,
      execute: async ({ description }, ctx) => {
        most = Math.max(most, ++working);
        await Promise.resolve();
        working--;
        if (description === "second") throw new Error("no hands left");
        ctx.log.debug("done");
        return { taskId: `t-${description}`, ...done, suggestedActions: [] };
      },
    });
    const model = scriptedModel(say(analysis, { ...analysis, recommendations: [] }));
    const plan = defineAnalyzeToTasks({ model, processor, concurrency: 2 });
    const { summary, tasks, ...others } = await plan.run({ content: "The export is slow." });
    expect(summary).toBe("3 recommendations, 3 tasks: 2 completed, 1 failed");
    expect(tasks.map(({ taskId, result }) => [taskId, result])).toEqual([
      ["t-first", "Done."],
      ["task-failed-execution", expect.stringMatching(/^EXECUTION: .*no hands left/)],
      ["t-third", "Done."],
    ]);
    expect(others.analysis.summary).toBe("It is slow.");
    expect(most).toBe(2);
    expect((await plan.run({ content: "All is well." })).summary).toBe("0 recommendations, 0 tasks");
  });

  it("makes no more tasks than allowed, each with what it is about", async () => {
    const model = scriptedModel(say(analysis, done));
    const { summary } = await defineAnalyzeToTasks({ model, maxTasks: 1 }).run({ content: "x" });
    expect(summary).toBe("3 recommendations, 1 task: 1 completed");
    expect(askedOf(model.requests[1])).toEqual({
      description: "first",
      priority: "medium",
      context: { summary: "It is slow." },
    });
  });

  it("fails as a whole when the analysis does, which recover turns into a result", async () => {
    const plan = defineAnalyzeToTasks({ model: "nobody/knows" });
    const toOutcome = (error: AtomicError) => ({ code: error.code, stage: error.stage, hint: error.hint });
    const result = await plan.tryRun({ content: "x" });
    expect(result.ok ? undefined : toOutcome(result.error)).toMatchObject({ code: "CONFIG" });
    const outer = pipeline("outer").stage(plan);
    expect((await outer.tryRun({ content: "x" })).ok).toBe(false);
  });

  it("keeps to a run's budget: what is left out is told as failed", async () => {
    const model = scriptedModel([...say(analysis), () => JSON.stringify(done)]);
    const plan = defineAnalyzeToTasks({ model, concurrency: 1 });
    const { summary, tasks } = await plan.run({ content: "x" }, { budget: { calls: 3 } });
    expect(summary).toBe("3 recommendations, 3 tasks: 2 completed, 1 failed");
    expect(tasks[2]?.result).toMatch(/^BUDGET_EXCEEDED/);
  });
});
