import type { Calculations } from "./calculation.ts";
import { type FigureSettings, figuresOf } from "./check-calculate.ts";
import type { Cell, Column } from "./column.ts";
import { DistinctColumn } from "./distinct-column.ts";
import { NumberColumn } from "./number-column.ts";
import { OrderedColumn } from "./ordered-column.ts";
import { PresenceColumn } from "./presence-column.ts";
import { noRecord } from "./refusal.ts";

/** A figure and the place of what it is of; -1 where records are counted. */
interface PlacedFigure extends FigureSettings {
  readonly column: number;
}

/**
 * What is computed of groups of records. A record is read once, by which it is found out whether it can be taken, and is
 * then added to as many groups as it belongs to.
 */
export class Figures {
  private readonly columns: readonly Column[];
  private readonly placed: readonly PlacedFigure[];

  /** @throws AtomicError `CONFIG` for wrong calculations */
  constructor(what: string, calculate: Calculations) {
    const figures = figuresOf(what, calculate);
    const columns: Column[] = [];
    const places = new Map<string, number>();
    this.placed = figures.map((figure): PlacedFigure => {
      const { kind, key } = figure;
      if (key === undefined) return { ...figure, column: -1 };
      const columnKind = kind === "distinct" ? kind : kindFor(figures, key);
      const name = `${columnKind} ${key}`;
      const column = places.get(name) ?? columns.push(makeColumn(columnKind, key, figures)) - 1;
      places.set(name, column);
      return { ...figure, column };
    });
    this.columns = columns;
  }

  /**
   * Reads what the figures need of a record, for `add` of any of the groups. A record that is refused changes nothing.
   *
   * @throws AtomicError `VALIDATION_INPUT` for a value of another kind
   */
  read(record: unknown): void {
    if (record === null || record === undefined) throw noRecord(record);
    // Everything else can be asked for a key.
    const values = record as Readonly<Record<string, unknown>>;
    const { columns } = this;
    // Not by an iterator: it is done for each record.
    for (let index = 0; index < columns.length; index++) (columns[index] as Column).read(values);
  }

  /** What is kept of a group, in which there is no record so far. */
  createGroup(): GroupFigures {
    return new GroupFigures(
      this.placed,
      this.columns.map((column) => column.makeCell()),
    );
  }
}

/** What is kept of the records of one group. */
export class GroupFigures {
  /** How many records there are. */
  count = 0;
  private readonly placed: readonly PlacedFigure[];
  private readonly cells: readonly Cell[];

  constructor(placed: readonly PlacedFigure[], cells: readonly Cell[]) {
    this.placed = placed;
    this.cells = cells;
  }

  /** Takes the record that was read last. */
  add(): void {
    this.count++;
    const { cells } = this;
    for (let index = 0; index < cells.length; index++) (cells[index] as Cell).add();
  }

  /** Takes all that another group of the same figures has taken. */
  merge(other: GroupFigures): void {
    this.count += other.count;
    for (const [index, cell] of this.cells.entries()) cell.merge(other.cells[index] as Cell);
  }

  /** The figures by their names, in their order. */
  result(): readonly (readonly [name: string, figure: number | string | null])[] {
    const { placed, cells, count } = this;
    return placed.map((figure) => {
      const cell = cells[figure.column];
      return [figure.name, cell === undefined ? count : cell.figure(figure)];
    });
  }
}

type ColumnKind = "number" | "ordered" | "distinct" | "presence";

/** The one column that serves all figures of a key but how many different values there are. */
function kindFor(figures: readonly FigureSettings[], key: string): ColumnKind {
  const kinds = figures.flatMap((figure) => (figure.key === key ? [figure.kind] : []));
  if (kinds.some((kind) => kind === "sum" || kind === "mean" || kind === "quantile")) return "number";
  return kinds.some((kind) => kind === "min" || kind === "max") ? "ordered" : "presence";
}

function makeColumn(kind: ColumnKind, key: string, figures: readonly FigureSettings[]): Column {
  if (kind === "number") {
    return new NumberColumn(
      key,
      figures.some((figure) => figure.key === key && figure.kind === "quantile"),
    );
  }
  if (kind === "ordered") return new OrderedColumn(key);
  return kind === "distinct" ? new DistinctColumn(key) : new PresenceColumn(key);
}
