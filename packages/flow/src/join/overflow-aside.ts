import { faithfulJson } from "../json-text.ts";
import type { OverflowMatch, OverflowSides } from "../overflow/overflow.ts";
import { keysOfText, textOfKeys } from "../sort/run.ts";
import type { Aside, Matched } from "./aside.ts";
import type { JoinKeyValue } from "./match-table.ts";

/** Both sides of a join where an overflow has them. */
export class OverflowAside implements Aside {
  readonly keepsOrder = true;
  private readonly sides: OverflowSides;
  private readonly tooMany: readonly unknown[];
  /** The record of the left side whose matches come, which may go on in the next rows. */
  private rest: string | undefined = undefined;
  private key: JoinKeyValue = undefined;
  private found: unknown[] | undefined = undefined;
  private isOver = false;
  private isClosed = false;

  /** @param maxKept one more than may be asked for */
  constructor(sides: OverflowSides, maxKept: number) {
    this.sides = sides;
    this.tooMany = Array.from({ length: maxKept });
  }

  addRight(key: JoinKeyValue, record: unknown): Promise<void> | undefined {
    this.sides.putRight(textOfKeys([key]), faithfulJson(record));
    return this.sides.isFull ? this.flush() : undefined;
  }

  addLeft(key: JoinKeyValue, rest: string): Promise<void> | undefined {
    this.sides.putLeft(key === undefined ? undefined : textOfKeys([key]), rest);
    return this.sides.isFull ? this.flush() : undefined;
  }

  finishRight(): Promise<void> {
    return this.flush();
  }

  async read(): Promise<readonly Matched[] | undefined> {
    if (this.isOver) return undefined;
    await this.flush();
    const rows = await this.sides.read();
    const matched: Matched[] = [];
    for (const row of rows ?? []) this.takeRow(row, matched);
    if (rows === undefined) {
      this.isOver = true;
      this.end(matched);
    }
    return matched;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.sides.close();
  }

  private takeRow({ key, left, right }: OverflowMatch, matched: Matched[]): void {
    if (left !== null) {
      this.end(matched);
      this.rest = left;
      this.key = undefined;
      this.found = undefined;
    }
    if (right !== null) {
      const record: unknown = JSON.parse(right);
      if (this.found === undefined) this.found = [record];
      else this.found.push(record);
    } else if (key !== null) {
      // Only one key was written, and never null.
      [this.key] = keysOfText(key) as readonly JoinKeyValue[];
    }
  }

  /** No more matches of a record come. */
  private end(matched: Matched[]): void {
    const { rest, key } = this;
    if (rest === undefined) return;
    matched.push({ rest, key, found: key === undefined ? this.found : this.tooMany });
  }

  private async flush(): Promise<void> {
    if (this.isClosed) throw new Error("joining has been given up");
    await this.sides.flush();
  }
}
