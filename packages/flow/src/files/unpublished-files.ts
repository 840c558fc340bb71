import { lstat, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { configError } from "../config-error.ts";
import { targetOf, temporaryName } from "./output-file.ts";

/** A file under the temporary name in which a run writes what it has not published. */
export interface UnpublishedFile {
  readonly path: string;
  /** The run that writes it, or was killed while it did. */
  readonly runId: string;
  readonly bytes: number;
}

/**
 * What runs have under temporary names beside a file that `toFile` or `toDeadLetters` writes: those that are at it, and those
 * that were killed. Of what is there only the names are looked at; in the order of the names.
 *
 * @throws AtomicError `CONFIG`; the promise rejects when the folder cannot be read, and gives none when there is none
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const directory = mkdtempSync(join(tmpdir(), "doc-"));
 * writeFileSync(join(directory, ".out.jsonl.0a1b2c-01.tmp"), "1\n");
 * const [left] = await unpublishedFiles(join(directory, "out.jsonl"));
 * console.log(left?.runId, left?.bytes); // => 0a1b2c-01 2
 * ```
 */
export async function unpublishedFiles(path: string): Promise<readonly UnpublishedFile[]> {
  if (typeof path !== "string" || path === "") throw configError("unpublishedFiles", "path", "a path", path);
  const target = await targetOf(path);
  if (target === undefined) return [];
  const folder = dirname(target);
  const found: UnpublishedFile[] = [];
  for (const name of (await namesIn(folder)).toSorted()) {
    const runId = /\.(?<runId>[^.]+)\.tmp$/.exec(name)?.groups?.["runId"];
    if (runId === undefined || name !== temporaryName(basename(target), runId)) continue;
    const stats = await lstat(join(folder, name)).catch(() => undefined);
    // One that is published meanwhile is gone.
    if (stats?.isFile() === true) found.push({ path: join(folder, name), runId, bytes: stats.size });
  }
  return found;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return [];
    throw thrown;
  }
}
