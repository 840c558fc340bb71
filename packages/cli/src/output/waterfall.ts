import type { RunReport, StageReport } from "@atomic-agents/core";
import { durationText } from "./duration.ts";
import { fitText, onOneLine } from "./fit-text.ts";
import { textWidth } from "./text-width.ts";

/** How a waterfall is drawn. */
export interface WaterfallOptions {
  /** The most columns of characters it may take. */
  readonly width: number;
  /** Marks a bar and what became of the stage by its status. */
  readonly mark?: ((text: string, status: string) => string) | undefined;
}

interface Row {
  readonly name: string;
  readonly status: string;
  readonly atMs: number;
  /** Undefined for a stage that was never reached. */
  readonly durationMs: number | undefined;
  readonly attempts: string;
  readonly outcome: string;
}

/** The most stages that are shown: nobody reads more. */
const maxRows = 200;
const gap = "  ";
const leastNameWidth = 8;
const leastBarWidth = 8;
/** Names that lie deeper stand where these do, or there would be no room for them. */
const maxIndents = 6;

/** A run and its stages as lines: when each one ran, for how long, how often it was tried, and what became of it. */
export function waterfall(report: RunReport, { width, mark = (text) => text }: WaterfallOptions): string {
  const stages = report.stages.flatMap((stage) => rowsOf(stage, 1));
  const rows = [rowOfRun(report), ...stages.slice(0, maxRows)];
  const nameWidth = widest(rows.map(({ name }) => name));
  const durations = rows.map(({ durationMs }) => (durationMs === undefined ? "" : durationText(durationMs)));
  const durationWidth = widest(durations);
  const attemptsWidth = widest(rows.map(({ attempts }) => attempts));
  const outcomeWidth = widest(rows.map(({ outcome }) => outcome));
  const besides = [durationWidth, attemptsWidth, outcomeWidth].filter((column) => column > 0);
  const left = width - besides.reduce((sum, column) => sum + gap.length + column, 0);
  // Names may have half of what is left; the bars take the rest, where it is enough for any.
  const shownNameWidth = Math.min(nameWidth, Math.max(leastNameWidth, Math.floor((left - gap.length) / 2)));
  const barWidth = left - shownNameWidth - gap.length;
  const lines = rows.map((row, index) => {
    const { name, status, attempts, outcome } = row;
    const cells = [fitText(name, shownNameWidth)];
    if (barWidth >= leastBarWidth) cells.push(mark(barOf(row, report.durationMs, barWidth), status));
    cells.push((durations[index] ?? "").padStart(durationWidth));
    if (attemptsWidth > 0) cells.push(attempts.padEnd(attemptsWidth));
    cells.push(mark(outcome, status));
    return cells.join(gap).trimEnd();
  });
  const more = stages.length - maxRows;
  if (more > 0) lines.push(`  … and ${more} more`);
  return lines.join("\n");
}

function rowOfRun({ agent, status, durationMs, error }: RunReport): Row {
  const outcome = outcomeOf(status, error?.code);
  return { name: onOneLine(agent), status, atMs: 0, durationMs, attempts: "", outcome };
}

function rowsOf(stage: StageReport, depth: number): readonly Row[] {
  const { id, status, attempts, atMs, durationMs, error, undone, undoError, stages = [] } = stage;
  const isReached = status !== "skipped" && status !== "pending";
  const undoing = undone === true ? ", undone" : undoError === undefined ? "" : ", not undone";
  const row: Row = {
    name: "  ".repeat(Math.min(depth, maxIndents)) + onOneLine(id),
    status,
    atMs,
    durationMs: isReached ? durationMs : undefined,
    attempts: attempts > 1 ? `×${attempts}` : "",
    outcome: outcomeOf(status, error?.code) + undoing,
  };
  return [row, ...stages.flatMap((inner) => rowsOf(inner, depth + 1))];
}

function outcomeOf(status: string, code: string | undefined): string {
  return code === undefined || code === "CANCELLED" ? status : `${status} ${code}`;
}

/** What is too short for a character has a thin one. */
function barOf({ atMs, durationMs }: Row, totalMs: number, width: number): string {
  if (durationMs === undefined) return " ".repeat(width);
  const scale = totalMs > 0 ? width / totalMs : 0;
  const begin = Math.min(width - 1, Math.max(0, Math.floor(atMs * scale)));
  const end = Math.min(width, Math.max(begin + 1, Math.round((atMs + durationMs) * scale)));
  const bar = durationMs * scale < 0.5 ? "▏" : "█".repeat(end - begin);
  return (" ".repeat(begin) + bar).padEnd(width);
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(textWidth));
}
