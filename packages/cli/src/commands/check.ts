import { checkProject, openProject, type Problem, type Project } from "@atomic-agents/project";
import { existsSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { styleText } from "node:util";
import { CommandFailure } from "../command-failure.ts";
import { exitCodes } from "../exit-codes.ts";
import { countOf } from "../output/count-text.ts";
import { problemCounts } from "../output/problem-text.ts";
import { problemLines } from "../output/problem-lines.ts";
import { shownPath } from "../output/shown-path.ts";
import { writeOutput } from "../output/write-output.ts";
import { noProject } from "../scaffold/no-project.ts";
import type { Session } from "../terminal/session.ts";
import { UsageError } from "../usage-error.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Options of `atomic check`. */
export interface CheckCommandOptions extends ProjectOptions {
  readonly strict?: boolean;
  /** Milliseconds. */
  readonly loadTimeout?: number;
}

/**
 * `atomic check`: what is wrong in the files of a project, or in one of its flows. Runs nothing.
 *
 * @throws CommandFailure when there is an error
 * @throws UsageError where there is nothing to look at: in the wrong folder all would seem well
 */
export async function checkCommand(
  flow: string | undefined,
  options: CheckCommandOptions,
  { interruption: { signal }, status }: Session,
): Promise<void> {
  const { config, profile, strict = false, json = false } = options;
  const project = await openProject({ config, profile });
  if (flow === undefined && project.file === undefined && project.flows.size === 0) {
    throw noProject(project, ", or with flow files");
  }
  if (flow !== undefined && !project.flows.has(flow)) refuseOther(flow, project);
  status.show("checking");
  const problems = await checkProject(project, {
    strict,
    flow,
    moduleTimeoutMs: options.loadTimeout,
    signal,
  });
  status.clear();
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const text = json
    ? JSON.stringify({
        problems: problems.map((problem) => withPath(problem, project)),
        errors,
        warnings: problems.length - errors,
      })
    : checkText(problems, project, flow);
  await writeOutput(text, "-");
  // All has been said.
  if (errors > 0) throw new CommandFailure(undefined, exitCodes.failed);
}

/** @throws UsageError for what is there, and no flow */
function refuseOther(flow: string, project: Project): void {
  const isOfProject = project.file !== undefined && resolve(flow) === join(project.directory, project.file);
  const kind = isOfProject ? "the project's file" : kindOf(flow, project);
  if (kind === undefined) return;
  throw new UsageError(`${flow} is ${kind}, and no flow`, {
    where: "[flow]",
    expected: "a flow's name, or its file",
    got: flow,
    hint: "atomic check alone looks at the whole project that the current folder is in.",
  });
}

/** What a name means instead, where that is certain; any YAML or JSON may have been meant for a flow. */
function kindOf(name: string, { agents, pipelines }: Project): string | undefined {
  if (agents.has(name)) return "an agent";
  if (pipelines.has(name)) return "a pipeline";
  if (/\.[cm]?[jt]s(?:#.*)?$/.test(name)) return "a module";
  if (basename(name) === "package.json") return "the file of an npm package";
  const stats = existsSync(name) ? statSync(name) : undefined;
  if (stats?.isDirectory() === true) return "a folder";
  return stats === undefined || /\.(?:ya?ml|json)$/i.test(name)
    ? undefined
    : "neither YAML nor JSON by its name";
}

/** With the file as it is to be opened from here. */
function withPath(problem: Problem, project: Project): Problem {
  return { ...problem, file: shownPath(join(project.directory, problem.file)) };
}

function checkText(problems: readonly Problem[], project: Project, flow: string | undefined): string {
  const counts = problemCounts(problems);
  if (problems.length > 0) return `${problemLines(problems, project.directory, process.stdout)}\n\n${counts}`;
  const parts = [
    countOf(project.flows.size, "flow"),
    countOf(project.agents.size, "agent"),
    countOf(project.pipelines.size, "pipeline"),
  ];
  const what = flow ?? parts.join(", ");
  return `${styleText("green", "ok", { stream: process.stdout })}: ${what}: ${counts}`;
}
