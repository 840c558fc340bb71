import type { AnySchema } from "@atomic-agents/contracts";
import { checkKeys, configError } from "./config-error.ts";
import { defineSource, type Source } from "./source.ts";

/** How the values of an iterable become records. */
export interface FromIterableOptions {
  /** What the source is called in errors and the summary; `iterable`. */
  readonly name?: string | undefined;
  /** Checks each record; one that it does not take becomes a dead letter. */
  readonly schema?: AnySchema | undefined;
}

/**
 * The values of an iterable or async iterable as records, taken one by one as they are needed.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * const got: number[] = [];
 * await flow(fromIterable([1, 2, 3])).filter((number) => number > 1).to(toArray(got));
 * console.log(got); // => [ 2, 3 ]
 * ```
 */
export function fromIterable<TRecord>(
  records: Iterable<TRecord> | AsyncIterable<TRecord>,
  options: FromIterableOptions = {},
): Source<TRecord> {
  const isIterable =
    typeof records === "object" &&
    records !== null &&
    (Symbol.iterator in records || Symbol.asyncIterator in records);
  if (!isIterable) throw configError("fromIterable", "records", "an iterable or async iterable", records);
  checkKeys("fromIterable", options, ["name", "schema"]);
  const { name = "iterable", schema } = options;
  const source = defineSource<TRecord>({
    name,
    schema,
    read: (reader) => {
      if (Array.isArray(records)) reader.setSize({ records: records.length });
      return records;
    },
  });
  if (!Array.isArray(records) || records[Symbol.iterator] !== Array.prototype[Symbol.iterator]) return source;
  return { name, "~source": { ...source["~source"], array: records } };
}
