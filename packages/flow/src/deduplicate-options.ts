import { checkCount } from "./config-error.ts";
import { checkFunctionOptions, type FunctionOptions } from "./function-options.ts";
import { designOfKey, type KeyOf, keysOf, type RecordKey, readerOf } from "./keys.ts";
import type { DeduplicateSettings } from "./nodes/deduplicate-node.ts";

/** When records are alike. */
export interface DeduplicateOptions<TRecord, TKey = RecordKey<TRecord>> extends FunctionOptions {
  /** Records are alike when they are by all of these. */
  readonly by: readonly KeyOf<TRecord, TKey>[];
  /** With more different records the flow fails; 1,000,000. */
  readonly maxKeys?: number | undefined;
}

const defaultMaxKeys = 1_000_000;

/** What such a stage is made of. @throws AtomicError `CONFIG` */
export function deduplicateSettings(
  what: string,
  options: DeduplicateOptions<never, string>,
): { readonly id: string; readonly settings: DeduplicateSettings; readonly design: unknown } {
  const { id, onError } = checkFunctionOptions(what, options, "deduplicate", ["by", "maxKeys"]);
  const { maxKeys = defaultMaxKeys } = options;
  checkCount(what, "maxKeys", maxKeys);
  const keys = keysOf(what, options.by);
  const by = keys.map((key, index) => readerOf(what, `by[${index}]`, key));
  return { id, settings: { by, maxKeys, onError }, design: keys.map(designOfKey) };
}
