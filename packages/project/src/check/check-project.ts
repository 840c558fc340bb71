import { AtomicError } from "@atomic-agents/core";
import { type Problem, sortProblems } from "../files/problem.ts";
import { type FoundFlow, findFlow } from "../flow-file/find-flow.ts";
import { withMemory } from "../flow-file/load-ahead.ts";
import type { Project } from "../project/project.ts";
import { checkAgents } from "./check-agents.ts";
import type { CheckContext } from "./check-context.ts";
import { checkFlows } from "./check-flows.ts";
import { checkPipelines } from "./check-pipelines.ts";
import { checkResources } from "./check-resources.ts";
import { problemsFor, usedBy } from "./problems-for.ts";
import { readFlow } from "./read-flow.ts";

/** How a project is checked. */
export interface CheckOptions {
  /** Whether what cannot be proved is an error: what fits sometimes, or what nothing is known of. */
  readonly strict?: boolean | undefined;
  /** Only this flow, by its name or path, with what it uses. */
  readonly flow?: string | undefined;
  /** What the path of a flow is relative to; the process's current folder. */
  readonly cwd?: string | undefined;
  /** The most a module may take to be imported; 10,000. */
  readonly moduleTimeoutMs?: number | undefined;
  /** Stops the checking when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What is wrong, or cannot be proved right, in a project: its file, the modules that it names, its pipelines, and its
 * flows stage by stage. Modules are imported, each first in a process of its own; nothing is run, and nothing is written.
 *
 * All that is found, sorted by file, line and column; an empty list where all is well.
 *
 * @throws AtomicError `CONFIG` when there is no such flow; `CANCELLED` when the signal aborts
 */
export async function checkProject(
  project: Project,
  options: CheckOptions = {},
): Promise<readonly Problem[]> {
  const { strict: isStrict = false, flow, cwd = process.cwd(), moduleTimeoutMs: timeoutMs, signal } = options;
  const context: CheckContext = {
    project: withMemory(project),
    isStrict,
    moduleOptions: { timeoutMs, signal },
  };
  const wanted: readonly FoundFlow[] =
    flow === undefined ? [...project.flows.values()] : [findFlow(project, flow, cwd)];
  const readings = await Promise.all(wanted.map((found) => readFlow(project, found)));
  const problems: Problem[] = [];
  if (flow === undefined) {
    problems.push(...project.problems);
    problems.push(...(await checkAgents(context)));
    problems.push(...(await checkPipelines(context)));
    problems.push(...(await checkResources(context)));
  } else {
    const used = usedBy(project, readings);
    problems.push(...problemsFor(project, readings, used));
    problems.push(...(await checkPipelines(context, used)));
  }
  problems.push(...(await checkFlows(context, readings)));
  if (signal?.aborted === true) {
    throw new AtomicError("CANCELLED", "The check was cancelled", { details: { reason: "interrupted" } });
  }
  return sortProblems(withoutSecretErrors(problems));
}

/** Secrets may be there where the project runs: those that are missing here are warned of, once for each place. */
function withoutSecretErrors(problems: readonly Problem[]): readonly Problem[] {
  const told = new Set<string>();
  return problems.flatMap((problem) => {
    if (problem.code !== "secret") return problem;
    const { file, line, column, message } = problem;
    const place = `${file}:${line}:${column}:${message}`;
    if (told.has(place)) return [];
    told.add(place);
    return { ...problem, severity: "warning" };
  });
}
