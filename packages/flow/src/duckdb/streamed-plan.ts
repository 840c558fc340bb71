import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";

/** What DuckDB does row by row: other operators gather rows first, in which several threads help. */
const streamed =
  /^(?:UNION|PROJECTION|FILTER|UNNEST|RANGE|STREAMING_LIMIT|STREAMING_WINDOW|EMPTY_RESULT|READ_\w+|\w+_SCAN)$/;

interface Operator {
  readonly name: string;
  readonly children: readonly Operator[];
}

/** Whether DuckDB gives the rows of a query as it reads what they are made of, in order. @throws what DuckDB throws */
export async function isStreamed(
  connection: DuckDBConnection,
  sql: string,
  bindings: DuckDBValue[] | Record<string, DuckDBValue> | undefined,
): Promise<boolean> {
  const result = await connection.run(`explain (format json) ${sql}`, bindings);
  const [row] = await result.getRows();
  // A list of operators, or something else that is found out below.
  const plan = JSON.parse(String(row?.[1])) as readonly Operator[];
  return plan.length > 0 && plan.every(isOperatorStreamed);
}

function isOperatorStreamed({ name, children }: Operator): boolean {
  return streamed.test(name) && children.every(isOperatorStreamed);
}
