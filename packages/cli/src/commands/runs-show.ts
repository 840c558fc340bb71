import { redacted, type RunRecord, recordToJson, type RunStore } from "@atomic-agents/core";
import { unpublishedFiles } from "@atomic-agents/flow";
import { runStateOf } from "@atomic-agents/project";
import { styleText } from "node:util";
import { momentText } from "../output/moment.ts";
import { reportText } from "../output/report-text.ts";
import { shownPath } from "../output/shown-path.ts";
import { waterfall } from "../output/waterfall.ts";
import { writeOutput } from "../output/write-output.ts";
import { findRun } from "../runs/find-run.ts";
import { withRuns } from "../runs/open-runs.ts";
import { reportOfRecord } from "../runs/report-of-record.ts";
import { chainOf, type RunChain } from "../runs/run-chain.ts";
import { firstLetters, ownLetters } from "../runs/run-letters.ts";
import { errorText } from "../terminal/error-text.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Options of `atomic runs show`. */
export type RunsShowOptions = ProjectOptions;

/** It shows some of them, and says of all whether they can be tried again. */
const maxLetters = 10;
const defaultWidth = 80;
/** Of a record, which has no more than a thousand events. */
const maxJsonBytes = 64 * 1_024 * 1_024;

/** `atomic runs show`: how one run went. */
export async function runsShowCommand(id: string, options: RunsShowOptions): Promise<void> {
  const text = await withRuns(options, async (store) => {
    const record = await findRun(store, id);
    return options.json === true ? jsonOf(record) : textOf(record, store);
  });
  await writeOutput(text, "-");
}

function jsonOf(record: RunRecord): string {
  const shown = redacted(recordToJson(record), { maxBytes: maxJsonBytes });
  return JSON.stringify({ state: runStateOf(record), ...(shown as object) });
}

async function textOf(record: RunRecord, store: RunStore): Promise<string> {
  const { report } = record;
  const blocks: string[] = [];
  if (record.flow === undefined) {
    blocks.push(headLines(record, undefined).join("\n"));
    blocks.push(waterfall(report, { width: process.stdout.columns || defaultWidth }));
  } else {
    const chain = await chainOf(store, record);
    const letters = await firstLetters(record, maxLetters);
    blocks.push([...headLines(record, chain), ...(await leftLines(record))].join("\n"));
    const kept = { letters, lettersFile: await ownLetters(record) };
    blocks.push(reportText(reportOfRecord(record, kept, chain), process.stdout));
  }
  if (report.error !== undefined) blocks.push(errorText(report.error, false));
  return blocks.join("\n\n");
}

function headLines(record: RunRecord, chain: RunChain | undefined): readonly string[] {
  const { report, flow } = record;
  const lines: string[] = [];
  const say = (label: string, text: string | undefined) => {
    if (text === undefined) return;
    lines.push(`${styleText("bold", label.padEnd(labelWidth), { stream: process.stdout })}  ${text}`);
  };
  say("run", report.runId);
  say("started", momentText(report.startedAtMs));
  say("flow file", flow?.origin?.file);
  say("profile", flow?.origin?.profile);
  say("source", flow === undefined ? undefined : shownPath(flow.source));
  if (flow !== undefined && runStateOf(record) === "running") say("process", `${flow.pid} on ${flow.host}`);
  if (flow?.origin?.limit !== undefined) say("limit", `${flow.origin.limit} records`);
  say("re-drive of", flow?.redriveOf);
  for (const { report: other } of chain?.redrivenBy ?? []) {
    say("re-driven by", `${other.runId} (${other.status})`);
  }
  return lines;
}

/** What a run that was killed has left of its outputs: nothing that could be used. */
async function leftLines(record: RunRecord): Promise<readonly string[]> {
  if (runStateOf(record) !== "interrupted") return [];
  const { runId } = record.report;
  const found: string[] = [];
  for (const output of record.flow?.origin?.outputs ?? []) {
    const left = await unpublishedFiles(output).catch(() => []);
    for (const { path } of left.filter((one) => one.runId === runId)) {
      const name = styleText("bold", "left over".padEnd(labelWidth), { stream: process.stdout });
      found.push(`${name}  ${shownPath(path)} (a part of ${shownPath(output)}; a later run removes it)`);
    }
  }
  return found;
}

const labelWidth = "re-driven by".length;
