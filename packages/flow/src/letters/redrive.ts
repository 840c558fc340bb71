import { AtomicError } from "@atomic-agents/core";
import type { DeadLetter } from "../dead-letter.ts";
import { Item } from "../item.ts";
import { defineSource, Refusal, type Source } from "../source.ts";
import { damagedError } from "./read-dead-letters.ts";
import type { ReadingContext } from "./read-source.ts";
import { readSource } from "./read-source.ts";
import { LetterItem } from "./letter-item.ts";
import {
  isChosen,
  LetterCopies,
  type RedriveOptions,
  type RedriveScan,
  type RedriveTarget,
  scanLetters,
} from "./redrive-scan.ts";

/** Brings dead letters back into a flow: looks at all of them first, then makes items of them as the flow asks. */
export class Redrive {
  /** Gives the chosen letters. */
  readonly source: Source<unknown>;
  private readonly letters: Source<DeadLetter>;
  private readonly target: RedriveTarget;
  private readonly options: RedriveOptions;
  private scan: RedriveScan | undefined = undefined;
  /** The records that have more than one letter, from the first of them to the last. */
  private readonly shared = new Map<number, { readonly item: Item; lettersLeft: number }>();
  /** How many records of the source the letters given so far stand for. */
  recordCount = 0;

  constructor(letters: Source<DeadLetter>, target: RedriveTarget, options: RedriveOptions) {
    this.letters = letters;
    this.target = target;
    this.options = options;
    this.source = defineSource<unknown>({ name: letters.name, read: (reader) => this.read(reader) });
  }

  /** The run whose letters they are. */
  get redriveOf(): string | undefined {
    return this.scan?.runId;
  }

  /** @throws AtomicError `CONFIG` when some of the letters cannot be done again */
  async prepare(context: ReadingContext): Promise<void> {
    this.scan = await scanLetters(this.letters, this.target, this.options, context);
    for (const note of this.scan.notes) context.log.warn(note, { flow: this.target.name });
  }

  /** The item of a letter. */
  itemOf(letter: DeadLetter): LetterItem {
    const ranges = letter.records ?? [[letter.record, letter.record] as const];
    const [first] = ranges;
    const isOne = ranges.length === 1 && first !== undefined && first[0] === first[1];
    if (isOne) {
      if (!this.isShared(letter.record)) {
        this.recordCount++;
        return new LetterItem(letter, undefined);
      }
      return new LetterItem(letter, this.sharedItem(letter.record));
    }
    const members: Item[] = [];
    for (const [from, to] of ranges) {
      for (let record = from; record <= to; record++) members.push(this.sharedItem(record));
    }
    return new LetterItem(letter, new Item(undefined, undefined, members));
  }

  private isShared(record: number): boolean {
    return this.scan?.lettersOfRecord.has(record) === true;
  }

  /** What stands for a record until all of its letters have ended. */
  private sharedItem(record: number): Item {
    const known = this.shared.get(record);
    if (known !== undefined) {
      known.lettersLeft--;
      if (known.lettersLeft === 0) this.shared.delete(record);
      return known.item;
    }
    const letters = this.scan?.lettersOfRecord.get(record) ?? 1;
    const item = new Item(undefined);
    item.number = record;
    item.open = letters;
    this.recordCount++;
    if (letters > 1) this.shared.set(record, { item, lettersLeft: letters - 1 });
    return item;
  }

  private async *read(reader: ReadingContext & { readonly setSize: (size: object) => void }) {
    const { letters = 0, records = 0 } = this.scan ?? {};
    reader.setSize({ records });
    const copies = new LetterCopies();
    let count = 0;
    for await (const { value, file = this.letters.name, line } of readSource(this.letters, reader)) {
      if (value instanceof Refusal) {
        throw damagedError({ file, line, message: value.message, raw: value.raw });
      }
      // The source gives letters and refusals.
      const letter = value as DeadLetter;
      if (!isChosen(letter, this.options) || copies.isCopy(letter)) continue;
      count++;
      if (count > letters) break;
      yield letter;
    }
    if (count !== letters) throw changedMeanwhile(this.letters.name, letters);
  }
}

function changedMeanwhile(name: string, letters: number): AtomicError<"CONFIG"> {
  return new AtomicError("CONFIG", `"${name}" changed while its letters were done again`, {
    details: { path: "letters", expected: `${letters} letters, each time it is read`, got: "others" },
    hint: "Let nothing write to the file meanwhile; a source of letters must be one that can be read more than once.",
  });
}
