// Analyse → tasks: analyse a report in parallel, derive a task for each finding, run the tasks with partial success.
import { defineAgent, parallel, pipeline, runAll } from "@atomic-agents/core";
import * as z from "zod";

const Report = z.object({ text: z.string().min(1) });
const Task = z.object({ title: z.string(), priority: z.enum(["low", "high"]) });

const findings = defineAgent({
  name: "find-problems",
  description: "Lists the sentences of a report that name a problem.",
  input: Report,
  output: z.object({ problems: z.array(z.string()) }),
  execute: ({ text }) => ({
    problems: text.split(/(?<=\.)\s+/).filter((sentence) => /fail|slow|lost/.test(sentence)),
  }),
});

const urgency = defineAgent({
  name: "measure-urgency",
  description: "Says how urgent a report sounds.",
  input: Report,
  output: z.object({ urgent: z.boolean() }),
  execute: ({ text }) => ({ urgent: /now|today/.test(text) }),
});

const plan = pipeline("analyse-to-tasks")
  .stage("analyse", parallel({ findings, urgency }))
  .map(({ findings, urgency }) => {
    const priority = urgency.urgent ? ("high" as const) : ("low" as const);
    return findings.problems.map((title) => ({ title, priority }));
  }, z.array(Task));

const tasks = await plan.run({ text: "The export is slow. All else works. Two records were lost today." });
console.log(tasks.length, tasks[0]?.priority); // => 2 high

const work = defineAgent({
  name: "do-task",
  description: "Does a task, or says why it cannot.",
  input: Task,
  output: z.object({ done: z.string() }),
  execute: async ({ title }, ctx) => {
    if (title.includes("lost")) throw new Error("needs a person");
    ctx.log.info("task done", { title });
    return { done: title };
  },
});

const outcomes = await runAll(
  tasks.map((task) => [work, task] as const),
  { concurrency: 2 },
);
for (const outcome of outcomes) console.log(outcome.ok ? outcome.output.done : outcome.error.code);
// => The export is slow.
// => EXECUTION
