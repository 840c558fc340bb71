import { randomBytes } from "node:crypto";
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UsageError } from "../usage-error.ts";

/**
 * Says early that a result could not be written to a file: before the agent has done its work for nothing.
 *
 * @throws UsageError when the path is a folder, or its folder is missing or takes no files
 */
export function checkOutput(path: string | undefined): void {
  if (path === undefined || path === "-") return;
  if (path === "" || path.includes("\0")) {
    throw new UsageError("The output needs the path of a file", {
      where: "--output",
      got: JSON.stringify(path),
    });
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new UsageError(`${path} is a folder`, { where: "--output", expected: "the path of a file, or -" });
  }
  const folder = dirname(path);
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const missing = statSync(folder, { throwIfNoEntry: false }) === undefined;
    throw new UsageError(missing ? `There is no folder ${folder}` : `The folder ${folder} takes no files`, {
      where: "--output",
      hint: missing ? `mkdir -p ${folder}` : undefined,
      cause: error,
    });
  }
}

/** Writes a text with a line break at its end: to a file, or to standard output when the path is absent or `-`. */
export async function writeOutput(text: string, path: string | undefined): Promise<void> {
  const lines = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  if (path === undefined || path === "-") return writeStandardOutput(lines);
  const existing = statSync(path, { throwIfNoEntry: false });
  // A device or a pipe must not be replaced by a file.
  if (existing !== undefined && !existing.isFile()) return writeFile(path, lines);
  await replaceFile(existing === undefined ? path : realpathSync(path), lines, existing?.mode);
}

function writeStandardOutput(text: string): Promise<void> {
  return new Promise((resolve) => {
    // A reader that has gone is no failure; the stream's error says so, and the program ends by it.
    process.stdout.write(text, () => resolve());
  });
}

/** Whoever looks sees the file as it was or as it is meant to be, never half of it. */
async function replaceFile(path: string, text: string, mode: number | undefined): Promise<void> {
  const temporary = join(
    dirname(path),
    `.${basename(path).slice(0, 100)}.${randomBytes(6).toString("hex")}.tmp`,
  );
  try {
    const file = await open(temporary, "wx", mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
