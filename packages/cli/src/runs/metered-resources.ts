import type { Log, ResourceSet } from "@atomic-agents/core";
import type { ModelMeter, ModelUse } from "@atomic-agents/llm";
import type { Project } from "@atomic-agents/project";

/** Resources for the runs of a command, and what was used of models in them. Who makes them closes them. */
export interface MeteredResources {
  readonly resources: ResourceSet;
  readonly uses: () => readonly ModelUse[];
}

/** The resources of a project. @param model stands in the place of all */
export function meteredResources(project: Project, model: string | undefined, log?: Log): MeteredResources {
  let meter: ModelMeter | undefined;
  const resources = project.createResources({ model, log, onMeter: (made) => (meter = made) });
  return { resources, uses: () => meter?.uses ?? [] };
}

/** Looks, before anything is run, for the model that was asked for. @throws AtomicError `CONFIG` where it is not there */
export async function checkModel(project: Project, model: string | undefined): Promise<void> {
  if (model !== undefined) await project.models({ model }).resolve(model);
}
