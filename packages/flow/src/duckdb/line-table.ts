import type { Session } from "./session.ts";

/** As many rows are written at a time. */
const batchRows = 16_384;
/** A batch has no more text than this, and what its last row has. */
const batchChars = 2 * 1024 * 1024;

/** A column of a table: of texts, none of which has a line break, or of numbers. What is empty is null. */
export interface LineColumn {
  readonly name: string;
  readonly type: "varchar" | "double";
}

/**
 * A table of DuckDB's into which rows are put as texts. The texts of a column go there as one, with line breaks between them: JSON
 * among them is then not written as JSON once more. The column `n` says how many came before a row.
 */
export class LineTable {
  /** SQL that makes it. */
  readonly setUp: string;
  private readonly insert: string;
  private lines: string[][];
  private rowCount = 0;
  private charCount = 0;
  private written = 0;

  constructor(name: string, columns: readonly LineColumn[]) {
    this.setUp = `create table ${name} (n bigint, ${columns.map((column) => `${column.name} ${column.type}`).join(", ")})`;
    const values = columns.map((column) => `nullif(${column.name}, '')::${column.type}`);
    const lists = columns.map(
      (column, index) => `unnest(string_split($${index + 3}::varchar, chr(10))) as ${column.name}`,
    );
    this.insert = `insert into ${name} select n, ${values.join(", ")}
      from (select unnest(range($1::bigint, $2::bigint)) as n, ${lists.join(", ")})`;
    this.lines = columns.map(() => []);
  }

  get isFull(): boolean {
    return this.rowCount >= batchRows || this.charCount >= batchChars;
  }

  /** @param texts one for each column, without line breaks; an empty one is null */
  put(...texts: readonly string[]): void {
    for (let index = 0; index < texts.length; index++) {
      const text = texts[index] ?? "";
      this.lines[index]?.push(text);
      this.charCount += text.length + 1;
    }
    this.rowCount++;
  }

  /** Writes what has been put in. What is put in meanwhile is for the next time. */
  async flush(session: Session): Promise<void> {
    const { lines, rowCount, written } = this;
    if (rowCount === 0) return;
    this.lines = lines.map(() => []);
    this.rowCount = 0;
    this.charCount = 0;
    this.written += rowCount;
    const bounds = [BigInt(written), BigInt(written + rowCount)];
    await session.rows(this.insert, [...bounds, ...lines.map((column) => column.join("\n"))]);
  }
}
