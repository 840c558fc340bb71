import type { Source, SourceReader } from "@atomic-agents/flow";

const done: IteratorResult<never> = { done: true, value: undefined };

/** The first records of a source; one that cannot be read counts as well. What is behind them is not read. */
export function limitedSource(source: Source<unknown>, limit: number): Source<unknown> {
  const { schema, paged, open } = source["~source"];
  const openLimited = (reader: SourceReader) => {
    const opened = open({
      ...reader,
      setSize: ({ records = limit }) => reader.setSize({ records: Math.min(records, limit) }),
    });
    // `paged` says which of the two it is.
    return paged
      ? firstOfPages(opened as AsyncIterator<Iterable<unknown>>, limit)
      : firstOf(opened as Iterator<unknown> | AsyncIterator<unknown>, limit);
  };
  return { name: source.name, "~source": { schema, paged, open: openLimited } };
}

function firstOf(
  records: Iterator<unknown> | AsyncIterator<unknown>,
  limit: number,
): Iterator<unknown> | AsyncIterator<unknown> {
  let left = limit;
  const close = (): unknown => {
    const closing: unknown = records.return?.();
    return closing instanceof Promise ? closing.then(() => done) : done;
  };
  const limited = {
    next: (): unknown => {
      if (left === 0) return close();
      left--;
      return records.next();
    },
    return: close,
  };
  // It answers as the one inside does: at once, or by promises.
  return limited as Iterator<unknown> | AsyncIterator<unknown>;
}

async function* firstOfPages(
  pages: AsyncIterator<Iterable<unknown>>,
  limit: number,
): AsyncGenerator<Iterable<unknown>> {
  let left = limit;
  function* firstOfPage(page: Iterable<unknown>): Generator<unknown> {
    for (const record of page) {
      yield record;
      left--;
      if (left === 0) return;
    }
  }
  try {
    // A page is asked for when the one before has been taken whole.
    while (left > 0) {
      const next = await pages.next();
      if (next.done === true) return;
      yield firstOfPage(next.value);
    }
  } finally {
    await pages.return?.();
  }
}
