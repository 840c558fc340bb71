import type { JsonSchema } from "@atomic-agents/contracts";
import type { SqlStage } from "../schemas/flow-file.ts";
import type { DocumentPath } from "./flow-report.ts";
import { inFolder } from "./plan-past.ts";
import type { PlanContext, StagePlan } from "./plan-stage.ts";
import { brokenRecords, documentOf, madeOf, type RecordType } from "./record-type.ts";
import { reportSql } from "./sql-problem.ts";

/** Plans a stage that runs SQL over all records, which DuckDB compiles over their type. */
export async function planSql(
  { report, project }: PlanContext,
  { sql: given, id, onError }: SqlStage,
  path: DocumentPath,
  before: RecordType,
): Promise<StagePlan> {
  const { query, parameters, ...limits } = typeof given === "string" ? { query: given } : given;
  const place = typeof given === "string" ? [...path, "sql"] : [...path, "sql", "query"];
  // It sees the records, and no files.
  const options = { ...inFolder(limits, project.directory), parameters, allowedDirectories: [] };
  try {
    const { describeSql, sql } = await import("@atomic-agents/flow/duckdb");
    const records = columnsOf(before);
    const make = sql(query, { ...options, schema: records === undefined ? undefined : before.schema });
    const add: StagePlan["add"] = (flow) => flow.operator(make, { id, onError });
    if (before.isBroken) return { records: brokenRecords, add };
    // Without columns nothing is known of what it gives.
    if (records === undefined) return { records: madeOf(before, undefined), add };
    const described = await describeSql(query, { ...options, records });
    if (!described.ok) {
      reportSql(report, place, described);
      return { records: brokenRecords };
    }
    return { records: { ...madeOf(before, withoutNulls(described.row)), isGuess: true }, add };
  } catch (thrown) {
    report.thrown(place, thrown, "load");
    return { records: brokenRecords };
  }
}

/**
 * DuckDB says of every value that it may be null, also of counts. What cannot be proved is no news behind SQL; to ask for it
 * everywhere would be.
 */
function withoutNulls({ properties = {}, ...row }: JsonSchema): JsonSchema {
  const kept = Object.entries(properties).map(([name, property]): [string, JsonSchema | boolean] => {
    if (typeof property === "boolean" || !Array.isArray(property.type)) return [name, property];
    const [type] = property.type.filter((each) => each !== "null");
    return [name, type === undefined ? property : { ...property, type }];
  });
  return { ...row, properties: Object.fromEntries(kept) };
}

/** The columns that records have, where all of them are known. */
function columnsOf(before: RecordType): JsonSchema | undefined {
  const document = documentOf(before);
  const isClosed = document?.type === "object" && document.additionalProperties === false;
  return isClosed && Object.keys(document.properties ?? {}).length > 0 ? document : undefined;
}
