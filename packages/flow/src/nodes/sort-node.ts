import type { AtomicError } from "@atomic-agents/core";
import { fixPlace, type Item } from "../item.ts";
import { faithfulJson } from "../json-text.ts";
import { compareKeys, type KeyValue, type ReadKey } from "../keys.ts";
import type { Overflow } from "../overflow/overflow.ts";
import { ItemShelf } from "../sort/item-shelf.ts";
import { MemoryShare } from "../sort/memory-share.ts";
import { Merge, notRead } from "../sort/merge.ts";
import { OverflowRuns } from "../sort/overflow-runs.ts";
import { MemoryRun, type Sorted } from "../sort/run.ts";
import { SortedRuns } from "../sort/sorted-runs.ts";
import { temporaryFailure } from "../sort/temporary-failure.ts";
import { TemporaryFile } from "../sort/temporary-file.ts";
import { Background } from "./background.ts";
import { Node, type RecordPolicy } from "./node.ts";

/** By what, and how, a sort orders, with its options filled in. */
export interface SortSettings {
  readonly by: readonly { readonly read: ReadKey; readonly isDescending: boolean }[];
  readonly maxInMemory: number;
  /** Where temporary files are. */
  readonly directory: string;
  /** Where records go instead of temporary files. */
  readonly past: Overflow | undefined;
  readonly onError: RecordPolicy;
}

/**
 * Takes all items, and gives them in order when no more come. Of more than may be in memory it keeps sorted runs in
 * temporary files, or has them sorted elsewhere.
 */
export class SortNode extends Node {
  private readonly settings: SortSettings;
  private readonly compare: (first: Sorted, second: Sorted) => number;
  /** What has come and is in no file. */
  private entries: Sorted[] = [];
  private readonly share = new MemoryShare();
  private readonly shelf = new ItemShelf();
  private runs: SortedRuns | OverflowRuns | undefined = undefined;
  /** The writing. */
  private readonly background = new Background();
  private merge: Merge | undefined = undefined;
  private isGiven = false;

  constructor(id: string, settings: SortSettings) {
    super(id);
    this.settings = settings;
    this.compare = comparer(settings.by.map(({ isDescending }) => (isDescending ? -1 : 1)));
  }

  override get isFree(): boolean {
    return !this.background.isBusy;
  }

  override get isEmpty(): boolean {
    if (this.merge !== undefined) return this.isGiven;
    return this.entries.length === 0 && this.runs === undefined;
  }

  override take(item: Item): void {
    this.taken++;
    let keys: readonly KeyValue[];
    try {
      keys = this.settings.by.map(({ read }) => read(item.value));
    } catch (thrown) {
      this.refuse(item, thrown);
      return;
    }
    fixPlace(item);
    const count = this.entries.push({ keys, item, rest: "" });
    this.share.note(item.value);
    if (count >= this.settings.maxInMemory || this.share.isExceededBy(count)) this.spill();
  }

  override resume(): boolean {
    // Of nothing no merge is made: a node that was done stays so.
    if (!this.inputEnded || this.background.isBusy || this.isEmpty) return false;
    if (this.runs instanceof OverflowRuns && this.entries.length > 0) {
      this.spill();
      return true;
    }
    const merge = (this.merge ??= this.beginMerge());
    let moved = false;
    while (this.next.isFree && !this.host.hasEnded && this.host.takesTurn()) {
      let sorted: ReturnType<Merge["next"]>;
      try {
        sorted = merge.next();
      } catch (thrown) {
        this.host.fail(this.errorOf(thrown));
        return true;
      }
      if (sorted === notRead) return moved;
      moved = true;
      if (sorted === undefined) {
        this.isGiven = true;
        return true;
      }
      this.give(sorted.item ?? this.itemOf(sorted.rest));
    }
    return moved;
  }

  override async close(): Promise<void> {
    await this.runs?.close();
    await this.background.ended();
  }

  /** Writes what is in memory, to a file as one run. */
  private spill(): void {
    const { entries, host } = this;
    this.entries = [];
    const failed = (thrown: unknown): void => host.fail(this.errorOf(thrown));
    this.background.begin(host, () => this.write(entries), failed);
  }

  private async write(entries: Sorted[]): Promise<void> {
    const runs = (this.runs ??= this.openRuns());
    // Elsewhere all is sorted at once.
    if (runs instanceof SortedRuns) entries.sort(this.compare);
    await runs.add(this.packed(entries));
  }

  private openRuns(): SortedRuns | OverflowRuns {
    const { runId, clock, signal } = this.host.ctx;
    const { past, directory, by } = this.settings;
    if (past === undefined) {
      const openFile = () => TemporaryFile.open(directory, `atomic-sort-${runId}`, clock);
      return new SortedRuns(openFile, this.compare);
    }
    const what = `flow.sort, stage "${this.id}"`;
    const isDescending = by.map((key) => key.isDescending);
    return new OverflowRuns(past["~overflow"].openOrder({ what, clock, signal }, isDescending));
  }

  /** Takes items out of memory as they are asked for; one that is no JSON fails. */
  private *packed(entries: Sorted[]): Generator<Sorted> {
    const run = new MemoryRun(entries, 0);
    while (run.advance() === "there") {
      const { keys, item } = run.head;
      // Only what is in memory is packed.
      if (this.host.hasEnded || item === undefined) return;
      let text: string;
      try {
        text = faithfulJson(item.value);
      } catch (thrown) {
        this.refuse(item, thrown);
        continue;
      }
      yield { keys, item: undefined, rest: `${this.shelf.pack(item)}\t${text}` };
    }
  }

  private itemOf(packed: string): Item {
    const valueAt = packed.indexOf("\t") + 1;
    return this.shelf.unpack(packed.slice(0, valueAt - 1), JSON.parse(packed.slice(valueAt)));
  }

  private beginMerge(): Merge {
    const { entries, host } = this;
    this.entries = [];
    entries.sort(this.compare);
    const written = this.runs?.runs() ?? [];
    const merge = new Merge([...written, new MemoryRun(entries, written.length)], this.compare);
    merge.onArrival = host.wake;
    return merge;
  }

  private refuse(item: Item, thrown: unknown): void {
    this.dispose(item, this.errorOf(thrown), this.settings.onError);
  }

  private errorOf(thrown: unknown): AtomicError {
    return temporaryFailure(thrown, this.id, this.settings.directory);
  }
}

/** @param signs 1 for each key that ascends, −1 for one that descends */
function comparer(signs: readonly number[]): (first: Sorted, second: Sorted) => number {
  const [sign = 1] = signs;
  if (signs.length === 1) return (first, second) => sign * compareKeys(first.keys[0], second.keys[0]);
  return (first, second) => {
    for (let index = 0; index < signs.length; index++) {
      const order = compareKeys(first.keys[index], second.keys[index]);
      if (order !== 0) return order * (signs[index] ?? 1);
    }
    return 0;
  };
}
