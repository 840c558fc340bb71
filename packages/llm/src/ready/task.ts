import * as z from "zod";

/** How much a task matters. */
export const TaskPriority = z.enum(["low", "medium", "high", "critical"]);
export type TaskPriority = z.output<typeof TaskPriority>;

/** A task, as a task processor takes it. */
export const Task = z.object({
  description: z
    .string()
    .regex(/\S/, "must say what is to be done")
    .meta({ description: "What is to be done." }),
  priority: TaskPriority.default("medium"),
  deadline: z
    .string()
    .optional()
    .meta({ description: "When it has to be done, such as 2030-01-31 or Friday." }),
  context: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: "What else is known of it, by names." }),
});
export type Task = z.input<typeof Task>;

/** What a model says of a task. */
export const TaskAnswer = z.object({
  status: z
    .enum(["completed", "partial", "blocked", "failed"])
    .meta({ description: "Whether the task is done; blocked: something is missing that others have." }),
  result: z
    .string()
    .min(1)
    .meta({ description: "What came of it: the answer, the text or the plan that was asked for." }),
  confidence: z.number().min(0).max(1).meta({ description: "How sure it is, from 0 to 1." }),
  suggestedActions: z.array(z.string()).max(10).meta({ description: "What to do next, most useful first." }),
});

/** What a task processor gives. */
export const TaskResult = z.object({
  taskId: z.string().min(1).meta({ description: "Made for this task; the model does not choose it." }),
  ...TaskAnswer.shape,
});
export type TaskResult = z.output<typeof TaskResult>;
