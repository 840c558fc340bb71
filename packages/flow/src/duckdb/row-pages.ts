import type { SourceReader } from "../source.ts";
import { type Query, RowStream, UnfitRow } from "./row-stream.ts";
import type { Session } from "./session.ts";

/** The rows of a query, the only one of a session, as pages of records, and refusals in the place of those that are none. */
export async function* rowPages(
  session: Session,
  query: Query,
  reader: SourceReader,
): AsyncGenerator<Iterable<unknown>> {
  const stream = await RowStream.open(session, { ...query, isLast: true });
  for (let rows = await stream.next(); rows !== undefined; rows = await stream.next()) {
    if (!stream.hasUnfit) {
      yield rows;
      continue;
    }
    yield rows.map((row) => {
      if (!(row instanceof UnfitRow)) return row;
      const hint = "where the schema says string, numbers come as exact texts";
      return reader.refuse({ message: `${row.message} (${hint})`, raw: row.raw });
    });
  }
}
