import type { MetricsSummary, RunReport, StageReport } from "@atomic-agents/core";
import type { ModelUse } from "@atomic-agents/llm";
import { styleText } from "node:util";
import { metricsTable } from "../output/metrics-table.ts";
import { modelUseText, plainUses } from "../output/model-use.ts";
import { waterfall } from "../output/waterfall.ts";
import type { StatusLine } from "./status-line.ts";

/** What is said of a run when it has ended. */
export interface ShownRun {
  /** For the waterfall of its stages. */
  readonly report: RunReport | undefined;
  /** For the table of what was counted. */
  readonly summary: MetricsSummary | undefined;
  /** What was used of language models. */
  readonly uses: readonly ModelUse[];
}

/** The width of what is no terminal. */
const defaultWidth = 80;

/** Says on standard error how a run went: for people, or for programs as a line of JSON each. */
export function showRun({ report, summary, uses }: ShownRun, json: boolean, { writeLine }: StatusLine): void {
  if (json) {
    if (report !== undefined) writeLine(JSON.stringify({ trace: plainReport(report) }));
    if (summary !== undefined) {
      const { agents, stages } = summary;
      writeLine(JSON.stringify({ metrics: { agents, stages } }));
    }
    if (uses.length > 0) writeLine(JSON.stringify(plainUses(uses)));
    return;
  }
  const { stderr } = process;
  const width = stderr.isTTY ? stderr.columns || defaultWidth : defaultWidth;
  if (report !== undefined) writeLine(waterfall(report, { width, mark }));
  if (report !== undefined && summary !== undefined) writeLine("");
  if (summary !== undefined) writeLine(metricsTable(summary, { width, heading }));
  for (const use of uses) writeLine(`${heading("model")}  ${modelUseText(use)}`);
}

type Style = Parameters<typeof styleText>[0];

const styles: Readonly<Record<string, Style>> = {
  success: "green",
  partial: "yellow",
  passed: "yellow",
  failed: "red",
  cancelled: "dim",
  skipped: "dim",
};

function mark(text: string, status: string): string {
  const style = styles[status];
  return style === undefined ? text : styleText(style, text, { stream: process.stderr });
}

function heading(text: string): string {
  return styleText("bold", text, { stream: process.stderr });
}

/** What of a stage goes to programs; of its error the code, as the run's error says the rest. */
interface PlainStage extends Omit<StageReport, "error" | "undoError" | "stages"> {
  readonly code?: string | undefined;
  readonly undoCode?: string | undefined;
  readonly stages?: readonly PlainStage[] | undefined;
}

function plainStage({ error, undoError, stages, ...stage }: StageReport): PlainStage {
  return { ...stage, code: error?.code, undoCode: undoError?.code, stages: stages?.map(plainStage) };
}

/** Not the metadata: nobody has said that it may be written down. */
function plainReport({ error, stages, metadata: _metadata, ...report }: RunReport) {
  return { ...report, code: error?.code, stages: stages.map(plainStage) };
}
