import { type AnyAgent, AtomicError } from "@atomic-agents/core";
import type { ModelChoice } from "@atomic-agents/llm";
import type { TextDocument } from "../files/text-document.ts";
import type { TextPath } from "../files/text-node.ts";
import { ProjectError } from "../files/project-error.ts";
import type { Project } from "../project/project.ts";
import { problemFrom } from "../files/problem-from.ts";
import type { Problem } from "../files/problem.ts";
import { loadAhead } from "../flow-file/load-ahead.ts";
import type { CheckContext } from "./check-context.ts";

/** Loads every agent of the project; what is wrong with those that cannot be. */
export async function checkAgents({ project, moduleOptions }: CheckContext): Promise<readonly Problem[]> {
  const { document } = project;
  if (document === undefined) return [];
  const problems: Problem[] = [];
  const sound = [...project.agents.values()].filter((agent) => !agent.problems.some(isError));
  const names = sound.map(({ name }) => name);
  await loadAhead(project, names, moduleOptions);
  for (const name of names) {
    try {
      const agent = await project.agent(name, moduleOptions);
      // Of those that are built in, the file says which models they ask.
      if (project.agents.get(name)?.isBuiltIn === true) continue;
      const problem = await modelProblem(project, agent, document, ["agents", name]);
      if (problem !== undefined) problems.push(problem);
    } catch (thrown) {
      problems.push(problemFrom(thrown, { document, path: ["agents", name, "use"] }));
    }
  }
  return problems;
}

/** What is wrong with the models of an agent that asks some. Where a key is missing, or which is asked is left open, it may be there where it runs. */
async function modelProblem(
  project: Project,
  agent: AnyAgent,
  document: TextDocument,
  path: TextPath,
): Promise<Problem | undefined> {
  if (!("model" in agent && "withModel" in agent)) return undefined;
  try {
    // What it is has been checked when the agent was made.
    await project.models().resolve(agent.model as ModelChoice);
    return undefined;
  } catch (thrown) {
    // What is wrong in the file has been told.
    if (ProjectError.isProjectError(thrown)) return undefined;
    const isUnknown = AtomicError.isInstance(thrown, "CONFIG") && thrown.details.path === "its id";
    return { ...problemFrom(thrown, { document, path }), severity: isUnknown ? "error" : "warning" };
  }
}

/** Whether a problem is more than a warning. */
export function isError({ severity }: Problem): boolean {
  return severity === "error";
}
