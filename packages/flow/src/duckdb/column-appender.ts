import type { DuckDBAppender, DuckDBType, DuckDBValue, DuckDBVector } from "@duckdb/node-api";
import type { ColumnKind } from "./column-kind.ts";
import type { DuckDb } from "./load-duckdb.ts";
import type { Session } from "./session.ts";

/** What a column of a table gets. */
export interface NewCells {
  readonly kind: ColumnKind;
  /** As `cellOf` makes them; null or nothing where there is no value. */
  readonly cells: readonly unknown[];
}

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
  private rows = 0;
  private chars = 0;

  constructor(table: string) {
    this.table = table;
  }

  /** Adds rows to the table, which has these columns in this order; they are there when it is closed. @throws what DuckDB throws */
  async append({ duck, connection }: Session, columns: readonly NewCells[], size: BatchSize): Promise<void> {
    this.appender ??= await connection.createAppender(this.table);
    const { appender } = this;
    const types = typesOf(duck);
    const chunk = duck.DuckDBDataChunk.create(columns.map(({ kind }) => types[kind]));
    for (let from = 0; from < size.rows; from += chunkRows) {
      const count = Math.min(chunkRows, size.rows - from);
      chunk.reset();
      chunk.rowCount = count;
      for (const [index, { kind, cells }] of columns.entries()) {
        fill(duck, chunk.getColumnVector(index), kind, { cells, from, count });
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

/** Those that go into a chunk. */
interface Cells {
  readonly cells: readonly unknown[];
  readonly from: number;
  readonly count: number;
}

function fill(duck: DuckDb, vector: DuckDBVector, kind: ColumnKind, given: Cells): void {
  if ((kind === "text" || kind === "json") && fillTexts(duck, vector, given)) return;
  const isSet = kind === "number" || kind === "integer" ? numberSetter(vector) : undefined;
  const { cells, from, count } = given;
  for (let row = 0; row < count; row++) {
    const cell = cells[from + row] ?? null;
    if (isSet?.(row, cell) !== true) vector.setItem(row, cell === null ? null : valueOf(duck, kind, cell));
  }
  vector.flush();
}

/** Cells as the peer takes them. */
function valueOf(duck: DuckDb, kind: ColumnKind, cell: unknown): DuckDBValue {
  // Each is what `cellOf` makes for its kind.
  if (kind === "integer") return BigInt(cell as number);
  if (kind === "date") return new duck.DuckDBDateValue(cell as number);
  if (kind === "timestamp") return new duck.DuckDBTimestampTZValue(cell as bigint);
  return cell as DuckDBValue;
}

/** What the peer's vectors have beside their public methods, if they still have it. */
interface Insides {
  readonly items?: unknown;
  readonly validity?: unknown;
  /** Where DuckDB has it. */
  readonly vector?: unknown;
}

/** Sets a number where the peer gathers them, and says whether it has: a call of its own a number takes longer. */
function numberSetter(vector: DuckDBVector): ((row: number, cell: unknown) => boolean) | undefined {
  const { items } = vector as Insides;
  if (items instanceof Float64Array) {
    return (row, cell) => {
      if (typeof cell !== "number") return false;
      items[row] = cell;
      return true;
    };
  }
  if (!(items instanceof BigInt64Array)) return undefined;
  // The peer has binaries for machines alone whose lower half comes first.
  const halves = new Int32Array(items.buffer, items.byteOffset, items.length * 2);
  return (row, cell) => {
    if (typeof cell !== "number" || (cell | 0) !== cell) return false;
    halves[row * 2] = cell;
    halves[row * 2 + 1] = cell >> 31;
    return true;
  };
}

/** What DuckDB keeps of a text: its length, then the text itself if it has no more bytes than this. */
const textBytes = 16;
const inPlaceBytes = 12;
const lengthBytes = 4;

const memory = new ArrayBuffer(chunkRows * textBytes);
const bytes = new Uint8Array(memory);
const words = new Uint32Array(memory);

/**
 * Writes short texts as DuckDB keeps them, and all of them at once: a call a text takes several times as long. A vector of numbers
 * is what has the peer copy memory as it is. False where the peer is not as it was.
 */
function fillTexts(duck: DuckDb, vector: DuckDBVector, { cells, from, count }: Cells): boolean {
  const insides = vector as Insides;
  if (typeof insides.vector !== "object" || insides.vector === null || insides.validity === undefined)
    return false;
  words.fill(0, 0, count * (textBytes / Uint32Array.BYTES_PER_ELEMENT));
  let isAllHere = true;
  for (let row = 0; row < count; row++) {
    const cell = cells[from + row];
    if (typeof cell === "string" && putShort(cell, row)) continue;
    isAllHere = false;
    // Of a kind of texts they are texts.
    vector.setItem(row, (cell as string | undefined) ?? null);
  }
  const doubles = new Float64Array(memory, 0, (count * textBytes) / Float64Array.BYTES_PER_ELEMENT);
  type Arguments = ConstructorParameters<DuckDb["DuckDBDoubleVector"]>;
  const [validity, target] = [insides.validity, insides.vector] as [Arguments[1], Arguments[2]];
  new duck.DuckDBDoubleVector(doubles, validity, target).flush();
  // After that: it writes what is longer beside.
  if (!isAllHere) vector.flush();
  return true;
}

/** Writes a text in place; false, and nothing, for one that is too long or no ASCII. */
function putShort(text: string, row: number): boolean {
  const { length } = text;
  if (length > inPlaceBytes) return false;
  const start = row * textBytes + lengthBytes;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) {
      bytes.fill(0, start, start + index);
      return false;
    }
    bytes[start + index] = code;
  }
  words[row * (textBytes / Uint32Array.BYTES_PER_ELEMENT)] = length;
  return true;
}
