import { ProjectError } from "../files/project-error.ts";
import type { Project } from "./project.ts";

/**
 * Refuses a project whose file has errors; warnings are let be.
 *
 * @throws ProjectError with all that is wrong
 */
export function requireSound({ problems }: Project): void {
  if (problems.some(({ severity }) => severity === "error")) throw new ProjectError(problems);
}
