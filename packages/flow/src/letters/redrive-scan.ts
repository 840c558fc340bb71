import { AtomicError } from "@atomic-agents/core";
import { checkKeys, configError } from "../config-error.ts";
import type { DeadLetter } from "../dead-letter.ts";
import type { FlowStage } from "../flow-stage.ts";
import { fromIterable } from "../from-iterable.ts";
import { showPlace } from "../place.ts";
import { checkSource, Refusal, type Source } from "../source.ts";
import { fromDeadLetters } from "./from-dead-letters.ts";
import { type ReadingContext, type ReadValue, readSource } from "./read-source.ts";

/** Where dead letters are: the path of a file of them, a source that can be read more than once, or the letters. */
export type DeadLetters = string | Source<DeadLetter> | readonly DeadLetter[];

/** Which dead letters are done again, and how strictly. */
export interface RedriveOptions {
  /** Only letters that failed at this stage, or at one of these; all of them unless it is said. */
  readonly stage?: string | readonly string[] | undefined;
  /** Takes letters of a flow with another name or another design, as long as their stages are there; false. */
  readonly force?: boolean | undefined;
}

/** What a re-drive is going to do. */
export interface RedrivePlan {
  /** The run whose letters they are; undefined when there are none. */
  readonly runId: string | undefined;
  readonly letters: number;
  /** How many copies of letters there are besides, such as of lines that stand in the file twice: they are left out. */
  readonly copies: number;
  /** How many records of the source they stand for. */
  readonly records: number;
  /** How many letters there are of each stage at which records failed, in the order in which they were met. */
  readonly stages: readonly { readonly stage: string; readonly letters: number }[];
  /** What should be known of its results, in sentences. */
  readonly notes: readonly string[];
}

/** The flow that letters go into. */
export interface RedriveTarget {
  readonly name: string;
  readonly hash: string;
  readonly stages: readonly FlowStage[];
}

/** What a look at all letters has found. */
export interface RedriveScan extends RedrivePlan {
  /** How many letters each record has that has more than one. */
  readonly lettersOfRecord: ReadonlyMap<number, number>;
}

/** @throws AtomicError `CONFIG` */
export function checkRedrive(
  what: string,
  letters: DeadLetters,
  options: RedriveOptions,
): Source<DeadLetter> {
  checkKeys(what, options, ["stage", "force"]);
  const { stage, force } = options;
  if (stage !== undefined) {
    const stages: readonly unknown[] = Array.isArray(stage) ? stage : [stage];
    if (stages.length === 0 || stages.some((one) => typeof one !== "string")) {
      throw configError(what, "stage", "the id of a stage, or some of them", stage);
    }
  }
  if (force !== undefined && typeof force !== "boolean") {
    throw configError(what, "force", "true or false", force);
  }
  if (typeof letters === "string") return fromDeadLetters(letters);
  if (Array.isArray(letters)) return fromIterable<DeadLetter>(letters, { name: "dead letters" });
  checkSource(what, letters);
  // What is neither a text nor an array is a source.
  return letters as Source<DeadLetter>;
}

/** Whether a letter is one of those that were asked for. */
export function isChosen({ stage }: DeadLetter, { stage: wanted }: RedriveOptions): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === "string" ? stage === wanted : wanted.includes(stage);
}

/** Tells copies of letters of one run, such as lines that stand in a file twice, from the letters. */
export class LetterCopies {
  private readonly seen = new NumberSet();
  count = 0;

  isCopy({ letter }: DeadLetter): boolean {
    if (letter === undefined || this.seen.add(letter)) return false;
    this.count++;
    return true;
  }
}

/**
 * Looks at all letters before any of them is done again.
 *
 * @throws AtomicError `CONFIG` that says which cannot be, how many and why
 */
export async function scanLetters(
  letters: Source<DeadLetter>,
  target: RedriveTarget,
  options: RedriveOptions,
  context: Partial<ReadingContext> = {},
): Promise<RedriveScan> {
  const scan = new Scan(target, options);
  for await (const read of readSource(letters, context)) scan.look(read);
  return scan.result();
}

interface Trouble {
  count: number;
  /** Where the first of them is. */
  readonly at: string;
}

class Scan {
  private readonly target: RedriveTarget;
  private readonly options: RedriveOptions;
  private readonly copies = new LetterCopies();
  private readonly indexOf: ReadonlyMap<string, number>;
  private readonly firstNeedsAll: number;
  private readonly troubles = new Map<string, Trouble>();
  private readonly stageCounts = new Map<string, number>();
  private readonly runIds = new Set<string>();
  private readonly seen = new NumberSet();
  private readonly lettersOfRecord = new Map<number, number>();
  private letters = 0;
  private records = 0;
  private total = 0;
  private hasChanged = false;

  constructor(target: RedriveTarget, options: RedriveOptions) {
    this.target = target;
    this.options = options;
    this.indexOf = new Map(target.stages.map(({ id }, index) => [id, index]));
    const firstNeedsAll = target.stages.findIndex(({ needsAll }) => needsAll);
    this.firstNeedsAll = firstNeedsAll === -1 ? Number.POSITIVE_INFINITY : firstNeedsAll;
  }

  look({ value, file, line }: ReadValue): void {
    this.total++;
    const at = line === 0 ? `letter ${this.total}` : showPlace({ file, line });
    if (value instanceof Refusal) {
      this.trouble(`damaged (${value.message})`, at);
      return;
    }
    // The source gives letters and refusals.
    const letter = value as DeadLetter;
    if (!isChosen(letter, this.options)) return;
    if (this.runIds.size < maxToldRuns) this.runIds.add(letter.runId);
    if (this.copies.isCopy(letter)) return;
    this.letters++;
    this.stageCounts.set(letter.stage, (this.stageCounts.get(letter.stage) ?? 0) + 1);
    const reason = this.refusalOf(letter);
    if (reason !== undefined) this.trouble(reason, at);
    for (const [first, last] of letter.records ?? [[letter.record, letter.record]]) {
      for (let record = first; record <= last; record++) {
        if (this.seen.add(record)) this.records++;
        else this.lettersOfRecord.set(record, (this.lettersOfRecord.get(record) ?? 1) + 1);
      }
    }
  }

  result(): RedriveScan {
    const { options, target, stageCounts } = this;
    const wanted = options.stage === undefined ? [] : [options.stage].flat();
    const missing = wanted.filter((stage) => !stageCounts.has(stage));
    if (this.runIds.size > 1) {
      this.trouble(`of several runs (${[...this.runIds].join(", ")}): take those of one run at a time`, "");
    }
    if (missing.length > 0) {
      const known = [...stageCounts.keys()].map((stage) => JSON.stringify(stage)).join(", ");
      throw refusal(
        target,
        `none of them failed at ${missing.map((stage) => JSON.stringify(stage)).join(", ")}`,
        known === "" ? "Leave the stage out, or look at the letters." : `There are letters of ${known}.`,
      );
    }
    if (this.troubles.size > 0) {
      const reasons = [...this.troubles].map(([reason, { count, at }]) => {
        const place = at === "" ? "" : count === 1 ? ` (${at})` : ` (the first is ${at})`;
        return `${count} of ${this.total}${place}: ${reason}`;
      });
      throw refusal(target, reasons.slice(0, maxToldReasons).join("; "), hintOf([...this.troubles.keys()]));
    }
    return {
      runId: [...this.runIds][0],
      letters: this.letters,
      copies: this.copies.count,
      records: this.records,
      stages: [...stageCounts].map(([stage, letters]) => ({ stage, letters })),
      notes: this.notes(),
      lettersOfRecord: this.lettersOfRecord,
    };
  }

  private trouble(reason: string, at: string): void {
    const known = this.troubles.get(reason);
    if (known !== undefined) known.count++;
    else if (this.troubles.size < maxReasons) this.troubles.set(reason, { count: 1, at });
  }

  /** Why a letter cannot be done again. */
  private refusalOf(letter: DeadLetter): string | undefined {
    const { entry, flow, flowHash, inputProblem, stage } = letter;
    const { target, options, indexOf } = this;
    if (options.force !== true) {
      if (flow !== target.name) return `of the flow ${JSON.stringify(flow)}`;
      if (flowHash !== target.hash)
        return `${changed}: ${flowHash.slice(0, 12)} then, ${target.hash.slice(0, 12)} now`;
    } else if (flow !== target.name || flowHash !== target.hash) this.hasChanged = true;
    const index =
      entry.kind === "source" ? 0 : entry.kind === "sink" ? target.stages.length : indexOf.get(entry.id);
    if (index === undefined) return `there is no stage ${JSON.stringify(entry.id)} in the flow`;
    const isTee = target.stages[index]?.kind === "tee";
    if (entry.kind === "tee" && !isTee) return `${JSON.stringify(entry.id)} is no tee any more`;
    if (index < this.firstNeedsAll) {
      return inputProblem === undefined
        ? undefined
        : `${lost} ${JSON.stringify(entry.id)} cannot go in again: ${inputProblem}`;
    }
    const needsAll = JSON.stringify(target.stages[this.firstNeedsAll]?.id);
    const where =
      index === this.firstNeedsAll
        ? "needs all records"
        : `stands after ${needsAll}, which needs all records`;
    return `${JSON.stringify(stage)} ${where}`;
  }

  private notes(): readonly string[] {
    const notes = this.target.stages
      .filter(({ needsAll }) => needsAll)
      .map(({ id }) => `${JSON.stringify(id)} needs all records, and sees only those that are done again.`);
    const { count: copies } = this.copies;
    if (copies > 0) {
      notes.unshift(
        copies === 1
          ? "1 letter is a copy of one that stands before, and is left out."
          : `${copies} letters are copies of ones that stand before, and are left out.`,
      );
    }
    if (this.hasChanged) notes.unshift("The flow has changed since these records failed.");
    return this.letters === 0 ? [] : notes;
  }
}

/** How many different reasons and runs are kept and told. */
const maxReasons = 100;
const maxToldReasons = 5;
const maxToldRuns = 3;
const changed = "the flow has changed since";
const lost = "what was given to";

function hintOf(reasons: readonly string[]): string {
  if (reasons.every((reason) => reason.startsWith(changed) || reason.startsWith("of the flow"))) {
    return "Where the change does not matter to these records, force it.";
  }
  if (reasons.some((reason) => reason.startsWith(lost))) {
    return "Mend such records where they are from and run the flow over them; choose the others by their stage.";
  }
  return "Choose the others by their stage.";
}

function refusal({ name }: RedriveTarget, why: string, hint: string): AtomicError<"CONFIG"> {
  return new AtomicError("CONFIG", `Flow "${name}" cannot do these dead letters again: ${why}`, {
    details: { path: "letters", expected: "letters that can be done again", got: why },
    hint,
  });
}

const bitsPerPage = 1_024;

/** Numbers of records: a bit each where they are dense. */
class NumberSet {
  private readonly pages = new Map<number, Uint32Array>();

  /** True when it was not in it. */
  add(number: number): boolean {
    const key = Math.floor(number / bitsPerPage);
    let page = this.pages.get(key);
    if (page === undefined) {
      page = new Uint32Array(bitsPerPage / 32);
      this.pages.set(key, page);
    }
    const bit = number % bitsPerPage;
    const word = page[bit >> 5] ?? 0;
    const mask = 1 << (bit & 31);
    if ((word & mask) !== 0) return false;
    page[bit >> 5] = word | mask;
    return true;
  }
}
