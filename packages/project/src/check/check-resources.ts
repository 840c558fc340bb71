import { problemFrom } from "../files/problem-from.ts";
import type { Problem } from "../files/problem.ts";
import { ProjectError } from "../files/project-error.ts";
import { isError } from "./check-agents.ts";
import type { CheckContext } from "./check-context.ts";

/** Loads the modules of the project's resources; what is wrong with those that cannot be. Nothing is connected to. */
export async function checkResources({ project, moduleOptions }: CheckContext): Promise<readonly Problem[]> {
  const { document } = project;
  if (document === undefined) return [];
  const problems: Problem[] = [];
  for (const { name, type, problems: known } of project.resources.values()) {
    if (type !== "module" || known.some(isError)) continue;
    try {
      await project.resource(name, moduleOptions);
    } catch (thrown) {
      // What is missing in the environment has been told, and may be there where the project runs.
      const isSecret =
        ProjectError.isProjectError(thrown) && thrown.problems.every(({ code }) => code === "secret");
      if (!isSecret) problems.push(problemFrom(thrown, { document, path: ["resources", name, "use"] }));
    }
  }
  return problems;
}
