import type { Metric } from "prom-client";
import { Cells, type SeriesBudget } from "./series.ts";

/** A line of a family: its labels in the order of their names. */
interface Line {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/** What a family is called, and of what it tells. */
interface FamilyCard {
  readonly name: string;
  readonly help: string;
}

/** What a registry of prom-client asks of a metric when it is scraped. */
export interface Family extends FamilyCard {
  readonly type: "counter" | "gauge" | "histogram";
  readonly values: () => readonly Line[];
}

/**
 * A family as a registry takes it. Those of prom-client itself look up their labels by joined texts at each observation;
 * ours are plain numbers until somebody scrapes.
 */
export function metricOf(family: Family): Metric {
  const { name, help, type } = family;
  const metric = {
    name,
    help,
    type,
    get: () => ({ name, help, type, aggregator: "sum", values: family.values() }),
    reset() {},
  };
  // A registry calls `get` and reads `name` and `type`, and nothing else.
  return metric as unknown as Metric;
}

/** Numbers or durations of one name, told apart by up to three labels. */
export interface CellFamily<TCell> extends Family {
  readonly cells: Cells<TCell>;
}

/** A number that is added to, or set. */
export class Count {
  value = 0;
}

/** Counters or gauges of one name. */
export function countFamily(
  type: "counter" | "gauge",
  { name, help }: FamilyCard,
  labelNames: readonly string[],
  budget: SeriesBudget,
): CellFamily<Count> {
  const cells = new Cells(budget, widthOf(labelNames), 1, () => new Count());
  const values = (): readonly Line[] =>
    cells.all.map(([labels, { value }]) => ({ labels: labelsOf(labelNames, labels), value }));
  return { name, help, type, cells, values };
}

/** From a quick function to a slow model, in seconds. */
const bounds: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
];

/** Durations, by how long they were at most. */
export class Durations {
  /** The last one is of those that are longer than all bounds. */
  readonly counts: number[] = Array.from({ length: bounds.length + 1 }, () => 0);
  sum = 0;

  /** What is no duration is not counted. */
  observe(durationMs: number): void {
    const seconds = durationMs / 1_000;
    if (!(seconds >= 0 && seconds < Number.POSITIVE_INFINITY)) return;
    let index = 0;
    while (index < bounds.length && seconds > (bounds[index] ?? 0)) index++;
    this.counts[index] = (this.counts[index] ?? 0) + 1;
    this.sum += seconds;
  }

  /** The lines of a histogram. */
  lines(name: string, labels: Line["labels"]): readonly Line[] {
    let count = 0;
    const buckets = this.counts.map((more, index): Line => {
      count += more;
      const le = bounds[index] ?? "+Inf";
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}

/** Histograms of one name. */
export function durationFamily(
  { name, help }: FamilyCard,
  labelNames: readonly string[],
  budget: SeriesBudget,
): CellFamily<Durations> {
  // With those of the sum, the count and what is longer than all bounds.
  const cells = new Cells(budget, widthOf(labelNames), bounds.length + 3, () => new Durations());
  const values = (): readonly Line[] =>
    cells.all.flatMap(([labels, durations]) => durations.lines(name, labelsOf(labelNames, labels)));
  return { name, help, type: "histogram", cells, values };
}

function labelsOf(names: readonly string[], values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
}

function widthOf({ length }: readonly string[]): 1 | 2 | 3 {
  return length <= 1 ? 1 : length === 2 ? 2 : 3;
}
