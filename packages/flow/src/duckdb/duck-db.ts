import { checkKeys, configError } from "../config-error.ts";
import type { Overflow } from "../overflow/overflow.ts";
import { checkDuckDbOptions, type DuckDbOptions, duckDbOptionKeys } from "./duckdb-options.ts";
import { DuckDbKeys } from "./overflow-keys.ts";
import { DuckDbOrder } from "./overflow-order.ts";
import { DuckDbRows } from "./overflow-rows.ts";
import { DuckDbSides } from "./overflow-sides.ts";

/** What DuckDB may use; it reads no files. Unless it is said it computes with one thread for each 128 MB, at most one for each core. */
export type OverflowOptions = Omit<DuckDbOptions, "allowedDirectories">;

/**
 * With less than this DuckDB cannot put on disk what does not fit: 1,000,000 records with one short key each failed to be sorted or
 * grouped with 32 by one thread, and got through with 64. Joining two such sides took 96.
 */
const leastMemoryMb = 64;

/**
 * Has a stage go on in DuckDB when it has no more room in memory: the `past` of `aggregate`, `deduplicate`, `sort` and
 * `join`. Their results are the same, in the same order. What does not fit into `memoryLimitMb` goes to temporary files, which are gone when the
 * flow has ended. The peer is loaded when it is first needed.
 *
 * @throws AtomicError `CONFIG` for wrong options, such as less memory than the 64 MB that DuckDB needs to go on in files
 * @example
 * ```ts
 * const visits = Array.from({ length: 10_000 }, (_, n) => ({ user: `user-${n % 3_000}`, seconds: n % 60 }));
 * const got: unknown[] = [];
 * await flow(fromIterable(visits))
 *   .aggregate({
 *     by: ["user"],
 *     calculate: { visits: { count: true }, longest: { max: "seconds" } },
 *     maxGroups: 1_000,
 *     past: duckDb({ memoryLimitMb: 128 }),
 *   })
 *   .to(toArray(got));
 * console.log(got.length, got[2_999]); // => 3000 { user: 'user-2999', visits: 3, longest: 59 }
 * ```
 */
export function duckDb(options: OverflowOptions = {}): Overflow {
  const what = "duckDb";
  checkKeys(
    what,
    options,
    duckDbOptionKeys.filter((key) => key !== "allowedDirectories"),
  );
  checkDuckDbOptions(what, options);
  const { memoryLimitMb } = options;
  if (memoryLimitMb !== undefined && memoryLimitMb < leastMemoryMb) {
    throw configError(
      what,
      "memoryLimitMb",
      `${leastMemoryMb} or more`,
      memoryLimitMb,
      "With less DuckDB fails where it should go on in temporary files; a join needs 96, and each thread more of its own 128.",
    );
  }
  return {
    "~overflow": {
      openRows: (settings) => new DuckDbRows(settings, options),
      openKeys: (settings) => new DuckDbKeys(settings, options),
      openOrder: (settings, isDescending) => new DuckDbOrder(settings, options, isDescending),
      openSides: (settings, maxMatches) => new DuckDbSides(settings, options, maxMatches),
    },
  };
}
