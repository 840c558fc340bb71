import type { FigureSettings } from "./check-calculate.ts";

/** What is read at one key of each record. */
export interface Column {
  readonly key: string;
  /** Reads it of a record, and keeps it until the next. @throws AtomicError `VALIDATION_INPUT` for what it does not take */
  read(record: Readonly<Record<string, unknown>>): void;
  /** What is kept of a group in which there is no record so far. */
  makeCell(): Cell;
}

/** What is kept of the values at one key of a group's records. */
export interface Cell {
  /** Takes what its column has read last. */
  add(): void;
  /** Takes all that another one of the same column has taken, which came after its own. */
  merge(other: Cell): void;
  figure(settings: FigureSettings): number | string | null;
}
