import { configError } from "../config-error.ts";
import type { DeadLetter } from "../dead-letter.ts";
import { fromFile } from "../files/from-file.ts";
import { Refusal, type Source, type SourceReader } from "../source.ts";
import { letterFromJson, maxInputBytes } from "./letter-line.ts";

/** What else than the input stands in a line takes less than this. */
const otherBytes = 1_048_576;

/**
 * The letters of a file that `toDeadLetters` has written. A line that holds no letter, because it is damaged, was cut or
 * is something else, is refused, with file, line and column.
 *
 * @throws AtomicError `CONFIG`; a file that cannot be read ends the flow as failed
 */
export function fromDeadLetters(path: string): Source<DeadLetter> {
  if (typeof path !== "string" || path === "") {
    throw configError("fromDeadLetters", "path", "a path", path);
  }
  const lines = fromFile(path, {
    format: "jsonl",
    compression: "none",
    maxRecordBytes: maxInputBytes + otherBytes,
  });
  const { open, paged } = lines["~source"];
  return {
    name: path,
    "~source": {
      schema: undefined,
      paged,
      // Pages, as `paged` says.
      open: (reader) => letterPages(open(reader) as AsyncIterator<Iterable<unknown>>, reader),
    },
  };
}

async function* letterPages(
  pages: AsyncIterator<Iterable<unknown>>,
  reader: SourceReader,
): AsyncGenerator<Iterable<DeadLetter | Refusal>> {
  try {
    for (let next = await pages.next(); next.done !== true; next = await pages.next()) {
      yield lettersOf(next.value, reader);
    }
  } finally {
    await pages.return?.();
  }
}

function* lettersOf(page: Iterable<unknown>, reader: SourceReader): Generator<DeadLetter | Refusal> {
  for (const value of page) {
    if (value instanceof Refusal) {
      yield value;
      continue;
    }
    let letter: DeadLetter | Refusal;
    try {
      letter = letterFromJson(value);
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      letter = reader.refuse({ message, raw: JSON.stringify(value).slice(0, 200) });
    }
    yield letter;
  }
}
