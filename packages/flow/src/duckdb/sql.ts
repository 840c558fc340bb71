import type { AnySchema } from "@atomic-agents/contracts";
import { checkKeys, configError } from "../config-error.ts";
import type { Operator } from "../operator.ts";
import { checkDuckDbOptions, checkPath, type DuckDbOptions, duckDbOptionKeys } from "./duckdb-options.ts";
import { checkParameters, type Parameters } from "./parameters.ts";
import { inputOf } from "./schema-parts.ts";
import { SqlNode } from "./sql-node.ts";

/** How a query is run over records. */
export interface SqlOptions extends DuckDbOptions {
  /** What stands in the SQL as `$name`, `$1` or `?`. */
  readonly parameters?: Parameters | undefined;
  /** What the columns of the table are, besides those that records have. Without it the first values say it. */
  readonly schema?: AnySchema | undefined;
  /** What paths in the SQL are relative to; the process's own folder. */
  readonly directory?: string | undefined;
  /** The id of the stage, unless that has one of its own; `sql`. */
  readonly name?: string | undefined;
}

/**
 * A query over all records of a flow, which are the rows of the table `records`: each key is a column, of the kind of its first value
 * or as the schema says; whole numbers become numbers when one is none; lists and objects are JSON. A record with a value of
 * another kind fails as the stage's `onError` says.
 *
 * When all have come the rows of the result go on, as they are computed. What becomes of them becomes of all records that
 * came: they end as dead letters if one of them does, else delivered, else filtered. Values come as those of `fromDuckDb`. What
 * does not fit into `memoryLimitMb` goes to temporary files.
 *
 * @throws AtomicError `CONFIG`; SQL that is wrong or fails has all records fail
 * @example
 * ```ts
 * const sales = [
 *   { country: "FR", price: 3 },
 *   { country: "DE", price: 2 },
 *   { country: "FR", price: 5.5 },
 * ];
 * const query = sql("select country, sum(price) as total from records group by all order by total desc");
 * const got: unknown[] = [];
 * const summary = await flow(fromIterable(sales)).operator(query).to(toArray(got));
 * console.log(got[0], got[1]); // => { country: 'FR', total: 8.5 } { country: 'DE', total: 2 }
 * console.log(summary.delivered, summary.emitted); // => 3 2
 * ```
 */
export function sql<TOutput = Record<string, unknown>>(
  query: string,
  options: SqlOptions = {},
): Operator<unknown, TOutput> {
  const what = "sql";
  if (typeof query !== "string" || query.trim() === "") throw configError(what, "query", "a query", query);
  checkKeys(what, options, ["parameters", "schema", "directory", "name", ...duckDbOptionKeys]);
  checkDuckDbOptions(what, options);
  const { parameters, schema, directory, name = "sql" } = options;
  checkParameters(what, parameters);
  checkPath(what, "directory", directory);
  const settings = { sql: query, parameters, schema: inputOf(schema), directory, options };
  return {
    name,
    "~operator": {
      start: () => {
        throw new TypeError("it has a node of its own");
      },
      together: true,
      needsAll: true,
      design: [query, designOf(parameters), settings.schema ?? null],
      makeNode: (id, onError) => new SqlNode(id, settings, onError),
    },
  };
}

/** Parameters as JSON, which has no whole numbers of any size. */
function designOf(parameters: Parameters | undefined): unknown {
  const shown = (value: unknown): unknown => (typeof value === "bigint" ? `${value}n` : value);
  return Object.entries(parameters ?? {}).map(([key, value]) => [key, shown(value)]);
}
