import { tmpdir } from "node:os";
import { checkCount, configError } from "../config-error.ts";
import { checkFunctionOptions, type FunctionOptions } from "../function-options.ts";
import {
  designOfKey,
  type KeyOf,
  type KeyValue,
  nameOfKeys,
  type ReadKey,
  readerOf,
  type RecordKey,
} from "../keys.ts";
import type { RecordPolicy } from "../nodes/node.ts";
import { checkOnePlace, checkOverflow } from "../overflow/check-overflow.ts";
import type { Overflow } from "../overflow/overflow.ts";

/** What has to be the same on both sides: a key that both have, or one of each. */
export type JoinKey<TLeft, TRight, TLeftKey = RecordKey<TLeft>, TRightKey = RecordKey<TRight>> =
  | (TLeftKey & TRightKey)
  | { readonly left: KeyOf<TLeft, TLeftKey>; readonly right: KeyOf<TRight, TRightKey> };

/** How two sides are joined. */
export interface JoinSides<TLeft, TRight, TLeftKey = RecordKey<TLeft>> extends FunctionOptions {
  /** One key, or several that all have to be the same. */
  readonly on: JoinKey<TLeft, TRight, TLeftKey> | readonly JoinKey<TLeft, TRight, TLeftKey>[];
  /** With more records on the other side, both go to temporary files; 100,000. Large records go there sooner. */
  readonly maxInMemory?: number | undefined;
  /** A record that has more matches fails; 1,000. */
  readonly maxMatches?: number | undefined;
  /** The folder of temporary files; the system's own. */
  readonly directory?: string | undefined;
  /** Where both sides go instead of temporary files, `duckDb()`; records then stay in their order. */
  readonly past?: Overflow | undefined;
}

/** How what is found on the other side is put into records. */
export interface JoinOptions<
  TLeft,
  TRight,
  TAs extends string,
  TType extends "inner" | "left",
  TLeftKey = RecordKey<TLeft>,
> extends JoinSides<TLeft, TRight, TLeftKey> {
  /** The key under which the other side's record is found. */
  readonly as: TAs;
  /** What becomes of a record without a match: `inner`, the default, leaves it out; `left` gives it null. */
  readonly type?: TType | undefined;
  /** Whether the other side's record may take the place of what is there under the key; false: such a record fails. */
  readonly replace?: boolean | undefined;
}

/** How records are kept by what there is on the other side: `semi` keeps those with a match, `anti` those without. */
export interface JoinFilterOptions<TLeft, TRight, TLeftKey = RecordKey<TLeft>>
  extends JoinSides<TLeft, TRight, TLeftKey> {
  readonly type: "semi" | "anti";
}

/** A record with what was found of it on the other side. */
export type Joined<TLeft, TRight, TAs extends string, TType extends "inner" | "left"> = TLeft & {
  readonly [TKey in TAs]: TType extends "left" ? TRight | null : TRight;
};

/** Reads what records are joined by; undefined where something of it is missing, which is like nothing. */
export type ReadJoinKey = (record: unknown) => Exclude<KeyValue, null>;

/** How a join is made, with its options filled in. */
export interface JoinSettings {
  readonly leftKey: ReadJoinKey;
  readonly rightKey: ReadJoinKey;
  readonly type: "inner" | "left" | "semi" | "anti";
  readonly as: string;
  readonly replace: boolean;
  readonly maxInMemory: number;
  readonly maxMatches: number;
  readonly directory: string;
  readonly past: Overflow | undefined;
  readonly onError: RecordPolicy;
}

const types = ["inner", "left", "semi", "anti"] as const;

/** What a join is made of. @throws AtomicError `CONFIG` */
export function joinSettings(
  what: string,
  options: JoinSides<never, never> & {
    readonly type?: unknown;
    readonly as?: unknown;
    readonly replace?: unknown;
  },
): { readonly id: string; readonly settings: JoinSettings; readonly design: unknown } {
  const keys = ["on", "type", "as", "replace", "maxInMemory", "maxMatches", "directory", "past"];
  const { id, onError } = checkFunctionOptions(what, options, "join", keys);
  const { maxInMemory = 100_000, maxMatches = 1_000, directory = tmpdir(), as, replace = false } = options;
  checkOverflow(what, options.past);
  checkOnePlace(what, options.directory, options.past);
  checkCount(what, "maxInMemory", maxInMemory);
  checkCount(what, "maxMatches", maxMatches);
  if (typeof directory !== "string" || directory === "") {
    throw configError(what, "directory", "a path", directory);
  }
  const type = types.find((each) => each === (options.type ?? "inner"));
  if (type === undefined) throw configError(what, "type", `one of ${types.join(", ")}`, options.type);
  const isMerge = type === "inner" || type === "left";
  checkName(what, as, isMerge, type);
  if (typeof replace !== "boolean") throw configError(what, "replace", "true or false", replace);
  const sides = sidesOf(what, options.on);
  return {
    id,
    settings: {
      leftKey: readJoinKey(sides.map(({ left, path }) => readerOf(what, `${path}left`, left))),
      rightKey: readJoinKey(sides.map(({ right, path }) => readerOf(what, `${path}right`, right))),
      type,
      as: String(as),
      replace,
      maxInMemory,
      maxMatches,
      directory,
      past: options.past,
      onError,
    },
    design: [type, as ?? null, replace, sides.map(({ left, right }) => [left, right].map(designOfKey))],
  };
}

function checkName(what: string, as: unknown, isMerge: boolean, type: string): void {
  if (!isMerge) {
    if (as === undefined) return;
    throw configError(what, "as", `left out, as ${type} adds nothing`, as);
  }
  if (typeof as !== "string" || as === "" || as === "__proto__") {
    throw configError(what, "as", "the name of a key", as, "Under it the other side's record is found.");
  }
}

interface Sides {
  readonly left: unknown;
  readonly right: unknown;
  readonly path: string;
}

function sidesOf(what: string, on: unknown): readonly Sides[] {
  const isList = Array.isArray(on);
  const all: readonly unknown[] = isList ? on : [on];
  if (all.length === 0) throw configError(what, "on", "at least one key", on);
  return all.map((each, index): Sides => {
    const path = isList ? `on[${index}]` : "on";
    if (typeof each === "string") return { left: each, right: each, path: `${path}.` };
    if (typeof each === "object" && each !== null && "left" in each && "right" in each) {
      return { left: each.left, right: each.right, path: `${path}.` };
    }
    throw configError(what, path, "a key, or an object with left and right", each);
  });
}

/** Several keys are one text. What is missing is not the same as anything, as in SQL. */
export function readJoinKey(reads: readonly ReadKey[]): ReadJoinKey {
  const [only] = reads;
  if (reads.length === 1 && only !== undefined) return (record) => only(record) ?? undefined;
  return (record) => {
    const values = reads.map((read) => read(record));
    return values.some((value) => value === null || value === undefined) ? undefined : nameOfKeys(values);
  };
}
