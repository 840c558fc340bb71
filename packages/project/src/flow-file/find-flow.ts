import { AtomicError } from "@atomic-agents/core";
import { existsSync } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
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
    if (known === undefined) refuseElsewhere(project, nameOrPath, path);
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

/** @throws AtomicError `CONFIG` for the path of a file that is not there, where a flow of the project is called so */
function refuseElsewhere({ flows, directory }: Project, given: string, path: string): void {
  if (existsSync(path)) return;
  const name = flowNameOf(path);
  const meant = flows.get(name ?? basename(path));
  // A file beside it whose name is like it is told when it is read.
  if (meant === undefined || (name !== undefined && dirname(meant.path) === dirname(path))) return;
  throw new AtomicError("CONFIG", `There is no file ${JSON.stringify(given)}`, {
    details: { path: "flow", expected: "the name of a flow, or the path of its file", got: given },
    hint: `Did you mean the flow ${JSON.stringify(meant.name)}, of ${relative(directory, meant.path)}?`,
  });
}
