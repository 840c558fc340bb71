import type { MetricsSummary } from "@atomic-agents/core";
import type { FlowCounts, FlowStageSummary } from "@atomic-agents/flow";
import { alignNumbers } from "./align-numbers.ts";
import { type BalanceColumn, balanceTable } from "./balance-table.ts";
import { countOf, countText, rateText } from "./count-text.ts";
import { durationText } from "./duration.ts";
import { onOneLine } from "./fit-text.ts";
import { metricsTable } from "./metrics-table.ts";
import { drawTable } from "./table.ts";

/** A record that failed, as it is told in a line. */
export interface ReportedLetter {
  /** `tickets.jsonl:17:3`, or what else says which record it is. */
  readonly place: string;
  /** Left out where it is the source, which the place tells. */
  readonly stage?: string | undefined;
  readonly code: string;
  readonly message: string;
  /** Why it cannot be tried again as it is. */
  readonly inputProblem?: string | undefined;
}

/** Where records went. */
export interface ReportedOutput {
  readonly name: string;
  readonly written: number;
  /** Whether they are there. */
  readonly published: boolean;
}

/** How a flow went, as it is told when it has ended, or later. */
export interface FlowReport {
  readonly name: string;
  readonly status: string;
  readonly durationMs: number;
  readonly counts: FlowCounts;
  readonly stages: readonly FlowStageSummary[];
  readonly outputs: readonly ReportedOutput[];
  /** Nothing was to be written. */
  readonly isDryRun?: boolean | undefined;
  /** Where the record is from whose failure ended it. */
  readonly stoppedBy?: string | undefined;
  /** The first of the records that failed. */
  readonly letters: readonly ReportedLetter[];
  /** The file they are in, if they are. */
  readonly lettersFile?: string | undefined;
  /** The command that shows them all, and those that try them again; left out where that cannot be. */
  readonly showCommand?: string | undefined;
  readonly redriveCommands?: readonly string[] | undefined;
  /** Other runs that this one goes on with, and all together; this one's counts are among them. */
  readonly balance?: readonly BalanceColumn[] | undefined;
  /** What was used of language models, a line each. */
  readonly models?: readonly string[] | undefined;
  /** What was counted of its agents and of the stages within them, where that was asked for. */
  readonly agentStages?: MetricsSummary["stages"] | undefined;
}

/** Marks what stands out. */
export type ReportMark = (text: string, kind: "title" | "heading" | "good" | "warning" | "bad") => string;

/** How it is laid out. */
export interface FlowReportOptions {
  /** The most columns that its table takes; no limit when absent. */
  readonly width?: number | undefined;
  readonly mark?: ReportMark | undefined;
}

const shownLetters = 5;
const longestMessage = 300;

/** How a flow went, for people: what became of the records, by stage, where they are, and what to do about failed ones. */
export function flowReport(
  report: FlowReport,
  { width, mark = (text) => text }: FlowReportOptions = {},
): string {
  const { name, status, durationMs, counts, balance = [{ counts }] } = report;
  const perSecond = durationMs > 0 ? ` (${rateText((1_000 * counts.read) / durationMs)})` : "";
  const statusKind = status === "success" ? "good" : status === "partial" ? "warning" : "bad";
  const blocks = [
    `${mark(name, "title")}: ${mark(status, statusKind)}, ${countOf(counts.read, "record")} in ${durationText(durationMs)}${perSecond}`,
    balanceTable(balance, (line, count, isSome) =>
      isSome && count === "deadLettered"
        ? mark(line, "bad")
        : isSome && count === "unfinished"
          ? mark(line, "warning")
          : line,
    ),
    stageTable(report.stages, width, mark),
    agentTable(report.agentStages, width, mark),
    outputLines(report, mark).join("\n"),
  ];
  return blocks.filter((block) => block !== "").join("\n\n");
}

const columns = ["STAGE", "TAKEN", "GIVEN", "FILTERED", "DEAD-LETTERED"];
const ofNumbers: ReadonlySet<string> = new Set(columns.slice(1));

/** A line for each stage: what it took and gave, and what ended there. */
function stageTable(
  stages: readonly FlowStageSummary[],
  width: number | undefined,
  mark: ReportMark,
): string {
  if (stages.length === 0) return "";
  const cells = stages.map(({ id, taken, given, filtered, deadLettered }) => [
    id,
    ...[taken, given, filtered, deadLettered].map(countText),
  ]);
  return drawTable(alignNumbers(columns, cells, ofNumbers), {
    width,
    heading: (text) => mark(text, "heading"),
  });
}

function agentTable(
  stages: MetricsSummary["stages"] | undefined,
  width: number | undefined,
  mark: ReportMark,
): string {
  if (stages === undefined) return "";
  return metricsTable({ agents: {}, stages }, { width, heading: (text) => mark(text, "heading") });
}

function outputLines(report: FlowReport, mark: ReportMark): readonly string[] {
  const { outputs, counts, letters, lettersFile, showCommand, redriveCommands = [], isDryRun } = report;
  const lines: string[] = [];
  const say = (label: string, text: string) =>
    // Names of files may hold anything, such as what a terminal would obey.
    lines.push(`${mark(label.padEnd(labelWidth), "heading")}  ${onOneLine(text)}`);
  if (isDryRun === true) say("output", "nothing was written: a dry run");
  else {
    for (const output of outputs) say("output", outputText(output));
  }
  if (report.stoppedBy !== undefined) say("stopped by", report.stoppedBy);
  if (counts.deadLettered > 0 || lettersFile !== undefined) {
    const failed = countOf(counts.deadLettered, "record");
    // Of a run that was killed there may be more than were counted.
    const told = counts.deadLettered < letters.length ? `${letters.length} or more` : failed;
    say("dead letters", lettersFile === undefined ? told : `${lettersFile} (${told})`);
    for (const letter of letters.slice(0, shownLetters)) lines.push(`  ${letterLine(letter, mark)}`);
    const more = counts.deadLettered - Math.min(letters.length, shownLetters);
    if (more > 0)
      lines.push(`  and ${countText(more)} more${showCommand === undefined ? "" : `: ${showCommand}`}`);
  }
  for (const use of report.models ?? []) say("model", use);
  for (const command of redriveCommands) say("try again", command);
  return lines;
}

const labelWidth = "dead letters".length;

function outputText({ name, written, published }: ReportedOutput): string {
  // What was written there cannot be taken back.
  const isSent = name === "stdout" || /^https?:\/\//.test(name);
  if (published || isSent) return `${name} (${countOf(written, "record")})`;
  return `${name} was not written${written === 0 ? "" : ` (${countOf(written, "record")} let go)`}`;
}

/** A failed record on one line: where it is, where it failed and why. */
export function letterLine(letter: ReportedLetter, mark: ReportMark = (text) => text): string {
  const { place, stage, code, message } = letter;
  // Most messages name the stage themselves.
  const isNamed = stage === undefined || message.includes(JSON.stringify(stage));
  const parts = [mark(onOneLine(place), "title"), ...(isNamed ? [] : [onOneLine(stage)])];
  return `${parts.join("  ")}  ${mark(code, "bad")} ${shortMessage(message)}`;
}

/** A message on one line, or the beginning of it. */
export function shortMessage(message: string): string {
  const shown = onOneLine(message);
  return shown.length > longestMessage ? `${shown.slice(0, longestMessage - 1)}…` : shown;
}
