import { resolve } from "node:path";
import type { ReportedOutput } from "../output/flow-report.ts";
import { shownPath } from "../output/shown-path.ts";

/** What is known of where a run writes. */
export interface RunOutputs {
  /** What paths of the flow's file are relative to. */
  readonly directory: string;
  /** The absolute paths of the files that it writes. */
  readonly files: readonly string[];
  /** The absolute path of its dead letters. */
  readonly letters: string | undefined;
}

/** The sinks of a run but for that of the dead letters, each under a name that can be typed here. */
export function reportedOutputs(
  sinks: readonly ReportedOutput[],
  { directory, files, letters }: RunOutputs,
): readonly ReportedOutput[] {
  const written = new Set(files);
  return sinks
    .filter(({ name }) => name !== letters)
    .map(({ name, written: count, published }) => {
      const path = resolve(directory, name);
      return { name: written.has(path) ? shownPath(path) : name, written: count, published };
    });
}
