import type { KeyValue, RecordKey } from "../keys.ts";

/** The keys of a record by whose values it can be grouped; any text where nobody knows what a record is. */
export type GroupKey<TRecord> = RecordKey<TRecord>;

/** The keys of a record at which there are numbers, or nothing. */
export type NumberKey<TRecord> = KeyWith<TRecord, number>;

/** The keys of a record at which there are only numbers or only texts, or nothing. */
export type OrderedKey<TRecord> = KeyWith<TRecord, number> | KeyWith<TRecord, string>;

type KeyWith<TRecord, TValue> = unknown extends TRecord
  ? string
  : {
      [TKey in keyof TRecord & string]-?: unknown extends TRecord[TKey]
        ? TKey
        : TRecord[TKey] extends TValue | null | undefined
          ? TKey
          : never;
    }[keyof TRecord & string];

/**
 * What is computed of a group's records. Where a record has nothing at the key, `null` or no such key, the figure is of
 * the others.
 */
export type Calculation<TRecord = unknown> =
  /** How many records there are; with a key, how many of them have something there. */
  | { readonly count: true | (unknown extends TRecord ? string : keyof TRecord & string) }
  | { readonly sum: NumberKey<TRecord> }
  | { readonly mean: NumberKey<TRecord> }
  /** The least number, or the text that comes first by its UTF-16 code units. */
  | { readonly min: OrderedKey<TRecord> }
  | { readonly max: OrderedKey<TRecord> }
  /** The number that a share of the numbers does not exceed, from 0 to 1: 0.5 is the median. Exactly up to 1,024 numbers, then within 1 %. */
  | { readonly quantile: NumberKey<TRecord>; readonly at: number }
  /** How many different values there are: exactly up to 1,024, then with a standard error of 0.81 %. */
  | { readonly distinct: RecordKey<TRecord> };

/** What is computed, by the names that the figures get. */
export type Calculations<TRecord = unknown> = Readonly<Record<string, Calculation<TRecord>>>;

/** What a calculation gives. A figure of no values is `null`, but how many there are is 0. */
export type Figure<TRecord, TCalculation, TBy = string> = TCalculation extends
  | { readonly count: unknown }
  | { readonly distinct: unknown }
  ? number
  : TCalculation extends { readonly sum: infer TKey } | { readonly mean: infer TKey }
    ? number | Lack<TRecord, TKey, TBy>
    : TCalculation extends { readonly quantile: infer TKey }
      ? number | Lack<TRecord, TKey, TBy>
      : TCalculation extends { readonly min: infer TKey } | { readonly max: infer TKey }
        ? ValueAt<TRecord, TKey> | Lack<TRecord, TKey, TBy>
        : never;

/** Of a group by no keys there may be no record at all. */
type Lack<TRecord, TKey, TBy> = [TBy] extends [never]
  ? null
  : TKey extends keyof TRecord
    ? unknown extends TRecord[TKey]
      ? null
      : Extract<TRecord[TKey], null | undefined> extends never
        ? never
        : null
    : null;

type ValueAt<TRecord, TKey> = TKey extends keyof TRecord
  ? unknown extends TRecord[TKey]
    ? number | string
    : NonNullable<TRecord[TKey]>
  : number | string;

/** The record of a group: the values it is grouped by, and the figures. */
export type GroupRecord<TRecord, TBy extends string, TCalculate> = {
  readonly [TKey in TBy]: TKey extends keyof TRecord
    ? unknown extends TRecord[TKey]
      ? KeyValue
      : TRecord[TKey]
    : KeyValue;
} & {
  readonly [TName in keyof TCalculate]: Figure<TRecord, TCalculate[TName], TBy>;
};
