import { cellsOfKind } from "./cells-of-kind.ts";
import { ColumnAppender } from "./column-appender.ts";
import type { ColumnCells } from "./column-cells.ts";
import { sqlTypes } from "./column-kind.ts";
import { quoteName } from "./identifiers.ts";
import type { Session } from "./session.ts";
import type { TextSize } from "./text-cells.ts";

/** As many rows are written at a time. */
const batchRows = 16_384;
/** A batch has no more text than this, and what its last row has. */
const batchChars = 2 * 1024 * 1024;

/** A column of a table. */
export interface OverflowColumn {
  readonly name: string;
  readonly kind: "text" | "number";
}

/** A table of DuckDB's into which rows are put value by value. The column `n` says how many came before a row. */
export class OverflowTable {
  /** SQL that makes it. */
  readonly setUp: string;
  private readonly columns: readonly OverflowColumn[];
  private readonly appender: ColumnAppender;
  private readonly size: TextSize = { chars: 0 };
  /** What is not written yet: `n`, and the columns. */
  private cells: readonly ColumnCells[];
  /** Those that have been written, to be used again. */
  private spare: readonly ColumnCells[] | undefined = undefined;
  private rowCount = 0;
  private written = 0;
  private isFinished = false;

  constructor(name: string, columns: readonly OverflowColumn[]) {
    const definitions = columns.map((column) => `${column.name} ${sqlTypes[column.kind]}`);
    this.setUp = `create table ${quoteName(name)} (n bigint, ${definitions.join(", ")})`;
    this.columns = columns;
    this.appender = new ColumnAppender(name);
    this.cells = this.newCells();
  }

  get isFull(): boolean {
    return this.rowCount >= batchRows || this.size.chars >= batchChars;
  }

  /** @param values one for each column, well-formed texts and finite numbers; undefined for none */
  put(...values: readonly (string | number | undefined)[]): void {
    const { cells, rowCount } = this;
    cells[0]?.put(rowCount, this.written + rowCount);
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      if (value === undefined || cells[index + 1]?.put(rowCount, value) === true) continue;
      throw new TypeError(`${this.columns[index]?.name ?? "a column"}: ${String(value)} is no value of it`);
    }
    this.rowCount++;
  }

  /** Writes what has been put in. What is put in meanwhile is for the next time. */
  async flush(session: Session): Promise<void> {
    const { cells, rowCount, size } = this;
    if (rowCount === 0) return;
    const batch = { rows: rowCount, chars: size.chars };
    this.cells = this.spare ?? this.newCells();
    this.spare = undefined;
    this.rowCount = 0;
    size.chars = 0;
    this.written += rowCount;
    await session.do(async () => {
      session.atClose.add(this.close);
      await this.appender.append(session, cells, batch);
    });
    for (const each of cells) each.clear();
    this.spare = cells;
  }

  /** Has all rows in the table, before it is read; nothing is put in any more. */
  async finish(session: Session): Promise<void> {
    if (this.isFinished) return;
    await this.flush(session);
    await session.do(async () => this.close());
    this.isFinished = true;
  }

  private newCells(): readonly ColumnCells[] {
    return [
      cellsOfKind("integer", this.size),
      ...this.columns.map(({ kind }) => cellsOfKind(kind, this.size)),
    ];
  }

  private readonly close = (): void => this.appender.close();
}
