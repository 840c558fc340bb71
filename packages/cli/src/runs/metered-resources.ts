import { AtomicError, type Log, type ResourceSet } from "@atomic-agents/core";
import type { ModelMeter, ModelUse } from "@atomic-agents/llm";
import type { Project } from "@atomic-agents/project";
import { UsageError } from "../usage-error.ts";

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

/**
 * Looks, before anything is run, for the model that was asked for.
 *
 * @throws UsageError where there is none of that name, AtomicError `CONFIG` where it cannot be asked
 */
export async function checkModel(project: Project, model: string | undefined): Promise<void> {
  if (model === undefined) return;
  try {
    await project.models({ model }).resolve(model);
  } catch (error) {
    if (!AtomicError.isInstance(error, "CONFIG") || error.details.path !== "its id") throw error;
    throw new UsageError(`There is no model ${JSON.stringify(model)}`, {
      where: "--model",
      expected: String(error.details.expected),
      got: model,
      hint: "A server of your own is named in the project's file, under endpoints of models.",
      cause: error,
    });
  }
}
