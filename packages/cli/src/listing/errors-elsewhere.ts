import { formatProblem, type Problem, type Project } from "@atomic-agents/project";

/** The errors in a project's file that are not about one of its agents, pipelines and flows. */
export function errorsElsewhere({ problems, agents, pipelines, flows }: Project): readonly Problem[] {
  const entries = [...agents.values(), ...pipelines.values(), ...flows.values()];
  const theirs = new Set(entries.flatMap((entry) => entry.problems.map(formatProblem)));
  return problems.filter((problem) => problem.severity === "error" && !theirs.has(formatProblem(problem)));
}
