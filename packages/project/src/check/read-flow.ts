import type { Problem, ProblemCode } from "../files/problem.ts";
import { readDocument } from "../files/read-document.ts";
import type { TextDocument } from "../files/text-document.ts";
import type { FoundFlow } from "../flow-file/find-flow.ts";
import type { Project } from "../project/project.ts";
import type { TextPath } from "../files/text-node.ts";
import { locateProblems } from "../schemas/check-shape.ts";
import type { FlowFile } from "../schemas/flow-file.ts";
import { loadSchema } from "../schemas/schema.ts";

/** Mistakes in spite of which all else of a file is what it should be. */
const harmless: ReadonlySet<ProblemCode> = new Set(["unknown-key", "wrong-value"]);

/** A flow file as it was read. */
export interface FlowReading {
  readonly name: string;
  /** Undefined where its shape is so wrong that its stages cannot be looked at. */
  readonly document: TextDocument | undefined;
  readonly problems: readonly Problem[];
  /** The ways to keys that are not known: another one may be missing for each. */
  readonly misspelt: readonly TextPath[];
}

export async function readFlow(project: Project, { name, path }: FoundFlow): Promise<FlowReading> {
  const { document, problems } = await readDocument(path, { directory: project.directory });
  if (document === undefined) return { name, document, problems, misspelt: [] };
  const shape = locateProblems(document, loadSchema("flow"));
  const all = [...problems, ...shape.map(({ problem }) => problem)];
  const misspelt = shape.filter(({ problem }) => problem.code === "unknown-key").map(({ path: way }) => way);
  // What is misspelt or out of bounds leaves the rest to be looked at.
  const isUsable =
    all.every(({ severity, code }) => severity === "warning" || harmless.has(code)) && hasEnds(document);
  return { name, document: isUsable ? document : undefined, problems: all, misspelt };
}

/** Whether it has a source and a sink, which may be misspelt. */
function hasEnds(document: TextDocument): boolean {
  const { source, sink }: Partial<FlowFile> = flowFileOf(document);
  return source !== undefined && sink !== undefined;
}

/** What a flow file says, whose shape has been checked. */
export function flowFileOf(document: TextDocument): FlowFile {
  return document.value as FlowFile;
}
