import type { JsonSchema } from "@atomic-agents/contracts";
import { cellsOfKind } from "./cells-of-kind.ts";
import { ColumnAppender } from "./column-appender.ts";
import type { ColumnCells } from "./column-cells.ts";
import { cellOf, type ColumnKind, kindOfSchema, kindOfValue, sqlTypes, widened } from "./column-kind.ts";
import { quoteName } from "./identifiers.ts";
import type { Session } from "./session.ts";
import type { TextSize } from "./text-cells.ts";
import type { TypedColumn } from "./read-columns.ts";
import { Unfit } from "./to-json.ts";
import { UnreadCells } from "./unread-cells.ts";

/** As many rows are written at a time. */
const batchRows = 16_384;
/** A batch has no more text than this, and what the last of its records has. */
const batchChars = 2 * 1024 * 1024;
/** Or no more rows than have so many values, of which there is room for each. */
const batchValues = 1024 * 1024;
const maxColumns = 1000;

interface Column {
  readonly name: string;
  /** Undefined while all of its values are null. */
  kind: ColumnKind | undefined;
  /** Whether the schema has said it. */
  readonly isFixed: boolean;
  /** Whether its values are kept. */
  isKept: boolean;
  /** What is not written yet; there is none without a kind. */
  cells: ColumnCells | undefined;
  /** Those that have been written, to be used again. */
  spare: ColumnCells | undefined;
}

interface Batch {
  readonly rows: number;
  /** How much text there is. */
  readonly chars: number;
  readonly columns: readonly {
    readonly column: Column;
    readonly cells: ColumnCells;
  }[];
}

/** A value of a record, as it is to be put into a column. */
interface Taken {
  readonly column: Column;
  readonly kind: ColumnKind | undefined;
  readonly value: unknown;
}

/**
 * The table `records`, whose columns come from a schema, or from the records as they come: a column is of the kind of its
 * first value, and whole numbers become numbers when one is none. Lists and objects are JSON.
 */
export class RecordTable {
  private readonly columns: Column[] = [];
  private readonly byName = new Map<string, Column>();
  /** DuckDB's names do not differ by case alone. */
  private readonly byFolded = new Map<string, Column>();
  private rowCount = 0;
  private readonly size: TextSize = { chars: 0 };
  private readonly appender = new ColumnAppender("records");
  /** Whether rows have been written while others come: one thread does that, and more would look on, busily. */
  private isFilling = false;
  /** What DuckDB's table has. */
  private readonly written = new Map<string, ColumnKind>();

  constructor(schema: JsonSchema | undefined) {
    for (const [name, property] of Object.entries(schema?.properties ?? {})) {
      const kind = kindOfSchema(typeof property === "boolean" ? undefined : property);
      const column = newColumn(name, kind !== undefined);
      this.put(column);
      this.setKind(column, kind);
    }
  }

  get names(): readonly string[] {
    return this.columns.map(({ name }) => name);
  }

  /** What DuckDB's table would have if there were no more records. */
  get typedColumns(): readonly TypedColumn[] {
    return this.columns.map(({ name, kind = "text" }) => ({ name, type: sqlTypes[kind] }));
  }

  /** Whether what it holds should be written before more comes. */
  get isFull(): boolean {
    const { rowCount, size, columns } = this;
    return rowCount >= batchRows || size.chars >= batchChars || rowCount * columns.length >= batchValues;
  }

  /** Takes a record, or nothing of it. @throws Unfit */
  add(record: unknown): void {
    if (typeof record !== "object" || record === null || Array.isArray(record)) {
      throw new Unfit("it is no object, and a table has columns");
    }
    // An object has any keys.
    if (!this.addAsIs(record as ReadonlyRecord)) this.addAnew(record as ReadonlyRecord);
    this.rowCount++;
  }

  /** Keeps nothing of the columns that there are but these, which others have null instead; values of all are looked at as before. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const column of this.columns) {
      column.isKept = names.has(column.name);
      if (column.isKept || column.kind === undefined) continue;
      column.cells = undefined;
      column.spare = undefined;
      this.setKind(column, column.kind);
    }
  }

  /** Has DuckDB's table hold what has been taken. What is taken meanwhile is for the next time. */
  async flush(session: Session): Promise<void> {
    if (!this.isFilling) await session.useThreads("one");
    this.isFilling = true;
    await this.write(session);
  }

  /** The same, of all that there is; false when there is no table, as nothing has said what its columns are. */
  async finish(session: Session): Promise<boolean> {
    for (const column of this.columns) if (column.kind === undefined) this.setKind(column, "text");
    if (this.columns.length === 0) return false;
    await this.write(session);
    await session.do(async () => this.appender.close());
    if (this.isFilling) await session.useThreads("all");
    return true;
  }

  private async write(session: Session): Promise<void> {
    // Of rows that have nothing but null there is only their count to keep.
    if (!this.columns.some(({ kind }) => kind !== undefined)) return;
    const batch = this.takeBatch();
    await session.do(async (connection) => {
      for (const sql of this.changes(batch)) {
        // It knows the columns that there were.
        this.appender.close();
        await connection.run(sql);
      }
      if (batch.rows === 0) return;
      const byName = new Map(batch.columns.map(({ column, cells }) => [column.name, cells]));
      // What has been written once is in every batch that follows.
      const columns = [...this.written.keys()].map((name) => byName.get(name) as ColumnCells);
      session.atClose.add(this.close);
      await this.appender.append(session, columns, batch);
    });
    for (const { column, cells } of batch.columns) {
      cells.clear();
      column.spare = cells;
    }
  }

  private readonly close = (): void => this.appender.close();

  /** Takes a record whose columns are there, and stay as they are; false, and nothing, for any other. @throws what reading it throws */
  private addAsIs(record: ReadonlyRecord): boolean {
    const { columns, rowCount, size } = this;
    const { chars } = size;
    let isTaken = false;
    try {
      isTaken = this.putAll(record);
    } finally {
      // Also where a value could not be read: the next record would get what is left.
      if (!isTaken) {
        for (const { cells } of columns) cells?.takeBack(rowCount);
        size.chars = chars;
      }
    }
    return isTaken;
  }

  /** Puts values up to the first that its column does not take as it is, and says whether there was none. */
  private putAll(record: ReadonlyRecord): boolean {
    const { columns, rowCount } = this;
    let index = 0;
    // Faster than a list of keys where many objects have the same ones, and with this question, which then costs nothing.
    for (const name in record) {
      if (!Object.prototype.hasOwnProperty.call(record, name)) continue;
      const value = record[name];
      if (value === undefined) continue;
      // Most records have the same keys in the same order.
      const likely = columns[index];
      const column = likely?.name === name ? likely : this.byName.get(name);
      index++;
      if (column === undefined || (value !== null && column.cells?.put(rowCount, value) !== true))
        return false;
    }
    return true;
  }

  /** Takes a record of which columns are to be added or changed. @throws Unfit */
  private addAnew(record: ReadonlyRecord): void {
    const taken: Taken[] = [];
    for (const name of Object.keys(record)) {
      const value = record[name];
      if (value === undefined) continue;
      const column = this.byName.get(name) ?? this.newColumn(name, taken);
      taken.push({ column, kind: value === null ? column.kind : kindWith(column, value), value });
    }
    for (const { column, kind, value } of taken) {
      if (!this.byName.has(column.name)) this.put(column);
      this.setKind(column, kind);
      if (value !== null) column.cells?.put(this.rowCount, value);
    }
  }

  /** @param taken of the record, what comes before it */
  private newColumn(name: string, taken: readonly Taken[]): Column {
    const folded = name.toLowerCase();
    const like =
      this.byFolded.get(folded) ?? taken.find(({ column }) => column.name.toLowerCase() === folded)?.column;
    if (like !== undefined) throw new Unfit(`${name}: differs from column ${like.name} by case alone`);
    if (name === "") throw new Unfit("a column has to have a name");
    if (!name.isWellFormed() || name.includes("\0")) throw new Unfit("a key is no name of a column");
    if (this.columns.length >= maxColumns)
      throw new Unfit(`${name}: there are ${maxColumns} columns already`);
    return newColumn(name, false);
  }

  private put(column: Column): void {
    this.columns.push(column);
    this.byName.set(column.name, column);
    this.byFolded.set(column.name.toLowerCase(), column);
  }

  private setKind(column: Column, kind: ColumnKind | undefined): void {
    column.kind = kind;
    if (kind === undefined) return;
    column.cells ??= column.isKept ? cellsOfKind(kind, this.size) : new UnreadCells(kind);
    column.cells.kind = kind;
  }

  private takeBatch(): Batch {
    const { rowCount, size } = this;
    const columns: Batch["columns"][number][] = [];
    const { chars } = size;
    for (const column of this.columns) {
      const { kind, cells, spare } = column;
      // Of one that has had nothing but null, all rows have null when it is added.
      if (cells === undefined) continue;
      columns.push({ column, cells });
      column.cells = spare;
      column.spare = undefined;
      this.setKind(column, kind);
    }
    this.rowCount = 0;
    size.chars = 0;
    return { rows: rowCount, chars, columns };
  }

  /** What makes DuckDB's table take a batch. */
  private *changes({ columns }: Batch): Generator<string> {
    const kinds = columns.map(({ column: { name }, cells: { kind } }) => ({ name, kind }));
    if (this.written.size === 0) {
      const definitions = kinds.map(({ name, kind }) => `${quoteName(name)} ${sqlTypes[kind]}`);
      yield `create table records (${definitions.join(", ")})`;
      for (const { name, kind } of kinds) this.written.set(name, kind);
      return;
    }
    for (const { name, kind } of kinds) {
      const before = this.written.get(name);
      if (before === kind) continue;
      const change = before === undefined ? "add column" : "alter column";
      const type = before === undefined ? sqlTypes[kind] : `type ${sqlTypes[kind]}`;
      yield `alter table records ${change} ${quoteName(name)} ${type}`;
      this.written.set(name, kind);
    }
  }
}

type ReadonlyRecord = Readonly<Record<string, unknown>>;

function newColumn(name: string, isFixed: boolean): Column {
  return { name, kind: undefined, isFixed, isKept: true, cells: undefined, spare: undefined };
}

/** What kind a column is of when it has a value. @throws Unfit */
function kindWith({ name, kind, isFixed }: Column, value: unknown): ColumnKind {
  try {
    const next = kind === undefined ? kindOfValue(value) : widened(kind, isFixed, value);
    cellOf(next, value);
    return next;
  } catch (thrown) {
    if (thrown instanceof Unfit) throw new Unfit(`${name}: ${thrown.message}`);
    throw thrown;
  }
}
