import type { JsonSchema } from "@atomic-agents/contracts";
import { ColumnAppender } from "./column-appender.ts";
import { cellOf, type ColumnKind, kindOfSchema, kindOfValue, sqlTypes, widened } from "./column-kind.ts";
import { quoteName } from "./identifiers.ts";
import type { Session } from "./session.ts";
import { Unfit } from "./to-json.ts";

/** As many rows are written at a time. */
const batchRows = 16_384;
/** A batch has no more text than this, and what the last of its records has. */
const batchChars = 2 * 1024 * 1024;
const maxColumns = 1000;

interface Column {
  readonly name: string;
  /** Undefined while all of its values are null. */
  kind: ColumnKind | undefined;
  /** Whether the schema has said it. */
  readonly isFixed: boolean;
  /** What is not written yet. */
  cells: unknown[];
}

interface Batch {
  readonly rows: number;
  /** How much text there is. */
  readonly chars: number;
  readonly columns: readonly {
    readonly name: string;
    readonly kind: ColumnKind;
    readonly cells: unknown[];
  }[];
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
  private charCount = 0;
  private readonly appender = new ColumnAppender("records");
  /** What DuckDB's table has. */
  private readonly written = new Map<string, ColumnKind>();
  /** Of the record that is being taken. */
  private readonly targets: Column[] = [];
  private readonly kinds: (ColumnKind | undefined)[] = [];
  private readonly taken: unknown[] = [];

  constructor(schema: JsonSchema | undefined) {
    for (const [name, property] of Object.entries(schema?.properties ?? {})) {
      const kind = kindOfSchema(typeof property === "boolean" ? undefined : property);
      this.put({ name, kind, isFixed: kind !== undefined, cells: [] });
    }
  }

  get names(): readonly string[] {
    return this.columns.map(({ name }) => name);
  }

  /** Whether what it holds should be written before more comes. */
  get isFull(): boolean {
    return this.rowCount >= batchRows || this.charCount >= batchChars;
  }

  /** Takes a record, or nothing of it. @throws Unfit */
  add(record: unknown): void {
    if (typeof record !== "object" || record === null || Array.isArray(record)) {
      throw new Unfit("it is no object, and a table has columns");
    }
    const { targets, kinds, taken, rowCount } = this;
    let count = 0;
    let isNew = false;
    for (const name of Object.keys(record)) {
      // A key that it has.
      const value = (record as Readonly<Record<string, unknown>>)[name];
      if (value === undefined) continue;
      // Most records have the same keys in the same order.
      const likely = this.columns[count];
      let column = likely?.name === name ? likely : this.byName.get(name);
      if (column === undefined) {
        column = this.newColumn(name, count);
        isNew = true;
      }
      targets[count] = column;
      if (value === null) {
        kinds[count] = column.kind;
        taken[count] = null;
      } else this.fit(column, value, count);
      count++;
    }
    for (let index = 0; index < count; index++) {
      const column = targets[index] as Column;
      if (isNew && !this.byName.has(column.name)) this.put(column);
      column.kind = kinds[index];
      const cell = taken[index];
      if (cell !== null) {
        while (column.cells.length < rowCount) column.cells.push(null);
        column.cells[rowCount] = cell;
        if (typeof cell === "string") this.charCount += cell.length;
      }
    }
    this.rowCount++;
  }

  /** Has DuckDB's table hold what has been taken. What is taken meanwhile is for the next time. */
  async flush(session: Session): Promise<void> {
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
      const byName = new Map(batch.columns.map((column) => [column.name, column]));
      // What has been written once is in every batch that follows.
      const columns = [...this.written.keys()].map((name) => byName.get(name) as Batch["columns"][number]);
      session.atClose = this.close;
      await this.appender.append(session, columns, batch);
    });
  }

  /** The same, of all that there is; false when there is no table, as nothing has said what its columns are. */
  async finish(session: Session): Promise<boolean> {
    for (const column of this.columns) column.kind ??= "text";
    if (this.columns.length === 0) return false;
    await this.flush(session);
    await session.do(async () => this.appender.close());
    return true;
  }

  private readonly close = (): void => this.appender.close();

  private fit(column: Column, value: unknown, index: number): void {
    // What nearly all values are is taken at once.
    if (isPlain(column.kind, value)) {
      this.kinds[index] = column.kind;
      this.taken[index] = value;
      return;
    }
    try {
      const kind =
        column.kind === undefined ? kindOfValue(value) : widened(column.kind, column.isFixed, value);
      this.kinds[index] = kind;
      this.taken[index] = cellOf(kind, value);
    } catch (thrown) {
      if (thrown instanceof Unfit) throw new Unfit(`${column.name}: ${thrown.message}`);
      throw thrown;
    }
  }

  /** @param count how many keys of the record come before it */
  private newColumn(name: string, count: number): Column {
    const folded = name.toLowerCase();
    const like =
      this.byFolded.get(folded) ??
      this.targets.slice(0, count).find((other) => other.name.toLowerCase() === folded);
    if (like !== undefined) throw new Unfit(`${name}: differs from column ${like.name} by case alone`);
    if (name === "") throw new Unfit("a column has to have a name");
    if (!name.isWellFormed() || name.includes("\0")) throw new Unfit("a key is no name of a column");
    if (this.columns.length >= maxColumns)
      throw new Unfit(`${name}: there are ${maxColumns} columns already`);
    return { name, kind: undefined, isFixed: false, cells: [] };
  }

  private put(column: Column): void {
    this.columns.push(column);
    this.byName.set(column.name, column);
    this.byFolded.set(column.name.toLowerCase(), column);
  }

  private takeBatch(): Batch {
    const { rowCount, charCount } = this;
    const columns: Batch["columns"][number][] = [];
    for (const column of this.columns) {
      const { name, kind, cells } = column;
      column.cells = [];
      // Of one that has had nothing but null, all rows have null when it is added.
      if (kind !== undefined) columns.push({ name, kind, cells });
    }
    this.rowCount = 0;
    this.charCount = 0;
    return { rows: rowCount, chars: charCount, columns };
  }

  /** What makes DuckDB's table take a batch. */
  private *changes({ columns }: Batch): Generator<string> {
    if (this.written.size === 0) {
      const definitions = columns.map(({ name, kind }) => `${quoteName(name)} ${sqlTypes[kind]}`);
      yield `create table records (${definitions.join(", ")})`;
      for (const { name, kind } of columns) this.written.set(name, kind);
      return;
    }
    for (const { name, kind } of columns) {
      const before = this.written.get(name);
      if (before === kind) continue;
      const change = before === undefined ? "add column" : "alter column";
      const type = before === undefined ? sqlTypes[kind] : `type ${sqlTypes[kind]}`;
      yield `alter table records ${change} ${quoteName(name)} ${type}`;
      this.written.set(name, kind);
    }
  }
}

/** Whether a column of a kind takes a value as it is. */
function isPlain(kind: ColumnKind | undefined, value: unknown): boolean {
  if (typeof value === "string") return kind === "text" && value.isWellFormed();
  if (kind === "integer") return Number.isSafeInteger(value);
  return kind === "number" && Number.isFinite(value);
}
