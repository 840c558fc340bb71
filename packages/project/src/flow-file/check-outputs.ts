import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import type { OutputPlan } from "./plan-output.ts";
import type { SourcePlan } from "./plan-source.ts";

interface Target {
  readonly path: DocumentPath;
  readonly label: string;
  readonly file: string;
}

/** Reports files that are written twice, or read and written. */
export function checkOutputs(
  report: FlowReport,
  sources: readonly Pick<SourcePlan, "files" | "finds">[],
  outputs: readonly OutputPlan[],
  deadLetters: Pick<Target, "file" | "label"> | undefined,
): void {
  const targets = outputs.flatMap(({ path, label, file }): Target[] =>
    file === undefined ? [] : [{ path, label, file: realFile(file) }],
  );
  if (deadLetters !== undefined) {
    targets.push({ path: ["deadLetters"], label: deadLetters.label, file: realFile(deadLetters.file) });
  }
  const read = new Set(sources.flatMap(({ files }) => files.map(realFile)));
  const written = new Map<string, Target>();
  for (const target of targets) {
    const { path, label, file } = target;
    const first = written.get(file);
    if (read.has(file) || sources.some(({ finds }) => finds?.(file) === true)) {
      report.error(path, {
        code: "path",
        message: `${JSON.stringify(label)} is also what the flow reads`,
        hint: "Write to another file: what is read must not change meanwhile.",
      });
    } else if (first !== undefined) {
      const isGiven = report.optionAt(first.path) !== undefined;
      const from = isGiven
        ? "as the output that was given"
        : `from line ${report.document.positionOf(first.path).line}`;
      report.error(path, {
        code: "path",
        message: `${JSON.stringify(label)} is also written to ${from}`,
        hint: "Give each of them a file of its own.",
      });
    }
    written.set(file, first ?? target);
  }
  const streams = outputs.filter(({ isStdout }) => isStdout);
  for (const { path } of streams.slice(1)) {
    report.error(path, { code: "path", message: "Standard output is also written to by a stage before" });
  }
}

/** The file itself, where links lead to it; its folder's, where there is none of that name yet. */
export function realFile(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    const folder = dirname(file);
    return folder === file ? file : join(realFile(folder), basename(file));
  }
}
