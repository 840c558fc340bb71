import type { Context } from "@atomic-agents/core";
import { checkKeys, configError } from "./config-error.ts";
import type { FlowCounts } from "./summary.ts";

/** When a run of a flow says that too many records fail. */
export interface FlowAlerts {
  /** The highest share of records that may be dead-lettered, from 0 to 1. Looked at from the hundredth record on, and at the end. */
  readonly errorRate?: number | undefined;
  /** How many records may be dead-lettered. */
  readonly deadLetters?: number | undefined;
}

/** With fewer records a share says little. */
const leastRecords = 100;

/** @throws AtomicError `CONFIG` */
export function checkAlerts(what: string, alerts: FlowAlerts): void {
  checkKeys(`${what}: alerts`, alerts, ["errorRate", "deadLetters"]);
  const { errorRate, deadLetters } = alerts;
  if (errorRate !== undefined && !(typeof errorRate === "number" && errorRate >= 0 && errorRate <= 1)) {
    throw configError(what, "alerts.errorRate", "a number from 0 to 1", errorRate, "Write 5 % as 0.05.");
  }
  if (deadLetters !== undefined && !(Number.isSafeInteger(deadLetters) && deadLetters >= 0)) {
    throw configError(what, "alerts.deadLetters", "a whole number from 0", deadLetters);
  }
}

/** Writes a warning into the log when a limit is first exceeded, and another when the flow has ended so. */
export class AlertWatch {
  private readonly flow: string;
  private readonly alerts: FlowAlerts;
  private readonly told = new Set<keyof FlowAlerts>();

  constructor(flow: string, alerts: FlowAlerts) {
    this.flow = flow;
    this.alerts = alerts;
  }

  /** Records on their way count as good ones: what is told here is true however they end. */
  look(counts: FlowCounts, ctx: Context): void {
    const { deadLettered, read } = counts;
    if (read >= leastRecords) this.rate(counts, read, ctx, false);
    if (this.exceeds("deadLetters", deadLettered)) this.letters(counts, ctx, false);
  }

  atEnd(counts: FlowCounts, ctx: Context): void {
    const { deadLettered, read, unfinished } = counts;
    this.told.clear();
    if (deadLettered === 0) return;
    this.rate(counts, read - unfinished, ctx, true);
    if (this.exceeds("deadLetters", deadLettered)) this.letters(counts, ctx, true);
  }

  private rate(counts: FlowCounts, records: number, ctx: Context, hasEnded: boolean): void {
    const rate = counts.deadLettered / records;
    if (!this.exceeds("errorRate", rate)) return;
    const { errorRate: limit = 0 } = this.alerts;
    const message = `${percent(rate)} of the records of flow "${this.flow}" failed, more than ${percent(limit)}`;
    this.tell(message, { alert: "errorRate", limit, value: rate }, counts, ctx, hasEnded);
  }

  private letters(counts: FlowCounts, ctx: Context, hasEnded: boolean): void {
    const { deadLetters: limit = 0 } = this.alerts;
    const value = counts.deadLettered;
    const records = value === 1 ? "1 record" : `${value} records`;
    const message = `${records} of flow "${this.flow}" failed, more than ${limit}`;
    this.tell(message, { alert: "deadLetters", limit, value }, counts, ctx, hasEnded);
  }

  private exceeds(alert: keyof FlowAlerts, value: number): boolean {
    const limit = this.alerts[alert];
    if (limit === undefined || !(value > limit) || this.told.has(alert)) return false;
    this.told.add(alert);
    return true;
  }

  private tell(message: string, figures: object, counts: FlowCounts, ctx: Context, hasEnded: boolean): void {
    const { read, delivered, filtered, deadLettered, unfinished } = counts;
    const fields = { ...figures, hasEnded, read, delivered, filtered, deadLettered, unfinished };
    ctx.emit("alert", { message, ...fields });
    try {
      ctx.log.warn(message, { flow: this.flow, runId: ctx.runId, ...fields });
    } catch {
      // A log that throws fails no flow.
    }
  }
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(3))} %`;
}
