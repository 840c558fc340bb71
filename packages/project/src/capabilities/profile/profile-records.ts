import { defineOperator, type Operator } from "@atomic-agents/flow";
import { checkKeys, optionError } from "../check-options.ts";
import { type Budget, FieldNode, type ValueSort, valueSorts } from "./field-node.ts";

/** What a summary shows. */
export interface ProfileOptions {
  /** Which quantiles of numbers, as shares from 0 to 1; a quarter, a half, three quarters. */
  readonly quantiles?: readonly number[] | undefined;
  /** How many fields are told apart; 1,000. */
  readonly maxFields?: number | undefined;
}

/** What there is at one place of records. */
export interface FieldProfile {
  /** `address.city`; `lines[].price` is in the objects of a list. `""` is records that are no objects. */
  readonly path: string;
  /** How often there is a value, null included. */
  readonly present: number;
  /** How often the object around it is there without it. */
  readonly missing: number;
  readonly nulls: number;
  /** How many values of each sort there are. */
  readonly types: { readonly [S in ValueSort]?: number };
  /** How many different texts, numbers, true and false. */
  readonly distinct: number;
  /** Whether that is exact; else its standard error is 0.8 %. */
  readonly isDistinctExact: boolean;
  /** Of numbers, of which the first two are exact. */
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  /** Of numbers, by names such as `p50`; within 1 % of a value of that rank. */
  readonly quantiles?: Readonly<Record<string, number>>;
  /** Whole numbers beyond 2^53 - 1, which may have been others when they were written. */
  readonly inexact?: number;
  /** Of texts, in characters. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Of lists. */
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly examples: readonly (string | number | boolean)[];
}

/** A summary of records. */
export interface Profile {
  readonly records: number;
  /** In the order in which they were first seen. */
  readonly fields: readonly FieldProfile[];
  /** How many values were in fields that are not told apart, because there are too many. */
  readonly untold: number;
}

const defaultQuantiles = [0.25, 0.5, 0.75] as const;
const defaultMaxFields = 1_000;

/** @throws AtomicError `CONFIG` */
function checkProfileOptions(what: string, options: ProfileOptions): void {
  checkKeys(what, options, ["quantiles", "maxFields"]);
  const { quantiles, maxFields } = options;
  const isShare = (share: unknown): boolean => typeof share === "number" && share >= 0 && share <= 1;
  if (quantiles !== undefined && !(Array.isArray(quantiles) && quantiles.every(isShare))) {
    throw optionError(what, "quantiles", "a list of numbers from 0 to 1", quantiles);
  }
  if (
    maxFields !== undefined &&
    !(Number.isSafeInteger(maxFields) && maxFields >= 1 && maxFields <= 100_000)
  ) {
    throw optionError(what, "maxFields", "a whole number from 1 to 100000", maxFields);
  }
}

/**
 * An operator of flows that gives one record when all have come: what there is in them, field by field, nested ones as well.
 * Memory grows with the number of fields, up to `maxFields`, and not with that of records: quantiles and, past 1,024, the
 * numbers of different values are estimated.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * import { flow, fromIterable, toArray } from "@atomic-agents/flow";
 *
 * const got: Profile[] = [];
 * const items = [{ price: 1 }, { price: 3 }, { price: null }, {}];
 * await flow(fromIterable(items)).operator(profileRecords()).to(toArray(got));
 * const [price] = got[0]?.fields ?? [];
 * console.log(price?.path, price?.present, price?.missing, price?.nulls, price?.mean); // => price 3 1 1 2
 * ```
 */
export function profileRecords(options: ProfileOptions = {}): Operator<unknown, Profile> {
  checkProfileOptions("profileRecords", options);
  return defineOperator<unknown, Profile>({
    name: "profile",
    together: true,
    start: () => {
      const gathering = new ProfileGathering(options);
      return {
        take: (record) => gathering.add(record),
        end: ({ emit }) => emit(gathering.profile(), { from: "all" }),
      };
    },
  });
}

/** Gathers a summary, record by record. */
export class ProfileGathering {
  readonly #root: FieldNode;
  readonly #budget: Budget;
  readonly #quantiles: readonly number[];

  constructor({ quantiles = defaultQuantiles, maxFields = defaultMaxFields }: ProfileOptions = {}) {
    this.#budget = { fieldsLeft: maxFields, untold: 0, hasSketches: true };
    this.#root = new FieldNode(this.#budget);
    this.#quantiles = quantiles;
  }

  add(record: unknown): void {
    this.#root.add(record === undefined ? null : record);
  }

  profile(): Profile {
    const root = this.#root;
    const fields: FieldProfile[] = [];
    if (root.count > root.sortCount("object")) fields.push(this.#field("", root, root.count));
    this.#inside(root, "", fields);
    return { records: root.count, fields, untold: this.#budget.untold };
  }

  #inside({ objects, lists }: FieldNode, path: string, fields: FieldProfile[]): void {
    for (const [key, field] of objects?.fields ?? []) {
      const name = path === "" ? key : `${path}.${key}`;
      fields.push(this.#field(name, field, objects?.count ?? 0));
      this.#inside(field, name, fields);
    }
    if (lists === undefined) return;
    const { items } = lists;
    const name = `${path}[]`;
    // Of objects their fields say enough.
    if (items.count > items.sortCount("object")) fields.push(this.#field(name, items, items.count));
    this.#inside(items, name, fields);
  }

  #field(path: string, node: FieldNode, around: number): FieldProfile {
    const { numbers, texts, lists, distinct } = node;
    return {
      path,
      present: node.count,
      missing: around - node.count,
      nulls: node.sortCount("null"),
      types: Object.fromEntries(
        valueSorts.filter((sort) => node.sorts.has(sort)).map((sort) => [sort, node.sortCount(sort)]),
      ),
      distinct: distinct?.count ?? 0,
      isDistinctExact: distinct?.isExact ?? true,
      ...(numbers !== undefined && {
        min: numbers.min,
        max: numbers.max,
        mean: numbers.mean,
        quantiles: Object.fromEntries(
          this.#quantiles.map((share) => [nameOf(share), numbers.sketch?.quantile(share) ?? 0]),
        ),
        ...(numbers.inexact > 0 && { inexact: numbers.inexact }),
      }),
      ...(texts !== undefined && { minLength: texts.minLength, maxLength: texts.maxLength }),
      ...(lists !== undefined && { minItems: lists.minItems, maxItems: lists.maxItems }),
      examples: [...node.examples],
    };
  }
}

/** `p50` of 0.5, `p99.9` of 0.999. */
function nameOf(share: number): string {
  return `p${Number((share * 100).toFixed(6))}`;
}
