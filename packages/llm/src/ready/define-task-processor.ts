import type { AtomicError, Context } from "@atomic-agents/core";
import { defineLlmAgent } from "../agent/define-llm-agent.ts";
import type { LlmAgent } from "../agent/llm-agent.ts";
import { completedAgent } from "./completed-agent.ts";
import { type ReadyOptions, readyOptions } from "./ready-options.ts";
import { Task, TaskAnswer, TaskResult } from "./task.ts";

/**
 * An agent that works on a task: `task-processor` unless it has another name. It gives the task an id, and says how far
 * it came, what came of it, how sure it is and what to do next.
 *
 * @throws AtomicError `CONFIG` for a wrong option
 * @example
 * ```ts
 * const worker = defineTaskProcessor({ model: "simulated" });
 * const { taskId, result, confidence } = await worker.run({ description: "Plan the release", priority: "high" });
 * console.log(taskId.startsWith("task-"), result, confidence <= 1); // => true Simulated result true
 * ```
 */
export function defineTaskProcessor(options: ReadyOptions): LlmAgent<Task, TaskResult> {
  const { instructions, ...rest } = readyOptions("defineTaskProcessor", options);
  const description = "Works on a task, and says how far it came, what came of it and what to do next.";
  const card = {
    name: "task-processor",
    description,
    capabilities: ["task-processing", "data-enrichment"],
    ...rest,
  };
  const inner = defineLlmAgent({
    ...card,
    input: Task,
    output: TaskAnswer,
    prompt: {
      background: ["You work on tasks for a team that relies on what you give it."],
      steps: [
        "Understand what the task asks for, and what its context says.",
        "Do it as far as that can be done with what you know. The higher its priority and the nearer its deadline, the shorter the way to something of use.",
        "Judge how sure you are, and think of what should be done next.",
      ],
      outputInstructions: [
        "Say completed only when nothing of the task is left; blocked when something is missing that others have, and name it.",
        "Do not make up facts.",
        ...instructions,
      ],
    },
  });
  return completedAgent(inner, {
    description: card.description,
    capabilities: card.capabilities,
    input: Task,
    output: TaskResult,
    begin: (_task, ctx) => {
      const taskId = newTaskId(ctx);
      return (answer) => ({ taskId, ...answer });
    },
  });
}

/**
 * The result of a task that could not be worked on, for `recover`: status `failed`, the error in words, and its hint as
 * what to do.
 *
 * @example
 * ```ts
 * const worker = defineTaskProcessor({ model: "nobody/knows" });
 * const safe = recover(worker, failedTask);
 * const { status, result, confidence } = await safe.run({ description: "Plan the release" });
 * console.log(status, result.slice(0, 17), confidence); // => failed CONFIG: A model:  0
 * ```
 */
export function failedTask(error: AtomicError): TaskResult {
  const { code, message, hint, retryable } = error;
  return {
    taskId: `task-failed-${code.toLowerCase().replaceAll("_", "-")}`,
    status: "failed",
    result: `${code}: ${message}`,
    confidence: 0,
    suggestedActions: [...(retryable ? ["Try again later."] : []), ...(hint === undefined ? [] : [hint])],
  };
}

const idLetters = "0123456789abcdefghjkmnpqrstvwxyz";

/** From the run's own chance, so that a run that is done again gives the same. */
function newTaskId({ random }: Context): string {
  const letters = Array.from({ length: 12 }, () => idLetters[Math.floor(random() * idLetters.length)]);
  return `task-${letters.join("")}`;
}
