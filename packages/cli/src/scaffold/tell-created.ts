import { toJsonText } from "../output/json.ts";
import { shownPath } from "../output/shown-path.ts";
import { writeOutput } from "../output/write-output.ts";
import type { CommonOptions, Session } from "../terminal/session.ts";
import type { NewKind } from "./new-name.ts";

/** What has been created. */
export interface Created {
  readonly kind: NewKind;
  readonly name: string;
  /** Absolute paths of the files that are new. */
  readonly files: readonly string[];
  /** Absolute path of the project's file, when it got an entry. */
  readonly entryIn?: string | undefined;
  readonly warnings?: readonly string[] | undefined;
  /** What to type next. */
  readonly next: readonly string[];
}

/** Says what has been created, and what to type next: on standard output, warnings on standard error. */
export async function tellCreated(
  { kind, name, files, entryIn, warnings = [], next }: Created,
  { json }: CommonOptions,
  { status }: Session,
): Promise<void> {
  const paths = files.map((path) => shownPath(path)).toSorted();
  const entry = entryIn === undefined ? undefined : shownPath(entryIn);
  if (json === true) {
    return writeOutput(toJsonText({ kind, name, files: paths, entryIn: entry, warnings, next }), "-");
  }
  for (const warning of warnings) status.writeLine(`warning: ${warning}`);
  await writeOutput(
    [
      `Created the ${kind} ${name}:`,
      ...paths.map((path) => `  ${path}`),
      ...(entry === undefined ? [] : [`  an entry in ${entry}`]),
      "",
      "Next:",
      ...next.map((command) => `  ${command}`),
    ].join("\n"),
    "-",
  );
}
