import { redacted } from "@atomic-agents/core";
import type { DeadLetter } from "@atomic-agents/flow";
import { fitText, onOneLine } from "./fit-text.ts";
import { letterPlace } from "./letter-place.ts";
import { momentText } from "./moment.ts";

/** What of an input is shown in a list, and what by itself, as JSON in UTF-8. */
const excerptBytes = 1_024;
const wholeBytes = 1_048_576;

/** The beginning of what a stage was given, on one line, without what must not be seen. */
export function inputExcerpt(letter: DeadLetter, width: number): string {
  if (letter.input === undefined) return "";
  const input = redacted(letter.input, { maxBytes: excerptBytes });
  const text = onOneLine(typeof input === "string" ? input : (JSON.stringify(input) ?? ""));
  return fitText(text, width).trimEnd();
}

/** A letter with all that is known of it, as lines. */
export function letterText(letter: DeadLetter, label: (text: string) => string = (text) => text): string {
  const { stage, agent, error, attempts, timestamp, inputProblem, records } = letter;
  const lines: string[] = [];
  const say = (name: string, text: string | undefined) => {
    if (text !== undefined && text !== "")
      lines.push(`${label(name.padEnd(labelWidth))}  ${onOneLine(text)}`);
  };
  say("record", `${letter.record} of ${letter.source}`);
  say("place", letter.file === undefined ? undefined : letterPlace(letter));
  if (records !== undefined)
    say(
      "stands for",
      records.map(([first, last]) => (first === last ? String(first) : `${first}–${last}`)).join(", "),
    );
  say("stage", agent === undefined || agent === stage ? stage : `${stage} (agent ${agent})`);
  say("error", `${error.code} ${error.message}`);
  // Of what an agent threw it says how to look at it in a program.
  say("try", error.code === "EXECUTION" ? undefined : error.hint);
  say("attempts", String(attempts));
  say("when", momentText(timestamp));
  say("input is", inputProblem);
  const input = redacted(letter.input, { maxBytes: wholeBytes });
  lines.push(
    `${label("input".padEnd(labelWidth))}  ${(JSON.stringify(input, undefined, 2) ?? "none").replaceAll("\n", `\n${" ".repeat(labelWidth + 2)}`)}`,
  );
  return lines.join("\n");
}

const labelWidth = "stands for".length;
