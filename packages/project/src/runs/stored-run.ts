import { recordFromJson, recordToJson, type RunRecord } from "@atomic-agents/core";
import { wrong } from "./store-limits.ts";

/** A record as a store keeps it. */
export interface StoredRun {
  readonly text: string;
  readonly bytes: number;
  readonly startedAtMs: number;
  /** When the run ended, or when it was saved while it went on. */
  readonly endMs: number;
}

/** @throws AtomicError `CONFIG` for what is no record */
export function storedRun(what: string, record: RunRecord): StoredRun {
  const { report } = record ?? {};
  if (typeof report?.runId !== "string" || !Array.isArray(record.events)) {
    throw wrong(what, "record", "a record with a report and events", record);
  }
  const json = recordToJson(record);
  const text = JSON.stringify(json);
  // What JSON has no number for has become one.
  const { startedAtMs, durationMs } = json["report"] as {
    readonly startedAtMs: number;
    readonly durationMs: number;
  };
  return { text, bytes: Buffer.byteLength(text), startedAtMs, endMs: startedAtMs + durationMs };
}

/** @throws Error that says what is wrong with the text */
export function runOfText(text: string): RunRecord {
  return recordFromJson(JSON.parse(text));
}

/** When a run ended, or when it was saved while it went on; milliseconds since 1970. */
export function endOf({ report }: RunRecord): number {
  return report.startedAtMs + report.durationMs;
}
