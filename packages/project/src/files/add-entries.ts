import { AtomicError } from "@atomic-agents/core";
import { randomBytes } from "node:crypto";
import { open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type NewEntry, withEntries } from "./edit-text.ts";
import { ProjectError } from "./project-error.ts";
import { readDocument } from "./read-document.ts";

/**
 * Adds entries to a project file, all or none. Comments and order stay; the file is written under a temporary name and
 * renamed, so that nobody ever reads half of it.
 *
 * @param file absolute, or relative to the process's current folder
 * @throws ProjectError for a file that cannot be read, and an entry that is there already; AtomicError `CONFIG` for an
 * entry that can only be added by hand, a file that cannot be written, and one that was changed meanwhile
 */
export async function addEntries(file: string, entries: readonly NewEntry[]): Promise<void> {
  const path = await realpath(resolve(file)).catch(() => resolve(file));
  const { document, problems } = await readDocument(path, { directory: dirname(path) });
  if (document === undefined) throw new ProjectError(problems);
  const { format } = document;
  const before = await readFile(path, "utf8");
  const after = withEntries(before, entries, { format, file: basename(path) });
  await replaceFile(path, before, after);
}

/** One entry, as `addEntries`. */
export async function addEntry(file: string, path: readonly string[], value: unknown): Promise<void> {
  await addEntries(file, [{ path, value }]);
}

async function replaceFile(path: string, before: string, after: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const { mode } = await stat(path);
    const handle = await open(temporary, "wx", mode);
    try {
      await handle.writeFile(after);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Somebody's editor may have been quicker.
    if ((await readFile(path, "utf8")) !== before) throw changed(path);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    if (AtomicError.isInstance(error)) throw error;
    throw new AtomicError(
      "CONFIG",
      `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      {
        details: { path, expected: "a file that can be written", got: "an error" },
        hint: "Look at the permissions of the file and its folder, and at the space on its disk.",
        cause: error,
      },
    );
  }
}

function changed(path: string): AtomicError<"CONFIG"> {
  return new AtomicError("CONFIG", `${path} was changed by somebody else meanwhile`, {
    details: { path, expected: "the file as it was read", got: "another content" },
    hint: "Do it again.",
  });
}
