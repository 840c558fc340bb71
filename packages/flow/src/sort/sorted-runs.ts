import { Merge, notRead } from "./merge.ts";
import { FileRun, type Run, type Sorted, textOfKeys } from "./run.ts";
import type { TemporaryFile } from "./temporary-file.ts";

/** How many runs there may be of one level before they become one of the next. */
const maxRuns = 64;
/** How much text is written at a time. */
const blockLength = 65_536;

/** Runs of about one size, one after the other in one file. */
interface Level {
  readonly file: TemporaryFile;
  readonly runs: { readonly start: number; readonly end: number }[];
}

/**
 * Sorted runs in temporary files. When there are many they are merged to one that is many times as long: so a level has
 * one file, and three files do for a quarter of a million runs.
 */
export class SortedRuns {
  private readonly openFile: () => Promise<TemporaryFile>;
  private readonly compare: (first: Sorted, second: Sorted) => number;
  private readonly levels: (Level | undefined)[] = [];
  private readonly files = new Set<TemporaryFile>();
  private isClosed = false;

  constructor(openFile: () => Promise<TemporaryFile>, compare: (first: Sorted, second: Sorted) => number) {
    this.openFile = openFile;
    this.compare = compare;
  }

  /** Writes records that are in order. @throws what writing throws, or an `Error` when it is closed meanwhile */
  async add(records: Iterable<Sorted>): Promise<void> {
    await this.addTo(0, async (write) => {
      for (const record of records) {
        const writing = write(record);
        if (writing !== undefined) await writing;
      }
    });
  }

  /** All runs, in the order in which their records came. */
  runs(): readonly Run[] {
    let age = 0;
    // What has been merged came before what has not.
    return this.levels
      .toReversed()
      .flatMap((level) =>
        level === undefined
          ? []
          : level.runs.map(({ start, end }) => new FileRun(level.file, start, end, age++)),
      );
  }

  /** Lets go of the files; what is under way is let go on to its next file operation. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const file of this.files) await file.close();
    this.files.clear();
  }

  private async addTo(
    index: number,
    give: (write: (record: Sorted) => Promise<void> | undefined) => Promise<void>,
  ): Promise<void> {
    const level = (this.levels[index] ??= { file: await this.open(), runs: [] });
    const start = level.file.bytes;
    let text = "";
    const flush = async (): Promise<void> => {
      const block = text;
      text = "";
      await level.file.append(block);
      this.checkOpen();
    };
    await give((record) => {
      text += `${textOfKeys(record.keys)}\t${record.rest}\n`;
      return text.length >= blockLength ? flush() : undefined;
    });
    if (text !== "") await flush();
    const end = level.file.bytes;
    if (end > start) level.runs.push({ start, end });
    if (level.runs.length >= maxRuns) await this.compact(index, level);
  }

  /** Makes one run of a level's. */
  private async compact(index: number, level: Level): Promise<void> {
    const runs = level.runs.map(({ start, end }, age) => new FileRun(level.file, start, end, age));
    const merge = new Merge(runs, this.compare);
    await this.addTo(index + 1, async (write) => {
      for (;;) {
        const next = merge.next();
        if (next === undefined) return;
        if (next === notRead) {
          await new Promise<void>((resolve) => {
            merge.onArrival = resolve;
          });
          this.checkOpen();
          continue;
        }
        const writing = write(next);
        if (writing !== undefined) await writing;
      }
    });
    this.levels[index] = undefined;
    this.files.delete(level.file);
    await level.file.close();
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
    if (this.isClosed) throw new Error("sorting has been given up");
  }
}
