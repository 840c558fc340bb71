import { ProjectError } from "../files/project-error.ts";
import type { Problem } from "../files/problem.ts";
import type { Project } from "../project/project.ts";
import { problemsFor, usedBy } from "./problems-for.ts";

/** What of a project is to be used. */
export interface SoundOptions {
  /** The names of agents and pipelines: what is wrong with others, which these do not use, is let be. All when absent. */
  readonly agents?: readonly string[] | undefined;
}

/**
 * Refuses a project whose file has errors; warnings are let be.
 *
 * @throws ProjectError with all that is wrong
 */
export function requireSound(project: Project, { agents }: SoundOptions = {}): void {
  refuseErrors(
    agents === undefined ? project.problems : problemsFor(project, [], usedBy(project, [], agents)),
  );
}

/** @throws ProjectError with all of the problems, where one is an error */
export function refuseErrors(problems: readonly Problem[]): void {
  if (problems.some(({ severity }) => severity === "error")) throw new ProjectError(problems);
}
