import type { CastOptions, CastType } from "./cast-value.ts";

/** A template of expressions: a text is one, objects and lists hold further ones, other values are themselves. */
export type DeriveTemplate =
  | string
  | number
  | boolean
  | null
  | readonly DeriveTemplate[]
  | { readonly [key: string]: DeriveTemplate };

/** Which objects in a record become keys of the record itself. */
export interface FlattenOptions {
  /** The keys whose objects are taken apart; all unless said. */
  readonly keys?: readonly string[] | undefined;
  /** What stands between the names; `_`. */
  readonly separator?: string | undefined;
}

/**
 * What becomes of a record. Whatever the order in which it is written, it is done in this one: `flatten`, `rename`, `cast`,
 * `derive`, `pick`, `drop`, `nest`. Keys are those that the steps before have made.
 */
export interface TransformOptions {
  /** Makes of `{ a: { b: 1 } }` `{ a_b: 1 }`, however deep; lists and empty objects stay. */
  readonly flatten?: true | readonly string[] | FlattenOptions | undefined;
  /** New names by the old ones. */
  readonly rename?: Readonly<Record<string, string>> | undefined;
  /** What values are made. */
  readonly cast?: Readonly<Record<string, CastType | CastOptions>> | undefined;
  /** Keys that are computed: expressions over `record`, which has been flattened, renamed and cast. */
  readonly derive?: Readonly<Record<string, DeriveTemplate>> | undefined;
  /** Which keys go on, besides those derived. */
  readonly pick?: readonly string[] | undefined;
  /** Which keys do not go on. */
  readonly drop?: readonly string[] | undefined;
  /** Objects that are made of keys: a list of these, or the keys by the names they get. */
  readonly nest?: Readonly<Record<string, readonly string[] | Readonly<Record<string, string>>>> | undefined;
}

/** The steps, in the order in which they are done. */
export const transformSteps: readonly (keyof TransformOptions)[] = [
  "flatten",
  "rename",
  "cast",
  "derive",
  "pick",
  "drop",
  "nest",
];
