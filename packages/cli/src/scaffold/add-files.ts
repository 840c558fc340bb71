import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { whyNotWritten } from "../output/write-output.ts";
import { UsageError } from "../usage-error.ts";

/**
 * Adds files to a folder: all of them, or none. A file that is there already is never replaced. They are written beside
 * one another first, where a full disk shows, and then put into their places, each whole. The folder and what folders
 * the files need are made.
 *
 * @param files their texts by their paths, which have slashes on any system
 * @returns what takes them, and the folders made for them, away again
 * @throws UsageError when one is there already, leads out of the folder by a link, or cannot be written
 */
export function addFiles(folder: string, files: ReadonlyMap<string, string>): () => void {
  const undo: (() => void)[] = [];
  // The last first, so that the folders are empty when they go.
  const takeAway = () => undo.toReversed().forEach(attempt);
  let path = folder;
  try {
    addFolder(folder, undo);
    const stage = join(folder, `.atomic-${randomBytes(6).toString("hex")}.tmp`);
    mkdirSync(stage);
    try {
      for (const [index, text] of [...files.values()].entries())
        writeFileSync(join(stage, String(index)), text);
      for (const [index, name] of [...files.keys()].entries()) {
        path = join(folder, ...name.split("/"));
        addFolder(dirname(path), undo);
        checkWithin(folder, path);
        putInPlace(join(stage, String(index)), path);
        const added = path;
        undo.push(() => rmSync(added, { force: true }));
      }
    } finally {
      rmSync(stage, { recursive: true, force: true });
    }
  } catch (error) {
    takeAway();
    throw error instanceof UsageError ? error : notWritten(path, error);
  }
  return takeAway;
}

/** What somebody else has put into a folder meanwhile stays, and so does the folder. */
function attempt(step: () => void): void {
  try {
    step();
  } catch {}
}

function addFolder(folder: string, undo: (() => void)[]): void {
  if (existsSync(folder)) return;
  const above = dirname(folder);
  if (above !== folder) addFolder(above, undo);
  mkdirSync(folder);
  undo.push(() => rmdirSync(folder));
}

/** A folder of the project may be a link that leads anywhere. */
function checkWithin(folder: string, path: string): void {
  const way = relative(realpathSync(folder), realpathSync(dirname(path)));
  if (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return;
  throw new UsageError(`${path} would lie outside of ${folder}`, {
    where: path,
    expected: "a folder of the project",
    got: "a link to a folder outside of it",
  });
}

/** Fails with `EEXIST` when something is there, which a rename would replace. */
function putInPlace(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") throw error;
    // Not every file system has links, and the folder may be another one's.
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

function notWritten(path: string, error: unknown): UsageError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EEXIST") {
    return new UsageError(`${path} is there already`, {
      where: path,
      expected: "nothing at that path",
      hint: "Nothing was written. Choose another name, or move the file away.",
    });
  }
  return new UsageError(`${path} cannot be written: ${whyNotWritten(error)}`, {
    where: path,
    hint: "Nothing was written.",
    cause: error,
  });
}
