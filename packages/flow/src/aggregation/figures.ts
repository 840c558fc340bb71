import type { Calculations } from "./calculation.ts";
import { type FigureSettings, figuresOf } from "./check-calculate.ts";
import type { Cell, Column } from "./column.ts";
import { DistinctColumn } from "./distinct-column.ts";
import { type KeptNumbers, NumberColumn } from "./number-column.ts";
import { OrderedColumn } from "./ordered-column.ts";
import { PresenceColumn } from "./presence-column.ts";
import { QuantileColumn } from "./quantile-column.ts";
import { noRecord } from "./refusal.ts";

/** A figure, and what it is of: records, a column of numbers, or one that keeps cells. */
interface PlacedFigure extends FigureSettings {
  readonly numbers: NumberColumn | undefined;
  /** The place of its column's cell; -1 where it has none. */
  readonly cell: number;
}

/**
 * What is computed of groups of records. A record is read once, by which it is found out whether it can be taken, and is
 * then added to as many groups as it belongs to.
 */
export class Figures {
  readonly placed: readonly PlacedFigure[];
  readonly numbers: readonly NumberColumn[];
  /** What is read of a record. */
  readonly keys: readonly string[];
  private readonly columns: readonly Column[];
  /** What is kept of the numbers of a group that has no records. */
  readonly nothing: readonly number[];
  /** Whether something besides numbers is kept. */
  readonly hasCells: boolean;

  /** @throws AtomicError `CONFIG` for wrong calculations */
  constructor(what: string, calculate: Calculations) {
    const figures = figuresOf(what, calculate);
    const numbers = new Map<string, NumberColumn>();
    for (const { kind, key } of figures) {
      const isNew = key !== undefined && isOfNumbers(kind) && !numbers.has(key);
      if (isNew) numbers.set(key, new NumberColumn(key, numbers.size));
    }
    const columns: Column[] = [];
    const places = new Map<string, number>();
    this.placed = figures.map((figure): PlacedFigure => {
      const { kind, key } = figure;
      if (key === undefined) return { ...figure, numbers: undefined, cell: -1 };
      const column = numbers.get(key);
      if (column !== undefined && kind !== "quantile" && kind !== "distinct") {
        return { ...figure, numbers: column, cell: -1 };
      }
      const cellKind = cellKindOf(figures, kind, key);
      const name = `${cellKind} ${key}`;
      const cell = places.get(name) ?? columns.push(makeColumn(cellKind, key, column)) - 1;
      places.set(name, cell);
      return { ...figure, numbers: undefined, cell };
    });
    this.numbers = [...numbers.values()];
    this.columns = columns;
    this.hasCells = columns.length > 0;
    this.keys = [...new Set(figures.flatMap(({ key }) => (key === undefined ? [] : [key])))];
    this.nothing = NumberColumn.nothing(this.numbers);
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
    const { numbers } = this;
    // Not by iterators: it is done for each record.
    for (let index = 0; index < numbers.length; index++) (numbers[index] as NumberColumn).read(values);
    if (this.hasCells) this.readColumns(values);
  }

  private readColumns(values: Readonly<Record<string, unknown>>): void {
    const { columns } = this;
    for (let index = 0; index < columns.length; index++) (columns[index] as Column).read(values);
  }

  /** The record that was read last is taken, though it is added to a group later. */
  fix(): void {
    for (const column of this.columns) {
      if (column instanceof OrderedColumn) column.fix();
    }
  }

  /** What is kept of a group's numbers, with none so far. */
  createNumbers(): number[] {
    return this.nothing.slice();
  }

  /** What is kept of a group besides, with nothing so far. */
  createCells(): readonly Cell[] {
    return this.hasCells ? this.columns.map((column) => column.makeCell()) : noCells;
  }

  /** What is kept of a group, in which there is no record so far. */
  createGroup(): GroupFigures {
    return new GroupFigures(this);
  }
}

/** What there is of a group already. */
export interface KeptFigures {
  readonly count: number;
  readonly kept: KeptNumbers;
  /** Where in `kept` the group begins. */
  readonly at: number;
  readonly cells: readonly Cell[];
}

/** What is kept of the records of one group. */
export class GroupFigures {
  /** How many records there are. */
  count = 0;
  private readonly figures: Figures;
  private readonly kept: KeptNumbers;
  private readonly at: number;
  private readonly cells: readonly Cell[];

  constructor(figures: Figures, before?: KeptFigures) {
    this.figures = figures;
    this.count = before?.count ?? 0;
    this.kept = before?.kept ?? figures.createNumbers();
    this.at = before?.at ?? 0;
    this.cells = before?.cells ?? figures.createCells();
  }

  /** Takes the record that was read last. */
  add(): void {
    this.count++;
    const { numbers } = this.figures;
    const { kept, at, cells } = this;
    for (let index = 0; index < numbers.length; index++) (numbers[index] as NumberColumn).add(kept, at);
    for (let index = 0; index < cells.length; index++) (cells[index] as Cell).add();
  }

  /** Takes all that another group of the same figures has taken. */
  merge(other: GroupFigures): void {
    this.count += other.count;
    for (const column of this.figures.numbers) column.merge(this.kept, other.kept);
    for (const [index, cell] of this.cells.entries()) cell.merge(other.cells[index] as Cell);
  }

  /** The figures by their names, in their order. */
  result(): readonly (readonly [name: string, figure: number | string | null])[] {
    return this.figures.placed.map((figure) => [figure.name, this.figureOf(figure)]);
  }

  /** Has a record have them. */
  putInto(record: Record<string, unknown>): void {
    const { placed } = this.figures;
    for (let index = 0; index < placed.length; index++) {
      const figure = placed[index] as PlacedFigure;
      record[figure.name] = this.figureOf(figure);
    }
  }

  private figureOf(figure: PlacedFigure): number | string | null {
    const { kept, at, cells, count } = this;
    if (figure.numbers !== undefined) return figure.numbers.figure(kept, at, figure);
    return cells[figure.cell]?.figure(figure) ?? (figure.cell < 0 ? count : null);
  }
}

type CellKind = "quantile" | "distinct" | "ordered" | "presence";

const noCells: readonly Cell[] = [];

/** Whether a key of which there is such a figure holds numbers for all others, too. */
function isOfNumbers(kind: FigureSettings["kind"]): boolean {
  return kind === "sum" || kind === "mean" || kind === "quantile";
}

function cellKindOf(figures: readonly FigureSettings[], kind: FigureSettings["kind"], key: string): CellKind {
  if (kind === "quantile" || kind === "distinct") return kind;
  const hasOrder = figures.some(
    (figure) => figure.key === key && (figure.kind === "min" || figure.kind === "max"),
  );
  return hasOrder ? "ordered" : "presence";
}

function makeColumn(kind: CellKind, key: string, numbers: NumberColumn | undefined): Column {
  if (kind === "quantile" && numbers !== undefined) return new QuantileColumn(numbers);
  if (kind === "ordered") return new OrderedColumn(key);
  return kind === "distinct" ? new DistinctColumn(key) : new PresenceColumn(key);
}
