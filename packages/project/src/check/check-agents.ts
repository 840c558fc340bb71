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
      await project.agent(name, moduleOptions);
    } catch (thrown) {
      problems.push(problemFrom(thrown, { document, path: ["agents", name, "use"] }));
    }
  }
  return problems;
}

/** Whether a problem is more than a warning. */
export function isError({ severity }: Problem): boolean {
  return severity === "error";
}
