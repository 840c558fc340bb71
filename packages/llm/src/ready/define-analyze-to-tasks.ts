import {
  type Agent,
  checkCount,
  checkKeys,
  defineAgent,
  mapItems,
  parallel,
  pipeline,
  recover,
} from "@atomic-agents/core";
import * as z from "zod";
import { Analysis, AnalysisRequest, defineContentAnalyzer } from "./define-content-analyzer.ts";
import { defineTaskProcessor, failedTask } from "./define-task-processor.ts";
import type { ReadyOptions } from "./ready-options.ts";
import { Task, TaskResult } from "./task.ts";

/** What the way from a text to tasks is made of. */
export interface AnalyzeToTasksOptions {
  /** Of both agents, where they are not given. */
  readonly model: ReadyOptions["model"];
  /** `analyze-to-tasks` unless said otherwise. */
  readonly name?: string | undefined;
  /** Analyses the text; `defineContentAnalyzer({ model })` unless another is given. */
  readonly analyzer?: Agent<AnalysisRequest, Analysis> | undefined;
  /** Works on a task; `defineTaskProcessor({ model })` unless another is given. */
  readonly processor?: Agent<Task, TaskResult> | undefined;
  /** How many tasks are worked on at a time; 3. */
  readonly concurrency?: number | undefined;
  /** How many recommendations become tasks, the first ones; 10. */
  readonly maxTasks?: number | undefined;
}

/** What comes of a text: the analysis, and a result for each task. */
export const AnalyzedTasks = z.object({
  summary: z
    .string()
    .meta({ description: "How many recommendations there are, and what became of their tasks." }),
  analysis: Analysis,
  tasks: z.array(TaskResult),
});
export type AnalyzedTasks = z.output<typeof AnalyzedTasks>;

/**
 * Analyses a text, makes a task of each recommendation and works on them, some at a time. A task that fails is a result
 * with the status `failed`, and takes no other with it; when the analysis fails, all does.
 *
 * @throws AtomicError `CONFIG` for a wrong option
 * @example
 * ```ts
 * const plan = defineAnalyzeToTasks({ model: "simulated", maxTasks: 2 });
 * const { analysis, tasks } = await plan.run({ content: "The export is slow, and two records were lost." });
 * console.log(analysis.summary, tasks.length === Math.min(2, analysis.recommendations.length)); // => Simulated summary true
 * ```
 */
export function defineAnalyzeToTasks(options: AnalyzeToTasksOptions): Agent<AnalysisRequest, AnalyzedTasks> {
  const what = "defineAnalyzeToTasks";
  checkKeys(what, options, ["model", "name", "analyzer", "processor", "concurrency", "maxTasks"]);
  const { model, name = "analyze-to-tasks", concurrency = 3, maxTasks = 10 } = options;
  const { analyzer = defineContentAnalyzer({ model }), processor = defineTaskProcessor({ model }) } = options;
  checkCount(what, "concurrency", concurrency);
  checkCount(what, "maxTasks", maxTasks);
  const keep = defineAgent({
    name: "keep-analysis",
    description: "Hands an analysis on as it is.",
    input: Analysis,
    output: Analysis,
    execute: (analysis) => analysis,
  });
  const makeTasks = defineAgent({
    name: "make-tasks",
    description: "Makes a task of each recommendation.",
    input: Analysis,
    output: z.array(Task),
    execute: ({ summary, recommendations }) =>
      recommendations.slice(0, maxTasks).map((text) => ({ description: text, context: { summary } })),
  });
  const work = pipeline("task-per-recommendation")
    .stage(makeTasks)
    .stage("process", mapItems(recover(processor, failedTask), { concurrency }));
  return pipeline(name, {
    description: "Analyses a text, and works on a task for each recommendation that comes of it.",
  })
    .stage("analyze", analyzer)
    .stage("tasks", parallel({ analysis: keep, tasks: work }))
    .map(({ analysis, tasks }) => ({ summary: summaryOf(analysis, tasks), analysis, tasks }), AnalyzedTasks, {
      id: "summarize",
    });
}

/** Such as "3 recommendations, 2 tasks: 1 completed, 1 failed". */
function summaryOf({ recommendations }: Analysis, tasks: readonly TaskResult[]): string {
  const counts = new Map<string, number>();
  for (const { status } of tasks) counts.set(status, (counts.get(status) ?? 0) + 1);
  const parts = [...counts].map(([status, count]) => `${count} ${status}`);
  const became = parts.length === 0 ? "" : `: ${parts.join(", ")}`;
  return `${counted(recommendations.length, "recommendation")}, ${counted(tasks.length, "task")}${became}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
