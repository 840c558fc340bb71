import { type Problem, ProjectError } from "@atomic-agents/project";
import { addFiles } from "./add-files.ts";

/** What is written into a project. */
export interface Writing {
  /** The project's folder. */
  readonly directory: string;
  readonly files: ReadonlyMap<string, string>;
  /** Makes the entry in the project's file, as the last of what is written. */
  readonly addEntry?: (() => Promise<void>) | undefined;
  /** What is wrong when the files are there. */
  readonly check?: (() => Promise<readonly Problem[]>) | undefined;
}

/**
 * Writes into a project; when what is written turns out to be wrong, nothing has been written.
 *
 * @throws UsageError when a file cannot be written; ProjectError when `check` finds errors
 */
export async function writeSound({ directory, files, addEntry, check }: Writing): Promise<void> {
  const takeAway = addFiles(directory, files);
  try {
    const errors = ((await check?.()) ?? []).filter(({ severity }) => severity === "error");
    if (errors.length > 0) throw new ProjectError(errors);
    await addEntry?.();
  } catch (error) {
    takeAway();
    throw error;
  }
}
