import type { FlowSummary } from "@atomic-agents/flow";
import { ensure } from "../conformance/verdict.ts";

/** Fails unless each record read has exactly one end. */
export function ensureBalance(what: string, summary: FlowSummary): void {
  const { read, delivered, filtered, deadLettered, unfinished, status } = summary;
  ensure(
    read === delivered + filtered + deadLettered + unfinished && Math.min(unfinished, delivered) >= 0,
    () =>
      `${what}: ${read} records read, but ${delivered} delivered, ${filtered} filtered, ${deadLettered} dead-lettered and ${unfinished} unfinished`,
  );
  const isDone = status === "success" || status === "partial";
  ensure(!isDone || unfinished === 0, () => `${what}: ${status}, with ${unfinished} records unfinished`);
}

/** Fails unless a flow ended so. */
export function ensureStatus(
  what: string,
  summary: FlowSummary,
  ...expected: readonly FlowSummary["status"][]
): void {
  ensure(expected.includes(summary.status), () => {
    const why = summary.error === undefined ? "" : ` with ${summary.error.code}: ${summary.error.message}`;
    return `${what} ended as ${summary.status}${why}, not as ${expected.join(" or ")}`;
  });
}
