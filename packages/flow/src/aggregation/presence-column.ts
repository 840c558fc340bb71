import { memberReader } from "../member.ts";
import type { Cell, Column } from "./column.ts";

/** Whether there is something. */
export class PresenceColumn implements Column {
  readonly key: string;
  isThere = false;
  private readonly readKey: (record: unknown) => unknown;

  constructor(key: string) {
    this.key = key;
    this.readKey = memberReader(key);
  }

  read(record: Readonly<Record<string, unknown>>): void {
    const value = this.readKey(record);
    this.isThere = value !== null && value !== undefined;
  }

  makeCell(): Cell {
    return new PresenceCell(this);
  }
}

class PresenceCell implements Cell {
  private readonly column: PresenceColumn;
  private count = 0;

  constructor(column: PresenceColumn) {
    this.column = column;
  }

  add(): void {
    if (this.column.isThere) this.count++;
  }

  merge(other: PresenceCell): void {
    this.count += other.count;
  }

  figure(): number {
    return this.count;
  }
}
