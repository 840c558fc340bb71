import type { Problem } from "../files/problem.ts";
import { problemAt, type TextDocument } from "../files/text-document.ts";
import { type FlowPlan, planFlow } from "../flow-file/plan-flow.ts";
import type { SinkOfFile } from "../schemas/flow-file.ts";
import { isError } from "./check-agents.ts";
import type { CheckContext } from "./check-context.ts";
import { flowFileOf, type FlowReading } from "./read-flow.ts";
import type { Project } from "../project/project.ts";

/** What is wrong with flows: each by itself, and with one another. */
export async function checkFlows(
  context: CheckContext,
  readings: readonly FlowReading[],
): Promise<readonly Problem[]> {
  const { project, isStrict, moduleOptions } = context;
  const written = readings.map(({ document }) => outputsOf(project, document));
  const problems: Problem[] = [];
  const plans: { readonly document: TextDocument; readonly plan: FlowPlan }[] = [];
  for (const [index, { name, document, problems: found, misspelt }] of readings.entries()) {
    problems.push(...found);
    if (document === undefined) continue;
    const others = written.filter((_, other) => other !== index);
    const plan = await planFlow(document, {
      project,
      name,
      isStrict,
      isRun: false,
      moduleOptions,
      madeElsewhere: new Set(others.flat()),
      concurrency: undefined,
      misspelt,
    });
    // What is out of bounds by the file's shape, whatever uses it would refuse once more.
    const told = new Set(found.filter(isError).map(placeOf));
    problems.push(...plan.problems.filter((problem) => !told.has(placeOf(problem))));
    plans.push({ document, plan });
  }
  return [...problems, ...sharedOutputs(plans)];
}

function placeOf({ file, line, column }: Problem): string {
  return `${file}:${line}:${column}`;
}

/** The absolute paths of the files that a flow writes, as far as they are right. */
function outputsOf(project: Project, document: TextDocument | undefined): readonly string[] {
  if (document === undefined) return [];
  const { stages = [], sink } = flowFileOf(document);
  const sinks: (string | SinkOfFile)[] = [sink];
  for (const stage of stages) if (typeof stage === "object" && "tee" in stage) sinks.push(stage.tee);
  return sinks.flatMap((given) => {
    const file = typeof given === "string" ? given : "file" in given ? given.file : undefined;
    if (file === undefined) return [];
    try {
      return project.pathOf(file, "output");
    } catch {
      // Told where it stands.
      return [];
    }
  });
}

/** Files that more than one flow writes: the one that runs last is all that is there. */
function sharedOutputs(
  plans: readonly { readonly document: TextDocument; readonly plan: FlowPlan }[],
): readonly Problem[] {
  const problems: Problem[] = [];
  const writers = new Map<string, string>();
  for (const { document, plan } of plans) {
    for (const { file, label, path } of plan.outputs) {
      if (file === undefined) continue;
      const first = writers.get(file);
      if (first === undefined) writers.set(file, plan.name);
      else if (first !== plan.name) {
        problems.push(
          problemAt(document, path, {
            severity: "warning",
            code: "path",
            message: `${JSON.stringify(label)} is also written by the flow ${JSON.stringify(first)}`,
            hint: "Only what the one writes that runs last is there in the end.",
          }),
        );
      }
    }
  }
  return problems;
}
