export {
  describeParquet,
  type DescribeParquetOptions,
  describeSql,
  type DescribeSqlOptions,
  type SqlDescription,
} from "./describe-sql.ts";
export { duckDb, type OverflowOptions } from "./duck-db.ts";
export type { DuckDbOptions } from "./duckdb-options.ts";
export { fromDuckDb, type FromDuckDbOptions } from "./from-duckdb.ts";
export { fromParquet, type FromParquetOptions } from "./from-parquet.ts";
export type { Parameter, Parameters } from "./parameters.ts";
export { runSql, type RunSqlOptions, type RunSqlSummary } from "./run-sql.ts";
export { sql, type SqlOptions } from "./sql.ts";
export { type ParquetCompression, toParquet, type ToParquetOptions } from "./to-parquet.ts";
