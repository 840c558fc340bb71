import { tmpdir } from "node:os";
import { checkCount, checkKeys, configError } from "../config-error.ts";
import { checkFunctionOptions, type FunctionOptions } from "../function-options.ts";
import { designOfKey, type KeyOf, keysOf, type RecordKey, readerOf } from "../keys.ts";
import type { SortSettings } from "../nodes/sort-node.ts";
import { checkOnePlace, checkOverflow } from "../overflow/check-overflow.ts";
import type { Overflow } from "../overflow/overflow.ts";

/** By what records are ordered: a key or a function, ascending unless it is said. */
export type SortKey<TRecord, TKey = RecordKey<TRecord>> =
  | KeyOf<TRecord, TKey>
  | { readonly key: KeyOf<TRecord, TKey>; readonly order?: "asc" | "desc" | undefined };

/** How records are ordered. */
export interface SortOptions<TRecord, TKey = RecordKey<TRecord>> extends FunctionOptions {
  /** The first counts; where records are alike by it, the second; and so on. */
  readonly by: readonly SortKey<TRecord, TKey>[];
  /** With more records, what there is goes to temporary files; 100,000. Large records go there sooner. */
  readonly maxInMemory?: number | undefined;
  /** The folder of temporary files; the system's own. */
  readonly directory?: string | undefined;
  /** Where records go instead of temporary files, `duckDb()`. */
  readonly past?: Overflow | undefined;
}

const defaultMaxInMemory = 100_000;

/** What a sort is made of. @throws AtomicError `CONFIG` */
export function sortSettings(
  what: string,
  options: SortOptions<never, string>,
): { readonly id: string; readonly settings: SortSettings; readonly design: unknown } {
  const { id, onError } = checkFunctionOptions(what, options, "sort", [
    "by",
    "maxInMemory",
    "directory",
    "past",
  ]);
  const { maxInMemory = defaultMaxInMemory, directory, past } = options;
  checkOverflow(what, past);
  checkCount(what, "maxInMemory", maxInMemory);
  if (directory !== undefined && (typeof directory !== "string" || directory === "")) {
    throw configError(what, "directory", "a path", directory);
  }
  checkOnePlace(what, directory, past);
  const by = keysOf(what, options.by).map((each, index) => partsOf(what, `by[${index}]`, each));
  return {
    id,
    settings: {
      by: by.map(({ key, path, isDescending }) => ({ read: readerOf(what, path, key), isDescending })),
      maxInMemory,
      directory: directory ?? tmpdir(),
      past,
      onError,
    },
    design: by.map(({ key, isDescending }) => [designOfKey(key), isDescending]),
  };
}

function partsOf(
  what: string,
  path: string,
  each: unknown,
): { readonly key: unknown; readonly path: string; readonly isDescending: boolean } {
  if (typeof each !== "object" || each === null) return { key: each, path, isDescending: false };
  checkKeys(what, each, ["key", "order"]);
  const { key, order = "asc" } = each as { readonly key?: unknown; readonly order?: unknown };
  if (order !== "asc" && order !== "desc") throw configError(what, `${path}.order`, "asc or desc", order);
  return { key, path: `${path}.key`, isDescending: order === "desc" };
}
