import type { Problem } from "../files/problem.ts";
import { checkPipeline } from "../project/check-pipeline.ts";
import { isError } from "./check-agents.ts";
import type { CheckContext } from "./check-context.ts";

/**
 * What is wrong with the project's pipelines: agents that cannot be had, and neighbours that do not fit.
 *
 * @param used the names of those that count; all when absent
 */
export async function checkPipelines(
  { project, isStrict, moduleOptions }: CheckContext,
  used?: ReadonlySet<string>,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const { name, problems: known } of project.pipelines.values()) {
    if (known.some(isError) || used?.has(name) === false) continue;
    for (const problem of await checkPipeline(project, name, moduleOptions)) {
      const isDoubt = problem.code === "fit" && problem.severity === "warning";
      problems.push(isStrict && isDoubt ? { ...problem, severity: "error" } : problem);
    }
  }
  return problems;
}
