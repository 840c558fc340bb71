/** A program that a test starts: copies standard input to standard output by a flow, and prints the summary to the other. */
import { flow } from "../flow.ts";
import { toArray } from "../to-array.ts";
import type { ReadOptions } from "../formats/read-options.ts";
import type { WriteOptions } from "../formats/write-options.ts";
import { fromStdin } from "./from-stdin.ts";
import { toStdout } from "./to-stdout.ts";

interface Asked {
  readonly from?: ReadOptions & { readonly twice?: boolean };
  readonly to?: WriteOptions;
  readonly cancelAfter?: number;
  /** With itself. */
  readonly joined?: boolean;
}

// What the test gives.
const {
  from: { twice = false, ...from } = {},
  to,
  cancelAfter,
  joined = false,
} = JSON.parse(process.argv[2] ?? "{}") as Asked;
if (twice) await flow(fromStdin(from)).to(toArray<unknown>([]));
let passed = 0;
const count = (record: unknown): unknown => {
  passed++;
  if (passed === cancelAfter) setImmediate(() => run.cancel("enough"));
  return record;
};
const begun = flow(fromStdin(from));
const on = { left: () => 1, right: () => 1 };
const counted = joined ? begun.join(fromStdin(from), { on, as: "other" }).map(count) : begun.map(count);
const run = counted.start(toStdout(to));
const summary = await run.summary;
const cause = summary.error?.cause;
const causeCode = cause instanceof Error && "code" in cause ? cause.code : undefined;
process.stderr.write(JSON.stringify({ ...summary, ratio: run.progress().ratio, causeCode }));
