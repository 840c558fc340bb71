import { MemoryShare } from "../sort/memory-share.ts";
import type { Aside } from "./aside.ts";
import type { JoinSettings } from "./join-options.ts";
import { type JoinKeyValue, MatchTable } from "./match-table.ts";

/** A record of the other side, and what it is found by. */
export interface OtherRecord {
  readonly key: JoinKeyValue;
  /** True where it only has to be known that it is there. */
  readonly record: unknown;
}

/** Where what is too much for memory goes, when there is something. */
export type OpenAside = (needs: {
  /** How many records with one key are kept. */
  readonly maxKept: number;
  readonly isTooLarge: (table: MatchTable) => boolean;
}) => Promise<Aside>;

/** The other side of a join: in memory, or where that is too much put aside, as are then the records it is joined with. */
export class OtherSide {
  table: MatchTable;
  /** Where both sides are when this one is too large. */
  aside: Aside | undefined = undefined;
  private readonly settings: JoinSettings;
  private readonly openAside: OpenAside;
  private readonly share = new MemoryShare();
  private readonly maxKept: number;
  private isClosed = false;

  constructor(settings: JoinSettings, openAside: OpenAside) {
    this.settings = settings;
    this.openAside = openAside;
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
      if (this.aside !== undefined) {
        const writing = this.aside.addRight(key, record);
        if (writing !== undefined) await writing;
        continue;
      }
      this.share.note(record);
      this.table.add(key, record);
      if (this.isTooLarge(this.table)) await this.putAside();
    }
  }

  /** All of it has come. */
  async finish(): Promise<void> {
    await this.aside?.finishRight();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.aside?.close();
  }

  private readonly isTooLarge = ({ size }: MatchTable): boolean =>
    size > this.settings.maxInMemory || this.share.isExceededBy(size);

  private async putAside(): Promise<void> {
    const { table, maxKept, isTooLarge } = this;
    this.table = new MatchTable(maxKept);
    const aside = await this.openAside({ maxKept, isTooLarge });
    this.aside = aside;
    if (this.isClosed) {
      await aside.close();
      throw new Error("joining has been given up");
    }
    for (const [key, record] of table.entries()) {
      const writing = aside.addRight(key, record);
      if (writing !== undefined) await writing;
    }
  }
}
