import type { JsonSchema } from "@atomic-agents/contracts";
import { AtomicError, sleep, systemClock } from "@atomic-agents/core";
import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { loadSqlite } from "../runs/load-sqlite.ts";
import { isObject } from "../schemas/show.ts";
import { findFiles } from "./find-files.ts";
import type { ModuleOptions } from "../project/project.ts";
import type { DocumentPath } from "./flow-report.ts";
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

/** How long it is waited for a database that another process keeps locked: a write takes less. */
const longestWaitMs = 1_000;
const pauseMs = 50;

interface QueryOfFile {
  readonly sql: string;
  readonly parameters: readonly string[];
  readonly place: DocumentPath;
}

/** What a row of a query is; undefined where the database is not there yet, `wrong` where that is reported. */
export async function rowType(
  { report, moduleOptions }: PlanContext,
  file: string,
  { sql, parameters, place }: QueryOfFile,
): Promise<JsonSchema | undefined | "wrong"> {
  const names = [...new Set([...bare(sql).matchAll(/[$:@]([A-Za-z_]\w*)/g)].map(([, name = ""]) => name))];
  if (!hasAll(report, place, "parameters", names, parameters)) return "wrong";
  if (!existsSync(file)) return undefined;
  try {
    return await whenFree(() => askedType(file, sql), moduleOptions);
  } catch (thrown) {
    // Nobody waits for it any more.
    if (AtomicError.isInstance(thrown, "CANCELLED")) throw thrown;
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    const code = codeOf(thrown);
    const isOfDatabase = code !== undefined && code !== 1;
    report.error(
      isOfDatabase ? place : [...place, "sql"],
      isOfDatabase
        ? {
            code: "wrong-value",
            message: `Could not ask the database ${file}: ${text}`,
            hint: isLocked(code)
              ? "Another process keeps it locked: look again when that has written, or set its journal_mode to WAL."
              : "Is it a whole database of SQLite?",
          }
        : { code: "wrong-value", message: `The query of ${file} is wrong: ${text}` },
    );
    return "wrong";
  }
}

/** Asks again while the database is locked, and lets all else go on meanwhile. */
async function whenFree<TValue>(
  ask: () => TValue,
  { timeoutMs = longestWaitMs, signal }: ModuleOptions,
): Promise<TValue> {
  for (let leftMs = Math.min(timeoutMs, longestWaitMs); ; leftMs -= pauseMs) {
    try {
      return ask();
    } catch (thrown) {
      if (!isLocked(codeOf(thrown)) || leftMs <= 0) throw thrown;
    }
    await sleep(Math.min(pauseMs, leftMs), { clock: systemClock, signal: signal ?? neverAborted });
  }
}

const neverAborted = new AbortController().signal;

/** The result code of SQLite's, without the bits that say more. */
function codeOf(thrown: unknown): number | undefined {
  const code = isObject(thrown) ? thrown["errcode"] : undefined;
  return typeof code === "number" ? code & 0xff : undefined;
}

/** Whether another connection, or another process, has what was asked for. */
function isLocked(code: number | undefined): boolean {
  return code === 5 || code === 6;
}

/** @throws what SQLite says, at once where the database is locked */
function askedType(file: string, sql: string): JsonSchema {
  const { DatabaseSync } = loadSqlite();
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 0 });
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
