import type { DeadLetter } from "@atomic-agents/flow";
import type { ReportedLetter } from "../output/flow-report.ts";
import { reportedLetter } from "./run-letters.ts";

/** Letters of one stage with one code. */
export interface LetterGroup {
  readonly stage: string;
  readonly code: string;
  readonly count: number;
  /** The first of them. */
  readonly first: ReportedLetter;
}

/** More kinds of failures help nobody, and memory is bounded: what comes after them counts as `other`. */
const maxGroups = 1_000;
const other = "other";

/** Letters by the stage where they failed and why, the most frequent kind first. */
export async function groupLetters(letters: AsyncIterable<DeadLetter>): Promise<readonly LetterGroup[]> {
  const groups = new Map<string, { stage: string; code: string; count: number; first: ReportedLetter }>();
  for await (const letter of letters) {
    const isKnown = groups.has(keyOf(letter.stage, letter.error.code));
    const isFull = !isKnown && groups.size >= maxGroups;
    const stage = isFull ? other : letter.stage;
    const code = isFull ? other : letter.error.code;
    const group = groups.get(keyOf(stage, code));
    if (group === undefined) {
      groups.set(keyOf(stage, code), { stage, code, count: 1, first: reportedLetter(letter) });
    } else group.count++;
  }
  return [...groups.values()].toSorted((a, b) => b.count - a.count);
}

function keyOf(stage: string, code: string): string {
  return `${stage}\0${code}`;
}
