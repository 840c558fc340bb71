import { resolve } from "node:path";
import { problemsFor, usedBy } from "../check/problems-for.ts";
import { refuseErrors } from "../check/require-sound.ts";
import { ProjectError } from "../files/project-error.ts";
import { readDocument } from "../files/read-document.ts";
import type { TextDocument } from "../files/text-document.ts";
import type { Project } from "../project/project.ts";
import { checkFlowFile } from "../schemas/check-shape.ts";
import { findFlow } from "./find-flow.ts";
import { checkLoadOptions, type LoadFlowOptions } from "./load-flow-options.ts";
import { withMemory } from "./load-ahead.ts";
import { LoadedFlow } from "./loaded-flow.ts";
import { planFlow } from "./plan-flow.ts";

/**
 * Makes a flow of a flow file: by the name that it has in the project, or by its path. What it names is loaded, and
 * each stage is typed by those before it; nothing is read or written yet.
 *
 * @throws AtomicError `CONFIG` for wrong options, and when there is no such flow; `ProjectError` with everything that is
 * wrong with the file, or with what stands in the project's file other than the agents, pipelines and flows that it does
 * not use, each with its place
 */
export async function loadFlow(
  project: Project,
  nameOrPath: string,
  options: LoadFlowOptions = {},
): Promise<LoadedFlow> {
  checkLoadOptions(options);
  const { cwd = process.cwd(), input, output, deadLetters, concurrency, moduleTimeoutMs, signal } = options;
  const { name, path } = findFlow(project, nameOrPath, cwd);
  const document = await readFlow(project, path);
  const read = [{ name, document }];
  refuseErrors(problemsFor(project, read, usedBy(project, read)));
  const absolute = (given: string | undefined): string | undefined =>
    given === undefined || given === "-" ? given : resolve(cwd, given);
  const plan = await planFlow(document, {
    project: withMemory(project),
    name,
    isStrict: false,
    isRun: true,
    // An address is told as it was given.
    input: input?.includes("://") === true ? input : absolute(input),
    output: absolute(output),
    deadLetters: absolute(deadLetters),
    madeElsewhere: new Set(),
    concurrency,
    moduleOptions: { timeoutMs: moduleTimeoutMs, signal },
  });
  const { make } = plan;
  if (make === undefined) throw new ProjectError(plan.problems);
  return new LoadedFlow({ project, document, plan: { ...plan, make }, options });
}

/** @throws ProjectError for what cannot be read, or is no flow file */
async function readFlow(project: Project, path: string): Promise<TextDocument> {
  const { document, problems } = await readDocument(path, { directory: project.directory });
  const found = document === undefined ? problems : [...problems, ...checkFlowFile(document)];
  refuseErrors(found);
  if (document === undefined) throw new ProjectError(found);
  return document;
}
