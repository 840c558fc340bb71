import { loadBuiltInAgents, openProject, type Project, ProjectError } from "@atomic-agents/project";
import { join } from "node:path";
import { errorsElsewhere } from "../listing/errors-elsewhere.ts";
import { checkNewName, type NewKind } from "./new-name.ts";
import { noProject } from "./no-project.ts";

/** A project that something new is to be written into. */
export interface WritableProject {
  readonly project: Project;
  /** Absolute path of its file, which gets an entry. */
  readonly file: string;
  readonly builtInNames: readonly string[];
}

/**
 * Opens the project of the current folder for something new.
 *
 * @throws UsageError when there is none, or when the name is none or taken; ProjectError when its file has mistakes
 */
export async function openForWriting(
  kind: NewKind,
  name: string,
  config: string | undefined,
): Promise<WritableProject> {
  const project = await openProject({ ...(config === undefined ? {} : { config }) });
  if (project.file === undefined) throw noProject(project);
  // What is wrong with another agent or flow is in nobody's way.
  const errors = errorsElsewhere(project);
  if (errors.length > 0) throw new ProjectError(errors);
  const builtInNames = (await loadBuiltInAgents()).map((agent) => agent.name);
  checkNewName(kind, name, project, builtInNames);
  return { project, file: join(project.directory, project.file), builtInNames };
}
