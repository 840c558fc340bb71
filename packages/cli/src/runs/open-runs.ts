import { openProject, openRunStore, type Project } from "@atomic-agents/project";
import type { RunStore } from "@atomic-agents/core";
import type { ProjectOptions } from "../commands/project-options.ts";

/** Works with a project and the runs that are kept of it, and closes them. */
export async function withRuns<TResult>(
  { config, profile }: ProjectOptions,
  work: (store: RunStore, project: Project) => Promise<TResult>,
): Promise<TResult> {
  // Its mistakes do not matter here: settings that are wrong have their defaults.
  const project = await openProject({ config, profile });
  const store = openRunStore(project);
  try {
    return await work(store, project);
  } finally {
    store.close();
  }
}
