import { styleText } from "node:util";
import { type FlowReport, flowReport, type ReportMark } from "./flow-report.ts";

/** A stream that may be a terminal. */
type Stream = NodeJS.WriteStream;

const styles = {
  title: "bold",
  heading: "bold",
  good: "green",
  warning: "yellow",
  bad: "red",
} as const;

/** Marks what stands out with the colours of a terminal, where the stream is one. */
export function markFor(stream: Stream): ReportMark {
  return (text, kind) => styleText(styles[kind], text, { stream });
}

/** How a flow went, laid out for a stream. */
export function reportText(report: FlowReport, stream: Stream): string {
  return flowReport(report, {
    width: stream.isTTY ? stream.columns || undefined : undefined,
    mark: markFor(stream),
  });
}
