import { faithfulJson } from "../json-text.ts";
import { MemoryShare } from "../sort/memory-share.ts";
import { keysOfText, textOfKeys } from "../sort/run.ts";
import type { TemporaryFile } from "../sort/temporary-file.ts";
import type { JoinSettings } from "./join-options.ts";
import { type JoinKeyValue, MatchTable } from "./match-table.ts";
import { PartedLines, partCount, partOf } from "./parted-lines.ts";

/** A record of the other side, and what it is found by. */
export interface OtherRecord {
  readonly key: JoinKeyValue;
  /** True where it only has to be known that it is there. */
  readonly record: unknown;
}

/** A part of both sides, in files: what is in one matches nothing in another. */
export interface Portion {
  readonly left: PartedLines;
  readonly right: PartedLines;
  readonly index: number;
  /** How often it has been parted. */
  readonly level: number;
}

/** Keys that fall together so often are one key, or as good as that. */
const maxLevel = 8;

/**
 * The other side of a join: in memory, or where that is too much in parts in a file, by a hash of the key, as are then the
 * records that it is joined with. Only what lies in one part can have the same key, and a part is small ("Application of
 * hash to data base machine and its architecture", Kitsuregawa, Tanaka and Moto-oka, 1983).
 */
export class OtherSide {
  table: MatchTable;
  /** Where records of both sides are when the other one is too large. */
  left: PartedLines | undefined = undefined;
  private right: PartedLines | undefined = undefined;
  private readonly settings: JoinSettings;
  private readonly openFile: () => Promise<TemporaryFile>;
  private readonly files = new Set<TemporaryFile>();
  private readonly share = new MemoryShare();
  private readonly maxKept: number;
  private isClosed = false;

  constructor(settings: JoinSettings, openFile: () => Promise<TemporaryFile>) {
    this.settings = settings;
    this.openFile = openFile;
    const { type, maxMatches } = settings;
    // One more than may be asked for tells that there are too many.
    this.maxKept = type === "semi" || type === "anti" ? 1 : maxMatches + 1;
    this.table = new MatchTable(this.maxKept);
  }

  /** @throws TypeError when its key is none */
  readonly entryOf = (record: unknown): OtherRecord => {
    const { type, rightKey } = this.settings;
    return { key: rightKey(record), record: type === "semi" || type === "anti" ? true : record };
  };

  /** @throws what writing throws, or a TypeError for what is no JSON when it has to be written */
  async add(entries: readonly OtherRecord[]): Promise<void> {
    for (const { key, record } of entries) {
      // Nothing is the same as what is missing.
      if (key === undefined) continue;
      if (this.right !== undefined) {
        const writing = addTo(this.right, key, record, 0);
        if (writing !== undefined) await writing;
        continue;
      }
      this.share.note(record);
      this.table.add(key, record);
      if (this.isTooLarge(this.table)) await this.spill();
    }
  }

  /** All of it has come: the parts of both sides, where there are any, once the left side has been added to them. */
  async finish(): Promise<void> {
    await this.right?.finish();
  }

  /** What is to be joined part by part, when both sides have been added. @throws what writing throws */
  async portions(): Promise<readonly Portion[]> {
    const { left, right } = this;
    if (left === undefined || right === undefined) return [];
    return portionsOf(left, right, 0);
  }

  /**
   * Takes the other side's part into memory. Where that is still too much, it is parted once more, and nothing is taken.
   *
   * @throws what reading and writing throws
   */
  async load({ left, right, index, level }: Portion): Promise<MatchTable | readonly Portion[]> {
    const table = new MatchTable(this.maxKept);
    for await (const lines of right.read(index)) {
      this.checkOpen();
      for (const line of lines) {
        const { key, rest } = keyOf(line);
        table.add(key, JSON.parse(rest));
      }
      if (level < maxLevel && table.keyCount > 1 && this.isTooLarge(table)) {
        return this.partAnew({ left, right, index, level });
      }
    }
    return table;
  }

  /** Adds a record of the left side to its part. */
  addLeft(key: JoinKeyValue, rest: string): Promise<void> | undefined {
    return this.left?.add(partOf(textOfKeys([key]), 0), `${textOfKeys([key])}\t${rest}`);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const file of this.files) await file.close();
    this.files.clear();
  }

  private isTooLarge({ size }: MatchTable): boolean {
    return size > this.settings.maxInMemory || this.share.isExceededBy(size);
  }

  private async spill(): Promise<void> {
    const { table } = this;
    this.table = new MatchTable(this.maxKept);
    this.left = new PartedLines(await this.open());
    this.right = new PartedLines(await this.open());
    for (const [key, record] of table.entries()) {
      const writing = addTo(this.right, key, record, 0);
      if (writing !== undefined) await writing;
    }
  }

  private async partAnew({ left, right, index, level }: Portion): Promise<readonly Portion[]> {
    const next = level + 1;
    const copy = async (from: PartedLines): Promise<PartedLines> => {
      const to = new PartedLines(await this.open());
      for await (const lines of from.read(index)) {
        for (const line of lines) {
          const writing = to.add(partOf(line.slice(0, line.indexOf("\t")), next), line);
          if (writing !== undefined) await writing;
        }
        this.checkOpen();
      }
      return to;
    };
    return portionsOf(await copy(left), await copy(right), next);
  }

  private async open(): Promise<TemporaryFile> {
    const file = await this.openFile();
    if (this.isClosed) {
      await file.close();
      this.checkOpen();
    }
    this.files.add(file);
    return file;
  }

  private checkOpen(): void {
    if (this.isClosed) throw new Error("joining has been given up");
  }
}

/** What a line of a part begins with, and what comes behind it. */
export function keyOf(line: string): { readonly key: JoinKeyValue; readonly rest: string } {
  const keyEndAt = line.indexOf("\t");
  // Only one key was written, and never null.
  const [key] = keysOfText(line.slice(0, keyEndAt)) as readonly JoinKeyValue[];
  return { key, rest: line.slice(keyEndAt + 1) };
}

function addTo(
  parts: PartedLines,
  key: JoinKeyValue,
  record: unknown,
  level: number,
): Promise<void> | undefined {
  const text = textOfKeys([key]);
  return parts.add(partOf(text, level), `${text}\t${faithfulJson(record)}`);
}

async function portionsOf(left: PartedLines, right: PartedLines, level: number): Promise<readonly Portion[]> {
  await left.finish();
  await right.finish();
  const portions: Portion[] = [];
  // Records without any on the other side have to go on, too.
  for (let index = 0; index < partCount; index++) {
    if (left.hasLines(index)) portions.push({ left, right, index, level });
  }
  return portions;
}
