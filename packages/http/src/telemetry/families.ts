import type { Metric } from "prom-client";
import { Cells, type SeriesBudget } from "./series.ts";

/** A line of a family: its labels in the order of their names. */
interface Line {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/** What a registry of prom-client asks of a metric when it is scraped. */
interface Family {
  readonly name: string;
  readonly help: string;
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

/** A number that only grows. */
export class Count {
  value = 0;
}

/** Counters of one name. */
export class CounterFamily implements Family {
  readonly name: string;
  readonly help: string;
  readonly type = "counter";
  readonly cells: Cells<Count>;
  readonly #labelNames: readonly string[];

  constructor(name: string, help: string, labelNames: readonly string[], budget: SeriesBudget) {
    this.name = name;
    this.help = help;
    this.#labelNames = labelNames;
    this.cells = new Cells(budget, widthOf(labelNames), 1, () => new Count());
  }

  values(): readonly Line[] {
    return this.cells.all.map(([values, { value }]) => ({
      labels: labelsOf(this.#labelNames, values),
      value,
    }));
  }
}

/** Gauges of one name, that are set. */
export class GaugeFamily implements Family {
  readonly name: string;
  readonly help: string;
  readonly type = "gauge";
  readonly cells: Cells<Count>;
  readonly #labelNames: readonly string[];

  constructor(name: string, help: string, labelNames: readonly string[], budget: SeriesBudget) {
    this.name = name;
    this.help = help;
    this.#labelNames = labelNames;
    this.cells = new Cells(budget, widthOf(labelNames), 1, () => new Count());
  }

  values(): readonly Line[] {
    return this.cells.all.map(([values, { value }]) => ({
      labels: labelsOf(this.#labelNames, values),
      value,
    }));
  }
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
}

/** Histograms of one name. */
export class HistogramFamily implements Family {
  readonly name: string;
  readonly help: string;
  readonly type = "histogram";
  readonly cells: Cells<Durations>;
  readonly #labelNames: readonly string[];

  constructor(name: string, help: string, labelNames: readonly string[], budget: SeriesBudget) {
    this.name = name;
    this.help = help;
    this.#labelNames = labelNames;
    // With those of the sum, the count and what is longer than all bounds.
    this.cells = new Cells(budget, widthOf(labelNames), bounds.length + 3, () => new Durations());
  }

  values(): readonly Line[] {
    return this.cells.all.flatMap(([values, cell]) => {
      const labels = labelsOf(this.#labelNames, values);
      let count = 0;
      const buckets = cell.counts.map((more, index): Line => {
        count += more;
        const le = bounds[index] ?? "+Inf";
        return { metricName: `${this.name}_bucket`, labels: { ...labels, le }, value: count };
      });
      return [
        ...buckets,
        { metricName: `${this.name}_sum`, labels, value: cell.sum },
        { metricName: `${this.name}_count`, labels, value: count },
      ];
    });
  }
}

function labelsOf(names: readonly string[], values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
}

function widthOf({ length }: readonly string[]): 1 | 2 | 3 {
  return length <= 1 ? 1 : length === 2 ? 2 : 3;
}
