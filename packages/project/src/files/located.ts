import type { Problem } from "./problem.ts";
import type { TextPath } from "./text-node.ts";

/** A problem, and the way to what it is about. */
export interface LocatedProblem {
  readonly path: TextPath;
  readonly problem: Problem;
}

/** The problems of what stands at a path, and in it. */
export function problemsUnder(located: readonly LocatedProblem[], path: TextPath): readonly Problem[] {
  return located
    .filter((each) => path.every((step, index) => each.path[index] === step))
    .map(({ problem }) => problem);
}
