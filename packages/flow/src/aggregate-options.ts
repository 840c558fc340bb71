import type { Calculations, GroupKey } from "./aggregation/calculation.ts";
import { figuresOf } from "./aggregation/check-calculate.ts";
import { checkCount, configError } from "./config-error.ts";
import { checkFunctionOptions, type FunctionOptions } from "./function-options.ts";
import type { AggregateSettings } from "./nodes/aggregate-node.ts";
import { checkOverflow } from "./overflow/check-overflow.ts";
import type { Overflow } from "./overflow/overflow.ts";

/** How records are grouped, and what is computed of each group. */
export interface AggregateOptions<
  TRecord,
  TBy extends GroupKey<TRecord>,
  TCalculate extends Calculations<TRecord>,
> extends FunctionOptions {
  /** The keys whose values make a group; none makes one group of all. */
  readonly by: readonly TBy[];
  /** What is computed, by the name it gets. */
  readonly calculate: TCalculate;
  /** With more groups the flow fails, unless `past` is said; 100,000. */
  readonly maxGroups?: number | undefined;
  /** Where it goes on with more, `duckDb()`: records of further groups are kept there until all have come. */
  readonly past?: Overflow | undefined;
}

const defaultMaxGroups = 100_000;

/** What an aggregation is made of. @throws AtomicError `CONFIG` */
export function aggregateSettings(
  what: string,
  options: FunctionOptions & {
    readonly by: readonly string[];
    readonly calculate: Calculations;
    readonly maxGroups?: number | undefined;
    readonly past?: Overflow | undefined;
  },
): { readonly id: string; readonly settings: AggregateSettings; readonly design: unknown } {
  const keys = ["by", "calculate", "maxGroups", "past"];
  const { id, onError } = checkFunctionOptions(what, options, "aggregate", keys);
  const { by, calculate, maxGroups = defaultMaxGroups, past } = options;
  checkOverflow(what, past);
  checkCount(what, "maxGroups", maxGroups);
  if (!Array.isArray(by) || by.some((key) => typeof key !== "string")) {
    throw configError(what, "by", "an array of keys", by);
  }
  for (const { name } of figuresOf(what, calculate)) {
    if (by.includes(name)) throw configError(what, `calculate.${name}`, "a name that is not in by", name);
  }
  return { id, settings: { by, calculate, maxGroups, past, onError }, design: { by, calculate } };
}
