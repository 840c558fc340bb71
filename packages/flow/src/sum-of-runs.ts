import type { FlowCounts } from "./summary.ts";

/**
 * The counts of a run and of the re-drive of its dead letters together: what was done again is no longer dead-lettered,
 * but what became of it then. The sum balances as each of the two does, also when only some letters were done again.
 *
 * @example
 * ```ts
 * const first = { read: 10, delivered: 7, filtered: 1, deadLettered: 2, unfinished: 0 };
 * const second = { read: 2, delivered: 1, filtered: 0, deadLettered: 1, unfinished: 0 };
 * const { read, delivered, filtered, deadLettered } = sumOfRuns(first, second);
 * console.log(read, delivered, filtered, deadLettered); // => 10 8 1 1
 * ```
 */
export function sumOfRuns(original: FlowCounts, redrive: FlowCounts): FlowCounts {
  return {
    read: original.read,
    delivered: original.delivered + redrive.delivered,
    filtered: original.filtered + redrive.filtered,
    deadLettered: original.deadLettered - redrive.read + redrive.deadLettered,
    unfinished: original.unfinished + redrive.unfinished,
  };
}
