import type { AnyAgent, OnError } from "@atomic-agents/core";
import type { Problem } from "../files/problem.ts";
import { problemAt, type TextDocument } from "../files/text-document.ts";
import type { TextPath } from "../files/text-node.ts";

/** A stage with its agent; without one nothing is known of what it takes and gives. */
export interface LoadedStage {
  readonly id: string;
  /** What the agent is called in the file, and where. */
  readonly name: string;
  readonly path: TextPath;
  readonly agent: AnyAgent | undefined;
  readonly onError: OnError | undefined;
}

/**
 * Where a stage may not take what the one before gives: an error when it never does, or when what a failed stage passes
 * on need not fit; a warning when it need not, or cannot be told.
 */
export async function pipelineProblems(
  document: TextDocument,
  stages: readonly LoadedStage[],
): Promise<readonly Problem[]> {
  // Comparing schemas takes code that nothing else here needs.
  const [{ judgeFit }, { brokenRecords, recordsOf, withPassed }] = await Promise.all([
    import("../flow-file/judge-fit.ts"),
    import("../flow-file/record-type.ts"),
  ]);
  const problems: Problem[] = [];
  let records = brokenRecords;
  for (const { id, name, path, agent, onError } of stages) {
    if (agent === undefined) {
      records = brokenRecords;
      continue;
    }
    for (const { weight, message, hint } of judgeFit(records, agent.input, `agent ${JSON.stringify(name)}`)) {
      if (weight === "silence") continue;
      const severity = weight === "doubt" ? "warning" : "error";
      problems.push(problemAt(document, path, { code: "fit", message, hint, severity }));
    }
    const made = recordsOf(agent.output);
    // What the first stage passes on is what it takes.
    const given = records.isBroken ? recordsOf(agent.input) : records;
    records = onError === "pass" ? withPassed(made, given, id) : made;
  }
  return problems;
}
