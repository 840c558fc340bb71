import { resolve } from "node:path";
import { matchesGlob } from "node:path";
import type { AnySchema } from "@atomic-agents/contracts";
import type { FileSource, SqlSource } from "../schemas/flow-file.ts";
import { realFile } from "./check-outputs.ts";
import { findFiles, isPattern } from "./find-files.ts";
import type { DocumentPath } from "./flow-report.ts";
import type { SourcePlan } from "./plan-source.ts";
import type { PlanContext } from "./plan-stage.ts";
import { recordsOf, recordsOfDocument } from "./record-type.ts";
import { reportSql } from "./sql-problem.ts";

/** Whether a file is Parquet, as it is said or by its name. */
export function isParquet(format: string | undefined, name: string): boolean {
  return format === undefined ? /\.parquet$/i.test(name) : format === "parquet";
}

/** What of a source says how Parquet files are read. */
type ParquetOptions = Pick<FileSource, "columns" | "where" | "parameters" | "onError">;

/** Plans a source of Parquet files, whose columns they tell themselves. */
export async function planParquet(
  { project, report }: PlanContext,
  { columns, where, parameters, onError }: ParquetOptions,
  schema: AnySchema | undefined,
  found: {
    readonly name: string;
    readonly path: DocumentPath;
    readonly files: readonly string[] | undefined;
  },
  place: DocumentPath,
): Promise<SourcePlan | undefined> {
  const { name, path, files } = found;
  if (files === undefined) return undefined;
  const { directory } = project;
  try {
    const { describeParquet, fromParquet } = await import("@atomic-agents/flow/duckdb");
    const asked = { columns, where, parameters, directory };
    const make: SourcePlan["make"] = () =>
      schema === undefined ? fromParquet(name, asked) : fromParquet(name, { ...asked, schema });
    make();
    const there = await describeParquet(files, asked);
    if (!there.ok) {
      const key =
        /column /.test(there.message) && columns !== undefined && there.offset === undefined
          ? "columns"
          : "where";
      const isOfKey = report.document.sourceOf([...place, key]) !== undefined;
      reportSql(report, isOfKey ? [...place, key] : path, there);
      return undefined;
    }
    const records =
      schema === undefined ? { ...recordsOfDocument(there.row), isGuess: true } : recordsOf(schema);
    return {
      path,
      label: name,
      files,
      finds: isPattern(name) ? (file) => matchesGlob(file, resolve(realFile(directory), name)) : undefined,
      records,
      declared: recordsOf(schema),
      onError,
      make,
    };
  } catch (thrown) {
    report.thrown(path, thrown, "load");
    return undefined;
  }
}

/** Plans a source that is a query. */
export async function planSqlSource(
  context: PlanContext,
  { sql: query, parameters, tables, database, onError }: SqlSource,
  schema: AnySchema | undefined,
  place: DocumentPath,
  madeElsewhere: ReadonlySet<string>,
): Promise<SourcePlan | undefined> {
  const { project, report } = context;
  const { directory } = project;
  const path = [...place, "sql"];
  try {
    const { describeSql, fromDuckDb } = await import("@atomic-agents/flow/duckdb");
    const files: string[] = [];
    for (const [name, given] of Object.entries(tables ?? {})) {
      const found = await findFiles(context, given, [...place, "tables", name], {
        isGiven: false,
        madeElsewhere,
      });
      if (found === undefined) return undefined;
      files.push(...found);
    }
    const file = database === undefined ? undefined : project.pathOf(database, "input");
    const asked = { sql: query, parameters, tables, database: file, directory, allowedDirectories: [] };
    const described = await describeSql(query, asked);
    if (!described.ok) {
      reportSql(report, path, described);
      return undefined;
    }
    const make: SourcePlan["make"] = () =>
      schema === undefined ? fromDuckDb(asked) : fromDuckDb({ ...asked, schema });
    make();
    const records =
      schema === undefined ? { ...recordsOfDocument(described.row), isGuess: true } : recordsOf(schema);
    return {
      path: place,
      label: "sql",
      files: file === undefined ? files : [...files, file],
      records,
      onError,
      make,
    };
  } catch (thrown) {
    report.thrown(path, thrown, "load");
    return undefined;
  }
}

const ofOthers = ["compression", "delimiter", "header", "types", "maxRecordBytes"] as const;

/** Whether a source of Parquet says nothing of other formats, which is reported. */
export function isParquetOnly(
  { report, place }: PlanContext & { readonly place: DocumentPath },
  source: FileSource,
): boolean {
  const key = ofOthers.find((option) => source[option] !== undefined);
  if (key === undefined) return true;
  report.error([...place, key], {
    code: "wrong-value",
    message: `${key} says nothing of Parquet`,
    hint: "Leave it out; columns, where, parameters, schema and onError are for Parquet.",
    of: "key",
  });
  return false;
}
