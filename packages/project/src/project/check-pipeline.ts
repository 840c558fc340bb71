import { AtomicError } from "@atomic-agents/core";
import { problemFrom } from "../files/problem-from.ts";
import type { Problem } from "../files/problem.ts";
import { nodeAt, type TextPath } from "../files/text-node.ts";
import { type LoadedStage, pipelineProblems } from "./pipeline-problems.ts";
import type { ModuleOptions, Project } from "./project.ts";

/**
 * What is wrong, or cannot be proved right, with a pipeline of a project: agents that cannot be loaded, and stages that
 * may not take what the one before gives. Loads its agents, and runs none.
 *
 * @throws AtomicError `CANCELLED` when the signal aborts
 */
export async function checkPipeline(
  project: Project,
  name: string,
  options: ModuleOptions = {},
): Promise<readonly Problem[]> {
  const { document } = project;
  const entry = project.pipelines.get(name);
  if (entry === undefined || document === undefined) return [];
  const problems: Problem[] = [...entry.problems];
  if (problems.some(({ severity }) => severity === "error")) return problems;
  const stages: LoadedStage[] = [];
  for (const [index, { id, agent: used, policy }] of entry.stages.entries()) {
    const stage: TextPath = ["pipelines", name, "stages", index];
    const isShort = typeof nodeAt(document["~node"], stage)?.value === "string";
    const path = isShort ? stage : [...stage, "agent"];
    let agent: LoadedStage["agent"];
    try {
      agent = await project.agent(used, options);
    } catch (error) {
      if (AtomicError.isInstance(error, "CANCELLED")) throw error;
      problems.push(problemFrom(error, { document, path }));
    }
    stages.push({ id, name: used, path, agent, onError: policy.onError });
  }
  return [...problems, ...(await pipelineProblems(document, stages))];
}
