import { parseArgs } from "node:util";

/** What the user asked for. */
export interface Options {
  readonly output: string;
  /** How many addresses, from the oldest; all when absent. */
  readonly limit: number | undefined;
  readonly concurrency: number;
}

/** What the command line says: work to do, a question, or a mistake. */
export type Command =
  | { readonly kind: "run"; readonly options: Options }
  | { readonly kind: "help" }
  | { readonly kind: "mistake"; readonly message: string };

const mostConcurrency = 64;

export const help = `Reads every State of the Union address with a pipeline of atomic agents.

Usage: npm run demo -- [options]

  --output <file>      where the records go, one JSON object a line (default: out/sotu.jsonl)
  --limit <n>          only the n oldest addresses
  --concurrency <n>    how many addresses are worked on at a time, 1 to ${mostConcurrency} (default: 1)
                       The agents compute, all on one thread, so more is not faster here.
  --help               show this

The table goes to standard output, progress to standard error. Ctrl-C stops, and leaves no file behind.
Exit codes: 0 done, 1 an address failed or the file could not be written, 2 wrong arguments, 130 cancelled.
`;

/** Reads the command line. */
export function readCommand(args: readonly string[]): Command {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        output: { type: "string", default: "out/sotu.jsonl" },
        limit: { type: "string" },
        concurrency: { type: "string", default: "1" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return { kind: "help" };
    if (values.output === "") throw new Error("--output must be a file, got nothing");
    return {
      kind: "run",
      options: {
        output: values.output,
        limit:
          values.limit === undefined
            ? undefined
            : readCount("--limit", values.limit, Number.MAX_SAFE_INTEGER),
        concurrency: readCount("--concurrency", values.concurrency, mostConcurrency),
      },
    };
  } catch (error) {
    return { kind: "mistake", message: error instanceof Error ? error.message : String(error) };
  }
}

function readCount(option: string, text: string, most: number): number {
  // Number() would also take "1e2", " 7 " and "0x10".
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= most) return count;
  const range = most === Number.MAX_SAFE_INTEGER ? "from 1" : `from 1 to ${most}`;
  throw new Error(`${option} must be a whole number ${range}, got "${text}"`);
}
