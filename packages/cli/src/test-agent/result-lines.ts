import type { BehaviourResult } from "@atomic-agents/testing";
import { styleText } from "node:util";

type Status = BehaviourResult["status"];

/** What a status is called on the command line. */
export const statusNames = { passed: "ok", failed: "FAILED", "not-applicable": "skipped" } as const;

const colours = { passed: "green", failed: "red", "not-applicable": "dim" } as const satisfies Record<
  Status,
  string
>;

/** A result on one line: what is so when it is, with what was seen if `verbose`; or why nothing can be said. */
export function resultLine({ number, id, title, status, detail }: BehaviourResult, verbose: boolean): string {
  const mark = styleText(colours[status], statusNames[status].padEnd(7), { stream: process.stdout });
  const seen = verbose && status === "passed" ? `${title} (${detail})` : title;
  const text = status === "not-applicable" ? detail : seen;
  return `${mark}  ${String(number).padStart(2)}  ${id.padEnd(21)}  ${onOneLine(text)}`;
}

/** What went wrong, and how to see it again. */
export function failureLines(
  { number, id, title, detail, counterexample }: BehaviourResult,
  repeat: string,
): string {
  const say = (label: string, text: string) => `  ${`${label}:`.padEnd(10)}${onOneLine(text)}`;
  const what =
    counterexample === undefined
      ? [say("got", detail)]
      : [
          say("input", JSON.stringify(counterexample.input)),
          say("expected", counterexample.expected),
          say("got", counterexample.got),
        ];
  return [
    styleText("bold", `${number} ${id}: ${title}`, { stream: process.stdout }),
    ...what,
    say("repeat", repeat),
  ].join("\n");
}

/** How many there are of each. */
export function summaryLine(results: readonly BehaviourResult[]): string {
  const count = (status: Status) => results.filter((result) => result.status === status).length;
  const failed = count("failed");
  const skipped = count("not-applicable");
  const rest = skipped === 0 ? "" : `, ${skipped} skipped`;
  return failed === 0
    ? `${count("passed")} of ${results.length} behaviours passed${rest}`
    : `${failed} of ${results.length} behaviours failed${rest}`;
}

function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
}
