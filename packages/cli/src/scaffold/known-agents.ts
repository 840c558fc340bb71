import type { AnyAgent } from "@atomic-agents/core";
import { closest, type LoadOptions, type Project } from "@atomic-agents/project";
import { UsageError } from "../usage-error.ts";
import type { WritableProject } from "./open-for-writing.ts";

/** An agent, and what the project calls it. */
export interface KnownAgent {
  readonly name: string;
  readonly agent: AnyAgent;
}

/**
 * Loads the agents of these names, in their order.
 *
 * @throws UsageError that lists all names that no agent has; AtomicError `CONFIG` for one that cannot be loaded
 */
export async function knownAgents(
  names: readonly string[],
  { project, builtInNames }: WritableProject,
  options: LoadOptions,
): Promise<readonly KnownAgent[]> {
  checkNames(names, project, builtInNames);
  const agents = new Map<string, AnyAgent>();
  for (const name of new Set(names)) agents.set(name, await project.agent(name, options));
  return names.flatMap((name) => {
    const agent = agents.get(name);
    return agent === undefined ? [] : [{ name, agent }];
  });
}

function checkNames(names: readonly string[], project: Project, builtInNames: readonly string[]): void {
  const known = [...project.agents.keys(), ...project.pipelines.keys(), ...builtInNames];
  const missing = [...new Set(names)].filter((name) => !known.includes(name));
  const [first] = missing;
  if (first === undefined) return;
  const told = missing.map((name) => {
    const near = closest(name, known);
    return near === undefined ? name : `${name} (did you mean ${near}?)`;
  });
  throw new UsageError(
    missing.length === 1 ? `There is no agent ${told.join("")}` : `There are no agents ${told.join(", ")}`,
    {
      where: "agents",
      expected: `names among ${known.join(", ")}`,
      got: missing.join(", "),
      hint: `Nothing was written. atomic create agent ${/^[a-z]/.test(first) ? first : "<name>"} --type function makes one.`,
    },
  );
}
