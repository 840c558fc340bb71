import type { JsonSchema } from "@atomic-agents/contracts";
import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { loadSqlite } from "../runs/load-sqlite.ts";
import { isObject } from "../schemas/show.ts";
import { findFiles } from "./find-files.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import { hasAll } from "./named-values.ts";
import type { PlanContext } from "./plan-stage.ts";

/** The file of a database: that of a resource of the project, or a path; undefined where there is none, which is reported. */
export async function findDatabase(
  context: PlanContext,
  given: string,
  path: DocumentPath,
  madeElsewhere: ReadonlySet<string>,
): Promise<string | undefined> {
  const { project, report } = context;
  if (!project.resources.has(given)) {
    const files = await findFiles(context, given, path, { isGiven: false, madeElsewhere });
    return files?.[0];
  }
  const sections = isObject(project.document?.value) ? project.document.value["resources"] : undefined;
  const resource = isObject(sections) ? sections[given] : undefined;
  const file = isObject(resource) && resource["type"] === "sqlite" ? resource["file"] : undefined;
  if (typeof file !== "string" || file === ":memory:") {
    report.error(path, {
      code: "wrong-value",
      message: `The resource ${JSON.stringify(given)} is no database in a file`,
      hint: "Name a resource of type sqlite, or the path of a database.",
    });
    return undefined;
  }
  const found = await findFiles(context, file, path, { isGiven: false, madeElsewhere });
  return found?.[0];
}

/** How long a check waits for a database that is locked. */
const busyTimeoutMs = 5_000;

interface QueryOfFile {
  readonly sql: string;
  readonly parameters: readonly string[];
  readonly place: DocumentPath;
}

/** What a row of a query is; undefined where the database is not there yet, `wrong` where that is reported. */
export function rowType(
  report: FlowReport,
  file: string,
  { sql, parameters, place }: QueryOfFile,
): JsonSchema | undefined | "wrong" {
  const names = [...new Set([...bare(sql).matchAll(/[$:@]([A-Za-z_]\w*)/g)].map(([, name = ""]) => name))];
  if (!hasAll(report, place, "parameters", names, parameters)) return "wrong";
  if (!existsSync(file)) return undefined;
  let database: DatabaseSync | undefined;
  try {
    const { DatabaseSync } = loadSqlite();
    database = new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs });
    const columns = database.prepare(sql).columns();
    if (columns.length === 0) throw new Error("it is no query, and gives no rows");
    const strict = strictTables(database);
    const properties = columns.map(({ name, table, type }): [string, JsonSchema] => [
      name,
      typeOfColumn(table !== null && strict.has(table) ? type : null),
    ]);
    return {
      type: "object",
      properties: Object.fromEntries(properties),
      required: columns.map(({ name }) => name),
      additionalProperties: false,
    };
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    const isOfDatabase = isObject(thrown) && typeof thrown["errcode"] === "number" && thrown["errcode"] !== 1;
    report.error(
      isOfDatabase ? place : [...place, "sql"],
      isOfDatabase
        ? {
            code: "wrong-value",
            message: `Could not ask the database ${file}: ${text}`,
            hint: "Is it a whole database of SQLite, and does nobody else keep it locked?",
          }
        : { code: "wrong-value", message: `The query of ${file} is wrong: ${text}` },
    );
    return "wrong";
  } finally {
    database?.close();
  }
}

/** SQL without texts, quoted names and comments. */
function bare(sql: string): string {
  return sql.replaceAll(
    /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[^]*?(?:\*\/|$)/g,
    " ",
  );
}

/** Only their columns hold what they say. */
function strictTables(database: DatabaseSync): ReadonlySet<string> {
  const rows = database.prepare("select name from pragma_table_list where strict = 1").all();
  return new Set(rows.map(({ name }) => String(name)));
}

const exact = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };

function typeOfColumn(declared: string | null): JsonSchema {
  switch (declared?.toUpperCase()) {
    case "INT":
    case "INTEGER":
      return { type: ["integer", "null"], ...exact };
    case "REAL":
      return { type: ["number", "null"] };
    case "TEXT":
      return { type: ["string", "null"] };
    default:
      return { type: ["string", "number", "null"] };
  }
}
