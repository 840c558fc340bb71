import { readDocument } from "@atomic-agents/project";
import { dirname, extname, isAbsolute, relative, resolve, sep } from "node:path";

/** Which files of a computer are looked at, so that a flow is tried again when one changes. */
export interface DevFiles {
  /** The folders in which such files are, each with what lies in it; absolute. */
  readonly roots: readonly string[];
  /** Whether a file is one of them. */
  readonly has: (path: string) => boolean;
}

/** What makes a project: code, schemas, and the files that say what there is. */
const partEndings: ReadonlySet<string> = new Set(
  ".ts .mts .cts .js .mjs .cjs .json .yaml .yml .sql".split(" "),
);
const globCharacters = /[*?[\]{}()!]/;

/** The files that matter to a flow: all that may be parts of its project, and what it reads; never what it writes. */
export async function devFilesOf(directory: string, flowFile: string): Promise<DevFiles> {
  const { document } = await readDocument(flowFile, { directory });
  const flow = recordOf(document?.value);
  const read = [...pathsIn(flow["source"]), ...stagesOf(flow).flatMap((stage) => readBy(stage))].map((path) =>
    placeOf(resolve(directory, path)),
  );
  const written = [flow["sink"], flow["deadLetters"], ...stagesOf(flow).map((stage) => stage["tee"])]
    .flatMap(pathsIn)
    .map((path) => resolve(directory, path));
  const roots = [directory, ...read.map(({ folder }) => folder)];
  return {
    roots: roots.filter((root, index) => !roots.some((other, at) => isAbove(other, root, at < index))),
    has: (path) => {
      if (path === flowFile) return true;
      if (written.some((output) => isWrittenFor(path, output))) return false;
      if (read.some((place) => place.takes(path))) return true;
      return isWithin(directory, path) && partEndings.has(extname(path).toLowerCase());
    },
  };
}

interface Place {
  readonly folder: string;
  readonly takes: (path: string) => boolean;
}

/** Where a file is, or those that a pattern finds: any below the folder that it begins with. */
function placeOf(path: string): Place {
  const steps = path.split(sep);
  const at = steps.findIndex((step) => globCharacters.test(step));
  if (at < 0) return { folder: dirname(path), takes: (other) => other === path };
  const folder = steps.slice(0, at).join(sep) || sep;
  return { folder, takes: (other) => isWithin(folder, other) };
}

/** The output itself, and what a run makes beside it: re-drives, and the file until it has its name. */
function isWrittenFor(path: string, output: string): boolean {
  if (dirname(path) !== dirname(output)) return false;
  const stem = output.replace(/(?:\.[A-Za-z\d]+)?(?:\.gz)?$/i, "");
  return path === output || path.startsWith(`${stem}.redrive-`);
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Whether a folder makes another superfluous. @param isFirst which of two that are one and the same stays */
function isAbove(folder: string, other: string, isFirst: boolean): boolean {
  return folder === other ? isFirst : isWithin(folder, other);
}

function stagesOf(flow: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  const { stages } = flow;
  return Array.isArray(stages) ? stages.map(recordOf) : [];
}

/** What a stage reads besides the records: the other side of a join, a table of look-ups. */
function readBy(stage: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(stage)
    .filter(([key]) => key !== "tee")
    .flatMap(([, value]) => filesWithin(value, 0));
}

const maxDepth = 4;
const pathKeys: ReadonlySet<string> = new Set(["file", "source"]);

/** Texts that stand under the keys `file` and `source`. */
function filesWithin(value: unknown, depth: number): readonly string[] {
  if (depth > maxDepth || typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inside]) =>
    pathKeys.has(key) && typeof inside === "string" ? [inside] : filesWithin(inside, depth + 1),
  );
}

function pathsIn(given: unknown): readonly string[] {
  const path = typeof given === "string" ? given : recordOf(given)["file"];
  return typeof path === "string" && path !== "" ? [path] : [];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  // Any object can be asked for a key.
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
