import { type Clock, createLog, type Log, systemClock } from "@atomic-agents/core";
import { Refusal, type Source, type SourceReader } from "../source.ts";

/** With what a source is read. */
export interface ReadingContext {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

/** One value of a source, and where it is from. */
export interface ReadValue {
  readonly value: unknown;
  readonly file: string | undefined;
  /** 0 when unknown. */
  readonly line: number;
}

/** Reads a source without a flow, one value after the other; lets go of it when no more is asked for. */
export async function* readSource(
  source: Source<unknown>,
  context: Partial<ReadingContext> = {},
): AsyncGenerator<ReadValue> {
  const leaving = new AbortController();
  const cursor = { file: undefined, line: 0, byteOffset: -1, offsets: undefined, bytesRead: 0 };
  const reader: SourceReader = {
    clock: systemClock,
    log: createLog({ level: "silent" }),
    random: Math.random,
    ...context,
    signal: context.signal === undefined ? leaving.signal : AbortSignal.any([context.signal, leaving.signal]),
    setSize: () => {},
    cursor,
    refuse: ({ message, column, raw }) => {
      const place = { file: cursor.file, line: cursor.line === 0 ? undefined : cursor.line, column };
      return new Refusal(message, place, raw);
    },
  };
  const { open, paged } = source["~source"];
  const opened = open(reader);
  try {
    for (let next = await opened.next(); next.done !== true; next = await opened.next()) {
      // `paged` says what comes.
      const values = paged ? (next.value as Iterable<unknown>) : [next.value];
      for (const value of values) yield { value, file: cursor.file, line: cursor.line };
    }
  } finally {
    leaving.abort();
    await opened.return?.();
  }
}
