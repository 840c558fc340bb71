// Task planning: a model analyses a report, and works on a task for each recommendation. Offline on the simulated model,
// which makes up what the schemas describe; `MODEL=openai/gpt-5-mini` with a key asks a real one.
import { type AtomicError, recover } from "@atomic-agents/core";
import { defineAnalyzeToTasks, defineTaskProcessor, failedTask } from "@atomic-agents/llm/ready";

const model = process.env["MODEL"] ?? "simulated";

const plan = defineAnalyzeToTasks({ model, maxTasks: 3, concurrency: 2 });
const report = "The export is slow. All else works. Two records were lost today.";
const { summary, analysis, tasks } = await plan.run({ content: report, depth: "deep" });
console.log(summary); // => … recommendation…, … task…
console.log(analysis.summary, analysis.metadata.wordCount); // => Simulated summary 12
console.log(tasks.every(({ taskId }) => taskId.startsWith("task-"))); // => true

// What a run may spend is held before each call: a task that would pass the limit fails, and the others are kept.
const small = await plan.run({ content: report }, { budget: { calls: 1 } });
console.log(small.tasks.every(({ status }) => status === "failed")); // => true

// A failure as a result: here of a model that nobody has.
const unknown = defineTaskProcessor({ model: "nobody/knows" });
const failed = await recover(unknown, failedTask).run({
  description: "Find the lost records",
  priority: "critical",
});
console.log(failed.status, failed.confidence, failed.result.slice(0, 6)); // => failed 0 CONFIG

const orNothing = recover(plan, (error: AtomicError) => ({
  summary: `no tasks: ${error.code}`,
  analysis: { summary: "none", insights: [], recommendations: [], metadata: analysis.metadata },
  tasks: [],
}));
const late = await orNothing.run({ content: report }, { budget: { calls: 0 } });
console.log(late.summary); // => no tasks: BUDGET_EXCEEDED
