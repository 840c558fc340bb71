/** What is wrong with SQL that is not one statement. */
export interface StatementsProblem {
  /** After what is wrong, such as `sql`. */
  readonly problem: string;
  /** Undefined where what a query has to be says it all. */
  readonly hint: string | undefined;
}

/** @returns undefined where it is one statement */
export function statementsProblem(sql: string, count: number): StatementsProblem | undefined {
  if (count === 1) return undefined;
  // DuckDB looks for the values of a pivot in a statement of its own, before there are records.
  const isPivot = count > 1 && /\bpivot(?:_wider)?\b/i.test(sql) && !/;\s*\S/.test(sql);
  if (!isPivot) return { problem: `has ${count} statements`, hint: undefined };
  return {
    problem: "is a pivot that does not name its values",
    hint: "Name the values that become columns, such as: pivot records on country in ('FR', 'DE') using sum(price).",
  };
}
