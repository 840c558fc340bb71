import type { Project } from "@atomic-agents/project";
import { UsageError } from "../usage-error.ts";

/** There is no file of a project where one is needed; `orElse` is what would have done as well. */
export function noProject({ directory }: Project, orElse = ""): UsageError {
  return new UsageError(`There is no project in ${directory}, nor in a folder above`, {
    expected: `a folder with the file atomic.yaml${orElse}`,
    hint: "atomic init makes a project.",
  });
}
