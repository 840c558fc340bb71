import { faithfulJson } from "../json-text.ts";
import { keysOfText, textOfKeys } from "../sort/run.ts";
import type { TemporaryFile } from "../sort/temporary-file.ts";
import type { Aside, Matched } from "./aside.ts";
import { type JoinKeyValue, MatchTable } from "./match-table.ts";
import { PartedLines, partCount, partOf } from "./parted-lines.ts";

/** A part of both sides, in files: what is in one matches nothing in another. */
interface Portion {
  readonly left: PartedLines;
  readonly right: PartedLines;
  readonly index: number;
  /** How often it has been parted. */
  readonly level: number;
}

/** What it needs of the join. */
export interface PartedAsideSettings {
  readonly openFile: () => Promise<TemporaryFile>;
  /** How many records with one key are kept. */
  readonly maxKept: number;
  readonly isTooLarge: (table: MatchTable) => boolean;
}

/** Keys that fall together so often are one key, or as good as that. */
const maxLevel = 8;

/**
 * Both sides of a join in parts in files, by a hash of the key. Only what lies in one part can have the same key, and a part is
 * small, so one part after the other is joined ("Application of hash to data base machine and its architecture", Kitsuregawa,
 * Tanaka and Moto-oka, 1983).
 */
export class PartedAside implements Aside {
  readonly keepsOrder = false;
  private readonly settings: PartedAsideSettings;
  private readonly files = new Set<TemporaryFile>();
  private sides: { readonly left: PartedLines; readonly right: PartedLines } | undefined = undefined;
  private portions: Portion[] | undefined = undefined;
  /** The other side's part. */
  private table: MatchTable | undefined = undefined;
  /** The left side's. */
  private blocks: AsyncGenerator<readonly string[]> | undefined = undefined;
  private isClosed = false;

  constructor(settings: PartedAsideSettings) {
    this.settings = settings;
  }

  /** Comes before all else. */
  async open(): Promise<void> {
    try {
      this.sides = { left: await this.openPart(), right: await this.openPart() };
    } catch (thrown) {
      await this.close();
      throw thrown;
    }
  }

  addRight(key: JoinKeyValue, record: unknown): Promise<void> | undefined {
    const text = textOfKeys([key]);
    return this.sides?.right.add(partOf(text, 0), `${text}\t${faithfulJson(record)}`);
  }

  addLeft(key: JoinKeyValue, rest: string): Promise<void> | undefined {
    const text = textOfKeys([key]);
    return this.sides?.left.add(partOf(text, 0), `${text}\t${rest}`);
  }

  async finishRight(): Promise<void> {
    await this.sides?.right.finish();
  }

  async read(): Promise<readonly Matched[] | undefined> {
    const { sides } = this;
    if (sides === undefined) return undefined;
    const portions = (this.portions ??= [...(await portionsOf(sides.left, sides.right, 0))]);
    for (;;) {
      this.checkOpen();
      const next = await this.blocks?.next();
      if (next?.done === false) return next.value.map((line) => this.matchedOf(line));
      this.blocks = undefined;
      const portion = portions.pop();
      if (portion === undefined) return undefined;
      const loaded = await this.load(portion);
      if ("length" in loaded) {
        portions.push(...loaded);
        continue;
      }
      this.table = loaded;
      this.blocks = portion.left.read(portion.index);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const file of this.files) await file.close();
    this.files.clear();
  }

  private matchedOf(line: string): Matched {
    const { key, rest } = keyOf(line);
    return { key, rest, found: this.table?.find(key) };
  }

  /** Takes the other side's part into memory. Where that is still too much, it is parted once more, and nothing is taken. */
  private async load({ left, right, index, level }: Portion): Promise<MatchTable | readonly Portion[]> {
    const { maxKept, isTooLarge } = this.settings;
    const table = new MatchTable(maxKept);
    for await (const lines of right.read(index)) {
      this.checkOpen();
      for (const line of lines) {
        const { key, rest } = keyOf(line);
        table.add(key, JSON.parse(rest));
      }
      if (level < maxLevel && table.keyCount > 1 && isTooLarge(table)) {
        return this.partAnew({ left, right, index, level });
      }
    }
    return table;
  }

  private async partAnew({ left, right, index, level }: Portion): Promise<readonly Portion[]> {
    const next = level + 1;
    const copy = async (from: PartedLines): Promise<PartedLines> => {
      const to = await this.openPart();
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

  private async openPart(): Promise<PartedLines> {
    const file = await this.settings.openFile();
    if (this.isClosed) {
      await file.close();
      this.checkOpen();
    }
    this.files.add(file);
    return new PartedLines(file);
  }

  private checkOpen(): void {
    if (this.isClosed) throw new Error("joining has been given up");
  }
}

/** What a line of a part begins with, and what comes behind it. */
function keyOf(line: string): { readonly key: JoinKeyValue; readonly rest: string } {
  const keyEndAt = line.indexOf("\t");
  // Only one key was written, and never null.
  const [key] = keysOfText(line.slice(0, keyEndAt)) as readonly JoinKeyValue[];
  return { key, rest: line.slice(keyEndAt + 1) };
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
