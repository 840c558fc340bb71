import type { AnySchema, JsonSchema } from "@atomic-agents/contracts";
import { AtomicError, untyped } from "@atomic-agents/core";
import { httpTable, type KeyValue, lookup, sqliteTable, type Table, tableOf } from "@atomic-agents/flow";
import { typeOfSchema } from "../expressions/schema-type.ts";
import type { FileLookup, HttpLookup, LookupStage, SqliteLookup } from "../schemas/flow-file.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";
import { loadSchema } from "./flow-schema.ts";
import { checkSame, keyReader } from "./key-reader.ts";
import { serverOf } from "./http-server.ts";
import { loadHeaders } from "./load-headers.ts";
import { hasAll } from "./named-values.ts";
import { planSource, type SourceOptions, type SourcePlan } from "./plan-source.ts";
import type { PlanContext, StagePlan } from "./plan-stage.ts";
import { fieldOf, type PutValue, withPut } from "./put-type.ts";
import { evaluationFailure, mappingAt } from "./record-expression.ts";
import { type KeyPlan, keyAt } from "./record-key.ts";
import { brokenRecords, documentOf, recordsOf, type RecordType } from "./record-type.ts";
import { findDatabase, rowType } from "./sqlite-query.ts";

/** A table of a lookup, and how it is asked. */
interface TablePlan {
  readonly table: Table<never, unknown>;
  readonly by: (record: unknown) => unknown;
  /** What is known of what it finds. */
  readonly found: JsonSchema | undefined;
  /** The files that it reads. */
  readonly reads?: Pick<SourcePlan, "files" | "finds"> | undefined;
}

/** Under it stands what was found until it is known whether anything was. */
const hidden = "\u0000found";

/** Plans a stage that looks something up for each record. */
export async function planLookup(
  context: PlanContext,
  stage: LookupStage,
  path: DocumentPath,
  before: RecordType,
  options: Pick<SourceOptions, "madeElsewhere">,
): Promise<StagePlan> {
  const { report } = context;
  const place = [...path, "lookup"];
  const { lookup: given, id = "lookup", concurrency, ordered, timeoutMs, onError } = stage;
  const { as, fields, onMissing = "keep", replace = false } = given;
  const table = await tableAt(context, stage, place, before, options);
  const values = table && valuesAt(report, place, given, table.found);
  if (table === undefined || values === undefined) return { records: brokenRecords };
  const records = withPut(report, before, values, replace);
  if (records.isBroken) return { records, reads: table.reads };
  const drops = onMissing === "drop";
  const agent = lookup(table.table, {
    by: table.by as (record: unknown) => never,
    as: as ?? (drops ? hidden : undefined),
    fields,
    onMissing: drops ? "keep" : onMissing,
    replace,
    name: "lookup",
  });
  return {
    records,
    reads: table.reads,
    design: table.found,
    add: (flow) => {
      const asked = { id, concurrency: context.concurrency ?? concurrency, ordered, timeoutMs, onError };
      const looked = flow.through(untyped(agent), asked);
      if (!drops) return looked;
      // Told apart from a key of the table that is null.
      return looked.split((record) => foundOnly(record, as ?? hidden), { id: `${id}-found` });
    },
  };
}

/** The record, unless nothing was found of it. */
function foundOnly(record: unknown, name: string): readonly unknown[] {
  // The lookup gives objects.
  const { [hidden]: _, ...rest } = record as Readonly<Record<string, unknown>>;
  return (record as Readonly<Record<string, unknown>>)[name] === null ? [] : [rest];
}

/** What is put into records; undefined where something is wrong, which is reported. */
function valuesAt(
  report: FlowReport,
  place: DocumentPath,
  { as, fields = {}, onMissing = "keep" }: LookupStage["lookup"],
  found: JsonSchema | undefined,
): readonly PutValue[] | undefined {
  const isNullable = onMissing === "keep";
  // That it is too short has been told.
  if (as === "") return undefined;
  const values: PutValue[] = [];
  let isSound = true;
  if (as !== undefined) {
    values.push({ name: as, type: typeOfSchema(found), isNullable, path: [...place, "as"] });
  }
  for (const [name, key] of Object.entries(fields)) {
    const path = [...place, "fields", name];
    const type = fieldOf(found, key);
    if (type !== undefined && name !== as) values.push({ name, type, isNullable, path });
    else {
      isSound = false;
      const keys = typeOfSchema(found).keys.join(", ");
      if (type === undefined) {
        report.error(path, {
          code: "expression",
          message: `What is found has no key ${JSON.stringify(key)}`,
          hint: keys === "" ? undefined : `It has ${keys}.`,
        });
      } else report.error(path, { code: "duplicate", message: "as names the same key", of: "key" });
    }
  }
  if (as === undefined && Object.keys(fields).length === 0) {
    isSound = false;
    report.error(place, {
      code: "missing-key",
      message: "A lookup needs as, fields, or both: where what is found is put",
      hint: "Such as as: country, or fields: { country: name }.",
      of: "key",
    });
  }
  return isSound ? values : undefined;
}

async function tableAt(
  context: PlanContext,
  { lookup: given, concurrency }: LookupStage,
  place: DocumentPath,
  before: RecordType,
  options: Pick<SourceOptions, "madeElsewhere">,
): Promise<TablePlan | undefined> {
  if ("file" in given) return fileTable(context, given, place, before, options);
  if ("sqlite" in given) return databaseTable(context, given, place, before, options);
  // A misspelt kind has been told.
  return "http" in given ? serverTable(context, given, { place, concurrency }, before) : undefined;
}

async function fileTable(
  context: PlanContext,
  given: FileLookup,
  place: DocumentPath,
  before: RecordType,
  { madeElsewhere }: Pick<SourceOptions, "madeElsewhere">,
): Promise<TablePlan | undefined> {
  const { report } = context;
  const {
    key,
    by,
    as: _,
    fields: __,
    onMissing: ___,
    replace: ____,
    onDuplicate,
    maxRecords,
    ...read
  } = given;
  const source = await planSource(context, read, { madeElsewhere, place });
  if (source === undefined) return undefined;
  const ownKeys = listOf(key).map((name, index) =>
    keyAt(report, at(place, "key", key, index), name, source.records),
  );
  const askedBy = listOf(by).map((text, index) => keyAt(report, at(place, "by", by, index), text, before));
  if (ownKeys.length !== askedBy.length) {
    report.error([...place, "by"], {
      code: "wrong-value",
      message: `The table is found by ${ownKeys.length} values, and by gives ${askedBy.length}`,
      hint: "Say as many as there are in key, in the same order.",
    });
    return undefined;
  }
  const pairs = ownKeys.flatMap((own, index): readonly (readonly [KeyPlan, KeyPlan])[] => {
    const asked = askedBy[index];
    if (own === undefined || asked === undefined) return [];
    const isSound = checkSame(report, at(place, "by", by, index), asked, { plan: own, what: "in the table" });
    return isSound ? [[own, asked]] : [];
  });
  if (pairs.length < ownKeys.length) return undefined;
  const keys = pairs.map(([own]) => own.key);
  const readers = pairs.map(([, asked]) => keyReader(asked));
  const [onlyReader] = readers;
  const isOne = !Array.isArray(key);
  const table = tableOf(source.make(), {
    key: isOne ? (keys[0] ?? "") : keys,
    onDuplicate,
    maxRecords,
  });
  return {
    table,
    by: (record): KeyValue | readonly KeyValue[] =>
      isOne ? onlyReader?.(record) : readers.map((reads) => reads(record)),
    found: documentOf(source.records),
    reads: source,
  };
}

function listOf(given: string | readonly string[]): readonly string[] {
  return typeof given === "string" ? [given] : given;
}

function at(
  place: DocumentPath,
  name: string,
  given: string | readonly string[],
  index: number,
): DocumentPath {
  return typeof given === "string" ? [...place, name] : [...place, name, index];
}

async function databaseTable(
  context: PlanContext,
  given: SqliteLookup,
  place: DocumentPath,
  before: RecordType,
  { madeElsewhere }: Pick<SourceOptions, "madeElsewhere">,
): Promise<TablePlan | undefined> {
  const { report } = context;
  const { sqlite, sql, parameters = {}, schema: own, onDuplicate, busyTimeoutMs } = given;
  const file = await findDatabase(context, sqlite, [...place, "sqlite"], madeElsewhere);
  const schema = await schemaAt(context, own, place);
  const by = valuesOf(report, [...place, "parameters"], parameters, before);
  if (file === undefined || schema === "wrong" || by === undefined) return undefined;
  const row = await rowType(context, file, { sql, parameters: Object.keys(parameters), place });
  if (row === "wrong") return undefined;
  const table = reporting(report, place, () => {
    const options = { sql, onDuplicate, busyTimeoutMs };
    return schema === undefined ? sqliteTable(file, options) : sqliteTable(file, { ...options, schema });
  });
  if (table === undefined) return undefined;
  const found = schema === undefined ? row : documentOf(recordsOf(schema));
  return { table, by, found, reads: { files: [file] } };
}

async function serverTable(
  context: PlanContext,
  given: HttpLookup,
  { place, concurrency }: { readonly place: DocumentPath; readonly concurrency: number | undefined },
  before: RecordType,
): Promise<TablePlan | undefined> {
  const { report } = context;
  const server = await serverOf(context, given.http, [...place, "http"]);
  const { values = {}, headers: written, schema: own, timeoutMs, retry, maxBytes, rateLimit, cache } = given;
  const headers = await loadHeaders(context, written, [...place, "headers"]);
  const schema = await schemaAt(context, own, place);
  const by = valuesOf(report, [...place, "values"], values, before);
  if (server === undefined) return undefined;
  const names = [...server.url.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const isWhole = hasAll(report, place, "values", names, Object.keys(values));
  if (headers === undefined || schema === "wrong" || by === undefined || !isWhole) return undefined;
  const options = {
    headers: { ...server.headers, ...headers },
    timeoutMs: timeoutMs ?? server.timeoutMs,
    maxBytes: maxBytes ?? server.maxBytes,
    retry,
    rateLimit,
    cache,
    concurrency,
  };
  const table = reporting(report, place, () =>
    schema === undefined ? httpTable(server.url, options) : httpTable(server.url, { ...options, schema }),
  );
  const found = schema === undefined ? undefined : documentOf(recordsOf(schema));
  return table && { table, by, found };
}

async function schemaAt(
  context: PlanContext,
  given: string | Readonly<Record<string, unknown>> | undefined,
  place: DocumentPath,
): Promise<AnySchema | undefined | "wrong"> {
  if (given === undefined) return undefined;
  return (await loadSchema(context, given, [...place, "schema"])) ?? "wrong";
}

/** What computes the values that something is asked with. */
function valuesOf(
  report: FlowReport,
  path: DocumentPath,
  template: Readonly<Record<string, unknown>>,
  before: RecordType,
): ((record: unknown) => unknown) | undefined {
  const mapping = mappingAt(report, path, template, { record: documentOf(before) });
  if (mapping === undefined) return undefined;
  return (record) => {
    try {
      return mapping.evaluate({ record });
    } catch (thrown) {
      throw evaluationFailure("lookup", thrown);
    }
  };
}

/** What is made, where the options are right; else that is reported where they stand. */
function reporting<TMade>(report: FlowReport, place: DocumentPath, make: () => TMade): TMade | undefined {
  try {
    return make();
  } catch (thrown) {
    const key = AtomicError.isInstance(thrown, "CONFIG") ? thrown.details.path : "";
    const path = [...place, ...(key === "url" ? ["http"] : key.split("."))];
    const isWritten = report.document.sourceOf(path) !== undefined;
    report.thrown(isWritten ? path : place, thrown, "wrong-value");
    return undefined;
  }
}
