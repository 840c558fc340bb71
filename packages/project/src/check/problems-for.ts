import type { Problem } from "../files/problem.ts";
import type { Project } from "../project/project.ts";
import { flowNameOf } from "../project/find-flow-files.ts";
import { flowFileOf, type FlowReading } from "./read-flow.ts";

/** A flow, as far as it can be told from its file what it uses. */
type FlowRead = Pick<FlowReading, "name" | "document">;

/** What is wrong in the project's file that has to do with some of its flows and what they use. */
export function problemsFor(
  project: Project,
  flows: readonly FlowRead[],
  used: ReadonlySet<string>,
): readonly Problem[] {
  const others = [...project.agents.values(), ...project.pipelines.values()].filter(
    ({ name }) => !used.has(name),
  );
  const otherFlows = [...project.flows.values()].filter(
    ({ name }) => !flows.some((flow) => flow.name === name),
  );
  const unneeded = new Set([...others, ...otherFlows].flatMap(({ problems }) => problems.map(keyOf)));
  return project.problems.filter((problem) => !unneeded.has(keyOf(problem)) && !isOfOther(problem, flows));
}

/** Whether it is told of the file of another flow, whose name a third one has already. */
function isOfOther({ file }: Problem, flows: readonly FlowRead[]): boolean {
  const other = flowNameOf(file);
  return other !== undefined && !flows.some(({ name }) => name === other);
}

function keyOf({ file, line, column, message }: Problem): string {
  return `${file}:${line}:${column}:${message}`;
}

/** The names of the agents and pipelines that flows use, and of those named, also by other pipelines. */
export function usedBy(
  project: Project,
  flows: readonly FlowRead[],
  named: readonly string[] = [],
): ReadonlySet<string> {
  const used = new Set<string>();
  const add = (name: string): void => {
    if (used.has(name)) return;
    used.add(name);
    for (const { agent } of project.pipelines.get(name)?.stages ?? []) add(agent);
  };
  for (const name of named) add(name);
  for (const { document } of flows) {
    for (const stage of document === undefined ? [] : (flowFileOf(document).stages ?? [])) {
      if (typeof stage === "string") add(stage);
      else if ("agent" in stage) add(stage.agent);
    }
  }
  return used;
}
