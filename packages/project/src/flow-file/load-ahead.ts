import type { AnyAgent } from "@atomic-agents/core";
import type { ModuleOptions, Project } from "../project/project.ts";

/** How many modules are imported at a time: each takes a process. */
const importsAtOnce = 4;

/** The same project, which remembers also which agents could not be loaded: a module that hangs is waited for once. */
export function withMemory(project: Project): Project {
  const asked = new Map<string, Promise<AnyAgent>>();
  return {
    ...project,
    agent: (name, options) => {
      const known = asked.get(name) ?? project.agent(name, options);
      asked.set(name, known);
      return known;
    },
  };
}

/**
 * Loads agents, so that they are there when they are asked for: several modules at a time, and each tried out by one of
 * its agents first. What fails is told to whoever asks.
 */
export async function loadAhead(
  project: Project,
  names: Iterable<string>,
  options: ModuleOptions,
): Promise<void> {
  const modules = new Map<string, string[]>();
  for (const name of new Set(names)) {
    const [module = ""] = (project.agents.get(name)?.use ?? name).split("#");
    modules.set(module, [...(modules.get(module) ?? []), name]);
  }
  const load = async (name: string): Promise<void> => {
    await project.agent(name, options).catch(() => {});
  };
  const left = modules.values();
  const work = async (): Promise<void> => {
    for (const [first, ...others] of left) {
      if (first !== undefined) await load(first);
      await Promise.all(others.map(load));
    }
  };
  await Promise.all(Array.from({ length: importsAtOnce }, work));
}
