import { AtomicError, type Context } from "@atomic-agents/core";
import { refused } from "../aggregation/refusal.ts";
import { checkCount, checkKeys, configError } from "../config-error.ts";
import { flow } from "../flow.ts";
import { isThenable } from "../is-thenable.ts";
import { type KeyOf, type KeyValue, keysOf, type RecordKey, readerOf } from "../keys.ts";
import { type ReadJoinKey, readJoinKey } from "../join/join-options.ts";
import { defineSink } from "../sink.ts";
import { checkSource, type Source } from "../source.ts";
import { type OpenContext, onceARun } from "./once-a-run.ts";
import type { Table } from "./table.ts";

/** By what the records of a table are found. */
export interface TableOfOptions<TFound, TKey = RecordKey<TFound>> {
  /** A key of the table's records, a function that gives such a value, or several of them: then by a list of as many. */
  readonly key: KeyOf<TFound, TKey> | readonly KeyOf<TFound, TKey>[];
  /** What becomes of a second record with the same key: `error` fails, `first` leaves it out, `last` takes it; `error`. */
  readonly onDuplicate?: "error" | "first" | "last" | undefined;
  /** With more records it fails; 1,000,000. */
  readonly maxRecords?: number | undefined;
}

/** What a record is found by: as many values as there are keys. */
export type TableKey = KeyValue | readonly KeyValue[];

/**
 * The records of a source as a table for `lookup`: read into memory when a run first asks, kept until it ends, and read
 * as a whole or not at all. `1` and `"1"` are different keys; a record without a key is never found.
 *
 * @throws AtomicError `CONFIG` for wrong options; `EXECUTION` at run time, when it cannot be read or has a key twice
 * @example
 * ```ts
 * const places = [{ land: "FR", zip: "69000", name: "Lyon" }];
 * const byZip = tableOf(fromIterable(places), { key: ["land", "zip"] });
 * const find = lookup(byZip, { by: (zip: { zip: string }) => ["FR", zip.zip], as: "place" });
 * console.log((await find.run({ zip: "69000" })).place?.name); // => Lyon
 * ```
 */
export function tableOf<TFound, TKey extends RecordKey<TFound> = RecordKey<TFound>>(
  source: Source<TFound>,
  options: TableOfOptions<TFound, NoInfer<TKey>>,
): Table<TableKey, TFound> {
  const what = "tableOf";
  checkSource(what, source);
  checkKeys(what, options, ["key", "onDuplicate", "maxRecords"]);
  const { key, onDuplicate = "error", maxRecords = 1_000_000 } = options;
  const isList = Array.isArray(key);
  const keys = isList ? keysOf(what, key) : [key];
  const readKey = readJoinKey(
    keys.map((each, index) => readerOf(what, isList ? `key[${index}]` : "key", each)),
  );
  if (!["error", "first", "last"].includes(onDuplicate)) {
    throw configError(what, "onDuplicate", "one of error, first, last", onDuplicate);
  }
  checkCount(what, "maxRecords", maxRecords);
  const { name } = source;
  const settings = { name, readKey, onDuplicate, maxRecords };
  const use = onceARun(
    name,
    (ctx) => readRows(source, settings, ctx),
    (rows) => rows.clear(),
  );
  const keyOf = keyReader(name, isList ? keys.length : undefined);
  return {
    name,
    "~table": {
      find: (asked, ctx: Context) => {
        const at = keyOf(asked);
        const rows = use(ctx);
        // It holds what the source gave.
        return isThenable(rows)
          ? rows.then((late) => late.get(at) as TFound | undefined)
          : (rows.get(at) as TFound | undefined);
      },
    },
  };
}

type Rows = Map<ReturnType<ReadJoinKey>, unknown>;

interface RowsSettings {
  readonly name: string;
  readonly readKey: ReadJoinKey;
  readonly onDuplicate: "error" | "first" | "last";
  readonly maxRecords: number;
}

async function readRows(
  source: Source<unknown>,
  { name, readKey, onDuplicate, maxRecords }: RowsSettings,
  { clock, log, signal }: OpenContext,
): Promise<Rows> {
  const rows: Rows = new Map();
  let count = 0;
  let failure: AtomicError | undefined;
  const keyIn = (record: unknown): ReturnType<ReadJoinKey> => {
    try {
      return readKey(record);
    } catch (thrown) {
      throw wrongKey(name, thrown, count);
    }
  };
  const take = (record: unknown): void => {
    count++;
    const key = keyIn(record);
    // Nothing is the same as what is missing.
    if (key === undefined) return;
    if (rows.has(key)) {
      if (onDuplicate === "first") return;
      if (onDuplicate === "error") throw twice(name, key, count);
    } else if (rows.size >= maxRecords) throw tooMany(name, maxRecords);
    rows.set(key, record);
  };
  const sink = defineSink<unknown>({
    name: "table",
    open: () => ({
      write: (records) => {
        try {
          for (const record of records) take(record);
        } catch (thrown) {
          if (AtomicError.isInstance(thrown)) failure = thrown;
          throw thrown;
        }
      },
    }),
  });
  const begun = flow(source, { name, onError: "stop" });
  const { error } = await begun.to(sink, { run: { clock, log, signal } });
  if (error === undefined) return rows;
  if (failure !== undefined) throw failure;
  throw new AtomicError("EXECUTION", `Could not read the table ${name}: ${error.message}`, {
    details: { thrown: error.message },
    cause: error,
    retryable: false,
    hint: error.hint,
  });
}

/** Makes one value of what is asked for, as it was made of the records. */
function keyReader(name: string, length: number | undefined): (asked: TableKey) => ReturnType<ReadJoinKey> {
  const wanted = length === undefined ? "a single value" : `a list of ${length}`;
  const wrong = (asked: TableKey): AtomicError => {
    const got = Array.isArray(asked) ? `a list of ${asked.length}` : typeof asked;
    return refused(`The table ${name} is asked by ${wanted}, got ${got}`, "key", wanted, got);
  };
  if (length === undefined) {
    const read = readJoinKey([readerOf(name, "key", (asked: unknown) => asked)]);
    return (asked) => {
      if (Array.isArray(asked)) throw wrong(asked);
      return read(asked);
    };
  }
  const parts = Array.from({ length }, (_, index) =>
    readerOf(name, "key", (asked: readonly unknown[]) => asked[index]),
  );
  const read = readJoinKey(parts);
  return (asked) => {
    if (!Array.isArray(asked) || asked.length !== length) throw wrong(asked);
    return read(asked);
  };
}

function twice(name: string, key: unknown, record: number): AtomicError<"EXECUTION"> {
  const message = `The table ${name} has the key ${JSON.stringify(key)} twice: record ${record} has it again`;
  return new AtomicError("EXECUTION", message, {
    details: { thrown: "a key twice" },
    retryable: false,
    hint: "Correct it, add what tells them apart to the key, or say onDuplicate: first or last.",
  });
}

function wrongKey(name: string, thrown: unknown, record: number): AtomicError<"EXECUTION"> {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AtomicError("EXECUTION", `Record ${record} of the table ${name} has no proper key: ${message}`, {
    details: { thrown: message },
    cause: thrown,
    retryable: false,
    hint: "Correct it, or take another key.",
  });
}

function tooMany(name: string, maxRecords: number): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", `The table ${name} has more than ${maxRecords} records`, {
    details: { thrown: "too many records" },
    retryable: false,
    hint: "Use a join, which goes to temporary files, or raise maxRecords, if there is memory for it.",
  });
}
