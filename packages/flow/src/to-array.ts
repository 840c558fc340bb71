import { configError } from "./config-error.ts";
import { defineSink, type Sink } from "./sink.ts";

/**
 * Appends the records to an array. What is in it stays when the flow fails.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * const got: string[] = [];
 * await flow(fromIterable(["a", "b"])).to(toArray(got));
 * console.log(got); // => [ 'a', 'b' ]
 * ```
 */
export function toArray<TRecord>(target: TRecord[]): Sink<TRecord> {
  if (!Array.isArray(target)) throw configError("toArray", "target", "an array", target);
  return defineSink<TRecord>({
    name: "array",
    open: () => ({
      write: (records) => {
        for (const record of records) target.push(record);
      },
    }),
  });
}
