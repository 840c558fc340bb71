import type { ModuleOptions, Project } from "../project/project.ts";

/** What the parts of a check share. */
export interface CheckContext {
  readonly project: Project;
  /** Whether what cannot be proved is an error. */
  readonly isStrict: boolean;
  readonly moduleOptions: ModuleOptions;
}
