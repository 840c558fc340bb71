import { AtomicError } from "@atomic-agents/core";
import { basename, resolve } from "node:path";
import { closest } from "../closest.ts";
import type { Project } from "../project/project.ts";
import { flowNameOf } from "../project/find-flow-files.ts";

/** A flow file, and what the flow is called unless the file says so itself. */
export interface FoundFlow {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/**
 * The flow that is meant by its name in the project, or by the path of its file.
 *
 * @param cwd what a path is relative to
 * @throws AtomicError `CONFIG` for a name that no flow has
 */
export function findFlow(project: Project, nameOrPath: string, cwd: string): FoundFlow {
  const listed = project.flows.get(nameOrPath);
  if (listed !== undefined) return listed;
  if (/[./\\]/.test(nameOrPath)) {
    const path = resolve(cwd, nameOrPath);
    const known = [...project.flows.values()].find((flow) => flow.path === path);
    return known ?? { name: flowNameOf(path) ?? basename(path).replace(/\.[^.]+$/, ""), path };
  }
  const names = [...project.flows.keys()];
  const near = closest(nameOrPath, names);
  throw new AtomicError("CONFIG", `There is no flow ${JSON.stringify(nameOrPath)}`, {
    details: {
      path: "flow",
      expected: names.length === 0 ? "the path of a flow file" : `one of ${names.join(", ")}`,
      got: nameOrPath,
    },
    hint:
      near === undefined
        ? "Name a flow of the project, or the path of a flow file, such as flows/tickets.flow.yaml."
        : `Did you mean ${JSON.stringify(near)}?`,
  });
}
