import type { OptionProblem } from "../capabilities/option-problem.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";

/** Reports what is wrong with the options of a stage, each at its place; whether none is an error. */
export function reportOptions(
  report: FlowReport,
  place: DocumentPath,
  problems: readonly OptionProblem[],
): boolean {
  for (const { severity, path, message, hint, isShape = false } of problems) {
    // Told when the file's shape was checked.
    if (isShape) continue;
    const said = { code: "expression", message, hint, of: "key" } as const;
    if (severity === "error") report.error([...place, ...path], said);
    else report.doubt([...place, ...path], said);
  }
  return !problems.some(({ severity }) => severity === "error");
}
