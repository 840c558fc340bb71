import type { KeyValue } from "../keys.ts";

/** What is known of the records that were kept. */
export interface Memory<TMark> {
  /** How many are remembered. */
  readonly size: number;
  /** What a record is told apart by. @throws TypeError when it has no such values */
  readonly markOf: (record: unknown) => TMark;
  /** Whether one is remembered that is alike. */
  has(mark: TMark): boolean;
  add(mark: TMark): void;
  /** Of those that are remembered the one that came first. */
  forget(mark: TMark): void;
}

/** Has records be alike when they have the same key. */
export class ExactMemory implements Memory<KeyValue> {
  readonly markOf: (record: unknown) => KeyValue;
  private readonly keys = new Set<KeyValue>();

  constructor(keyOf: (record: unknown) => KeyValue) {
    this.markOf = keyOf;
  }

  get size(): number {
    return this.keys.size;
  }

  has(key: KeyValue): boolean {
    return this.keys.has(key);
  }

  add(key: KeyValue): void {
    this.keys.add(key);
  }

  forget(key: KeyValue): void {
    this.keys.delete(key);
  }
}
