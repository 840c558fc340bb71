import type { DuckDBAppender, DuckDBDataChunk, DuckDBType, DuckDBVector } from "@duckdb/node-api";
import type { ColumnCells } from "./column-cells.ts";
import type { ColumnKind } from "./column-kind.ts";
import type { DuckDb } from "./load-duckdb.ts";
import type { Session } from "./session.ts";

/** As many rows as DuckDB has in a chunk. */
const chunkRows = 2_048;
/** So many rows are written into the table at a time, as many as it keeps together; each time costs as much as some thousands of rows. */
const flushedRows = 122_880;
/** Or those with so much text, which DuckDB cannot put on disk before. */
const flushedChars = 8 * 1024 * 1024;

/** Adds rows to a table column by column. */
export class ColumnAppender {
  private readonly table: string;
  private appender: DuckDBAppender | undefined = undefined;
  /** What rows are written into, until the columns change. */
  private page: Page | undefined = undefined;
  private rows = 0;
  private chars = 0;

  constructor(table: string) {
    this.table = table;
  }

  /** Adds rows to the table, which has these columns in this order; they are there when it is closed. @throws what DuckDB throws */
  async append(
    { duck, connection }: Session,
    columns: readonly ColumnCells[],
    size: BatchSize,
  ): Promise<void> {
    this.appender ??= await connection.createAppender(this.table);
    const { appender } = this;
    this.page ??= pageFor(duck, columns);
    const { chunk } = this.page;
    for (const cells of columns) cells.finish(size.rows);
    for (let from = 0; from < size.rows; from += chunkRows) {
      const count = Math.min(chunkRows, size.rows - from);
      chunk.reset();
      chunk.rowCount = count;
      const vectors = count === chunkRows ? this.page.vectors : vectorsOf(chunk);
      for (const [index, cells] of columns.entries()) {
        // There are as many as columns.
        cells.write(duck, vectors[index] as DuckDBVector, { from, count });
      }
      appender.appendDataChunk(chunk);
    }
    this.rows += size.rows;
    this.chars += size.chars;
    if (this.rows < flushedRows && this.chars < flushedChars) return;
    this.rows = 0;
    this.chars = 0;
    appender.flushSync();
  }

  /** Has all rows in the table, whose columns may be changed then. @throws what DuckDB throws */
  close(): void {
    const { appender } = this;
    this.appender = undefined;
    this.page = undefined;
    this.rows = 0;
    this.chars = 0;
    appender?.closeSync();
  }
}

/** How much there is in rows that are added. */
export interface BatchSize {
  readonly rows: number;
  readonly chars: number;
}

interface Page {
  readonly chunk: DuckDBDataChunk;
  /** Those of a full chunk, which stay where they are. */
  readonly vectors: readonly DuckDBVector[];
}

function pageFor(duck: DuckDb, columns: readonly ColumnCells[]): Page {
  const types = typesOf(duck);
  const chunk = duck.DuckDBDataChunk.create(
    columns.map(({ kind }) => types[kind]),
    chunkRows,
  );
  return { chunk, vectors: vectorsOf(chunk) };
}

function vectorsOf(chunk: DuckDBDataChunk): readonly DuckDBVector[] {
  return Array.from({ length: chunk.columnCount }, (_, index) => chunk.getColumnVector(index));
}

function typesOf(duck: DuckDb): Readonly<Record<ColumnKind, DuckDBType>> {
  return {
    boolean: duck.BOOLEAN,
    integer: duck.BIGINT,
    number: duck.DOUBLE,
    text: duck.VARCHAR,
    json: duck.VARCHAR,
    date: duck.DATE,
    timestamp: duck.TIMESTAMPTZ,
  };
}
