import type { Item } from "../item.ts";
import type { KeyValue } from "../keys.ts";
import type { TemporaryFile } from "./temporary-file.ts";

/** What is sorted: a record, as an item in memory or as what a line of a file says after its keys. */
export interface Sorted {
  readonly keys: readonly KeyValue[];
  readonly item: Item | undefined;
  readonly rest: string;
}

/** Whether the next of a run is there. */
export type Advance = "there" | "waits" | "over";

/** Records in order, of which the first is looked at and then taken. */
export interface Run {
  /** Whether an earlier run's record comes first where both are alike. */
  readonly age: number;
  /** Only when `advance` has said that it is there. */
  readonly head: Sorted;
  readonly advance: () => Advance;
  /** Called once when what `advance` has to wait for is there, or cannot be had. */
  onArrival: () => void;
}

/** A run that is in memory. It lets go of what it has given. */
export class MemoryRun implements Run {
  readonly age: number;
  declare head: Sorted;
  onArrival: () => void = () => {};
  private readonly entries: (Sorted | undefined)[];
  private at = 0;

  constructor(entries: (Sorted | undefined)[], age: number) {
    this.entries = entries;
    this.age = age;
  }

  advance(): Advance {
    const entry = this.entries[this.at];
    if (entry === undefined) return "over";
    this.entries[this.at] = undefined;
    this.at++;
    this.head = entry;
    return "there";
  }
}

const blockBytes = 65_536;
const lineEnd = 0x0a;

/** A run that is a part of a file, read a block at a time, and one block ahead. */
export class FileRun implements Run {
  readonly age: number;
  declare head: Sorted;
  onArrival: () => void = () => {};
  private readonly file: TemporaryFile;
  private readonly end: number;
  private buffer = Buffer.allocUnsafeSlow(blockBytes);
  /** Where in the file the next block begins. */
  private position: number;
  /** Whole lines. */
  private block = "";
  private at = 0;
  private nextBlock: string | undefined = undefined;
  private isReading = false;
  private isAwaited = false;
  private failure: { readonly thrown: unknown } | undefined = undefined;

  constructor(file: TemporaryFile, start: number, end: number, age: number) {
    this.file = file;
    this.position = start;
    this.end = end;
    this.age = age;
    void this.readAhead();
  }

  /** @throws what reading the file throws */
  advance(): Advance {
    if (this.at >= this.block.length) {
      if (this.failure !== undefined) throw this.failure.thrown;
      if (this.nextBlock === undefined) {
        this.isAwaited = this.isReading;
        return this.isReading ? "waits" : "over";
      }
      this.block = this.nextBlock;
      this.nextBlock = undefined;
      this.at = 0;
      void this.readAhead();
    }
    const { block, at } = this;
    const lineEndAt = block.indexOf("\n", at);
    const keysEndAt = block.indexOf("\t", at);
    this.at = lineEndAt + 1;
    this.head = {
      keys: keysOfText(block.slice(at, keysEndAt)),
      item: undefined,
      rest: block.slice(keysEndAt + 1, lineEndAt),
    };
    return "there";
  }

  private async readAhead(): Promise<void> {
    if (this.position >= this.end) return;
    this.isReading = true;
    try {
      this.nextBlock = await this.readBlock();
    } catch (thrown) {
      this.failure = { thrown };
    }
    this.isReading = false;
    if (!this.isAwaited) return;
    this.isAwaited = false;
    this.onArrival();
  }

  private async readBlock(): Promise<string> {
    for (;;) {
      const length = Math.min(this.buffer.length, this.end - this.position);
      const bytesRead = await this.file.read(this.buffer, length, this.position);
      const last = this.buffer.subarray(0, bytesRead).lastIndexOf(lineEnd);
      if (last >= 0) {
        this.position += last + 1;
        return this.buffer.toString("utf8", 0, last + 1);
      }
      if (bytesRead < length) throw new Error("a temporary file ends too early");
      // A line is longer than what was read.
      this.buffer = Buffer.allocUnsafeSlow(this.buffer.length * 2);
    }
  }
}

/** The keys as text; what is no JSON number in an array of its own. */
export function textOfKeys(keys: readonly KeyValue[]): string {
  return JSON.stringify(
    keys.map((key) => (typeof key === "number" && !Number.isFinite(key) ? [String(key)] : key)),
  );
}

/** What `textOfKeys` was given. */
export function keysOfText(text: string): readonly KeyValue[] {
  // Only `textOfKeys` has written it.
  const keys = JSON.parse(text) as (string | number | boolean | null | readonly [string])[];
  return keys.map((key) => (typeof key === "object" && key !== null ? Number(key[0]) : key));
}
