import { constants } from "node:fs";
import { access, glob, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { closest } from "../closest.ts";
import type { DocumentPath } from "./flow-report.ts";
import type { PlanContext } from "./plan-stage.ts";

const magic = /[*?[{]|[!+@]\(/;

/** Whether a name may stand for any number of files. */
export function isPattern(name: string): boolean {
  return magic.test(name);
}

/** How the files of a source are looked for. */
export interface FindOptions {
  /** Whether they may lie anywhere, because somebody has named them who runs the flow. */
  readonly isGiven: boolean;
  /** Files that need not be there yet: absolute paths. */
  readonly madeElsewhere: ReadonlySet<string>;
}

/**
 * The absolute paths of the files that a source names, or that its pattern finds; undefined where there are none to be
 * read, which is reported at the path.
 */
export async function findFiles(
  context: PlanContext,
  name: string,
  path: DocumentPath,
  options: FindOptions,
): Promise<readonly string[] | undefined> {
  const { isGiven, madeElsewhere } = options;
  const { project, report } = context;
  const { directory } = project;
  const fail = (message: string, hint: string | undefined): undefined => {
    report.error(path, { code: "path", message, hint });
  };
  try {
    const checked = (file: string): string =>
      isGiven ? resolve(directory, file) : project.pathOf(file, "input");
    const exact = checked(name);
    if (madeElsewhere.has(exact)) return [exact];
    const stats = await stat(exact).catch(() => undefined);
    if (stats?.isDirectory() === true) {
      return fail(
        `${JSON.stringify(name)} is a folder, not a file`,
        `All files in it are ${JSON.stringify(`${name}/*`)}.`,
      );
    }
    if (stats !== undefined) {
      await access(exact, constants.R_OK);
      return [exact];
    }
    if (!isPattern(name)) {
      return fail(`There is no file ${JSON.stringify(name)}`, await hintFor(exact, name, options, directory));
    }
    const files: string[] = [];
    for await (const found of glob(name, { cwd: directory })) files.push(checked(found));
    for (const file of files) await access(file, constants.R_OK);
    if (files.length > 0) return files.toSorted();
    const hint = isGiven
      ? "Is it the right folder, and the right ending?"
      : `It is looked for in ${directory}.`;
    return fail(`No file is found by ${JSON.stringify(name)}`, hint);
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EACCES") {
      return fail(`The file ${JSON.stringify(name)} may not be read by this user`, undefined);
    }
    report.thrown(path, thrown, "path");
    return undefined;
  }
}

/** A file beside the one that was looked for whose name is like it; else where that was, or what to name instead. */
async function hintFor(
  file: string,
  name: string,
  { isGiven }: FindOptions,
  directory: string,
): Promise<string> {
  if (name.includes("://")) return "Records of an address are read by a flow file: source: { http: … }.";
  const names = await readdir(dirname(file)).catch(() => undefined);
  if (names?.includes(basename(file)) === true) return "It is a link that leads to no file.";
  const near = closest(basename(file), names ?? []);
  if (near !== undefined) return `Did you mean ${JSON.stringify(join(dirname(name), near))}?`;
  if (names === undefined) return `There is no folder ${dirname(file)} either.`;
  return isGiven
    ? "It takes a path, a pattern of paths in quotes, or - for standard input."
    : `Paths are taken relative to ${directory}.`;
}
