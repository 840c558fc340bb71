import type { AnySchema, JsonSchema } from "@atomic-agents/contracts";
import { fit } from "@atomic-agents/contracts/fit";
import { AtomicError, createLog } from "@atomic-agents/core";
import {
  type FileFormat,
  flow,
  fromFile,
  fromHttp,
  fromStdin,
  type RecordPolicy,
  type Source,
  toArray,
} from "@atomic-agents/flow";
import { stat } from "node:fs/promises";
import { matchesGlob, resolve } from "node:path";
import type { HttpSource, ModuleSource, ReadOptionsOfFile, SourceOfFile } from "../schemas/flow-file.ts";
import { realFile } from "./check-outputs.ts";
import { findFiles, isPattern } from "./find-files.ts";
import { loadSchema } from "./flow-schema.ts";
import type { DocumentPath } from "./flow-report.ts";
import { formatOfName } from "./format-of-name.ts";
import { loadHeaders } from "./load-headers.ts";
import { limitedSource } from "./limited-source.ts";
import { narrowType } from "./narrow-type.ts";
import { type ColumnsThere, maxFilesLookedInto, readColumns } from "./read-columns.ts";
import { isParquet, isParquetOnly, planParquet, planSqlSource } from "./plan-parquet.ts";
import { closest } from "../closest.ts";
import { unknownFormat } from "./plan-output.ts";
import type { PlanContext } from "./plan-stage.ts";
import { type ColumnsOfFile, typeOfFormat } from "./read-type.ts";
import { shownAddress } from "./shown-address.ts";
import { brokenRecords, documentOf, recordsOf, recordsOfDocument, type RecordType } from "./record-type.ts";

/** Where records come from, as a flow file says it. */
export interface SourcePlan {
  /** Where it says so. */
  readonly path: DocumentPath;
  /** For people. */
  readonly label: string;
  readonly isStdin?: boolean | undefined;
  /** The absolute paths of the files that there are now. */
  readonly files: readonly string[];
  /** Whether a file that is not there yet would be among them: an absolute path, links followed. */
  readonly finds?: ((file: string) => boolean) | undefined;
  /** What is known of the records. */
  readonly records: RecordType;
  /** The part of it that the flow file says; all of it when absent. Files that change do not change the flow. */
  readonly declared?: RecordType | undefined;
  readonly onError: RecordPolicy | undefined;
  readonly make: () => Source<unknown>;
}

/** What else a source is planned with. */
export interface SourceOptions {
  /** In the place of what the file says: an absolute path or pattern, or "-" for standard input. */
  readonly input?: string | undefined;
  /** Files that need not be there yet: absolute paths. */
  readonly madeElsewhere: ReadonlySet<string>;
  /** Where it stands, if it is not the flow's own. */
  readonly place?: DocumentPath | undefined;
}

/** What a source is planned with, and where it stands. */
interface SourceContext extends PlanContext {
  readonly place: DocumentPath;
}

/** Plans a source; undefined where it is wrong. */
export async function planSource(
  plain: PlanContext,
  given: string | SourceOfFile,
  { input, madeElsewhere, place = ["source"] }: SourceOptions,
): Promise<SourcePlan | undefined> {
  const context: SourceContext = { ...plain, place };
  const written: SourceOfFile = typeof given === "string" ? { file: given } : given;
  const schema = await planSchema(context, written);
  const reading: Reading = { options: readOptionsOf(written), schema };
  if (input === "-") return planStdin(context, likeNamed(reading, written));
  if (input !== undefined) {
    const files = await findFiles(context, input, place, { isGiven: true, madeElsewhere });
    if (isParquet(undefined, input)) {
      const options = "file" in written && isParquet(written.format, written.file) ? written : {};
      return planParquet(context, options, schema.schema, { name: input, path: place, files }, place);
    }
    const named = formatOfName(input);
    // What has no name that tells, such as a pipe of the shell's, is read as the file would be.
    const { options } = named === undefined ? likeNamed(reading, written) : reading;
    const given = { options: { ...options, format: named ?? options.format }, schema };
    return planFiles(context, given, { name: input, path: place, files });
  }
  if ("module" in written) return planModule(context, written, schema);
  if ("sql" in written)
    return schema.isBroken ? undefined : planSqlSource(context, written, schema.schema, place, madeElsewhere);
  if ("http" in written) return planHttp(context, written, reading);
  if ("stdin" in written) return planStdin(context, reading);
  // A misspelt kind has been told.
  if (!("file" in written)) return undefined;
  const path = typeof given === "string" ? place : [...place, "file"];
  const files = await findFiles(context, written.file, path, { isGiven: false, madeElsewhere });
  if (isParquet(written.format, written.file)) {
    if (schema.isBroken || !isParquetOnly(context, written)) return undefined;
    return planParquet(context, written, schema.schema, { name: written.file, path, files }, place);
  }
  if (written.where !== undefined || written.parameters !== undefined) {
    context.report.error([...place, written.where === undefined ? "parameters" : "where"], {
      code: "wrong-value",
      message: "Only rows of Parquet are chosen by where and parameters",
      hint: "Use a filter, or a source { sql: … } that reads the file.",
      of: "key",
    });
    return undefined;
  }
  return planFiles(context, reading, { name: written.file, path, files });
}

/** How records are read, whatever they are read from. */
interface Reading {
  readonly options: ReadOptionsGiven;
  readonly schema: SchemaPlan;
}

interface SchemaPlan {
  readonly schema: AnySchema | undefined;
  readonly isBroken: boolean;
}

async function planSchema(context: SourceContext, { schema: given }: SourceOfFile): Promise<SchemaPlan> {
  if (given === undefined) return { schema: undefined, isBroken: false };
  const schema = await loadSchema(context, given, [...context.place, "schema"]);
  return { schema, isBroken: schema === undefined };
}

/** How records are read, whatever they are read from. */
type ReadOptionsGiven = {
  readonly [TKey in keyof Omit<ReadOptionsOfFile, "schema">]: ReadOptionsOfFile[TKey] | undefined;
};

function readOptionsOf(source: SourceOfFile): ReadOptionsGiven {
  if ("module" in source || "sql" in source) return {};
  const { compression, delimiter, columns, header, types, maxRecordBytes, onError } = source;
  const format = source.format === "parquet" ? undefined : source.format;
  return { format, compression, delimiter, columns, header, types, maxRecordBytes, onError };
}

/** The files of a source. */
interface FilesPlan {
  /** Their name, or the pattern that finds them. */
  readonly name: string;
  /** Where it stands. */
  readonly path: DocumentPath;
  /** Undefined where there are none. */
  readonly files: readonly string[] | undefined;
}

async function planFiles(
  context: SourceContext,
  { options, schema }: Reading,
  { name, path, files }: FilesPlan,
): Promise<SourcePlan | undefined> {
  // A pattern such as data/* finds files that say it themselves.
  const format = options.format ?? formatOfName(name) ?? formatOfName(files?.[0] ?? "");
  if (format === undefined && files !== undefined) context.report.error(path, unknownFormat(name));
  if (files === undefined || format === undefined) return undefined;
  const { directory } = context.project;
  const { onError, ...others } = options;
  const columns = format === "csv" && !schema.isBroken ? await readColumns(files, others) : undefined;
  const plan = sound(context, {
    path,
    label: name,
    files,
    finds: isPattern(name) ? (file) => matchesGlob(file, resolve(realFile(directory), name)) : undefined,
    records: recordsRead(context, { ...others, format, there: columns }, schema),
    declared:
      schema.schema === undefined
        ? recordsOfDocument(typeOfFormat(format, others))
        : recordsOf(schema.schema),
    onError,
    make: () => {
      const asked = { ...others, directory };
      return schema.schema === undefined
        ? fromFile(name, asked)
        : fromFile(name, { ...asked, schema: schema.schema });
    },
  });
  if (plan !== undefined && others.types !== undefined) await checkTypes(context, files, others);
  return plan;
}

/** Reports types of columns that a file has not, which is known when its first row has been read. */
async function checkTypes(
  { report, place }: SourceContext,
  files: readonly string[],
  options: Omit<ReadOptionsGiven, "onError">,
): Promise<void> {
  for (const file of files.slice(0, maxFilesLookedInto)) {
    const stats = await stat(file).catch(() => undefined);
    // What is read of a pipe is gone.
    if (stats?.isFile() !== true) continue;
    const rows = limitedSource(fromFile(file, options), 1);
    const { error } = await flow(rows, { onError: "drop" }).to(toArray<unknown>([]), {
      run: { log: createLog({ level: "silent" }) },
    });
    if (!AtomicError.isInstance(error, "CONFIG") || error.details.path !== "types") continue;
    const { expected, got } = error.details;
    // The error shows the name as a text in quotes.
    const name = Object.keys(options.types ?? {}).filter((key) => JSON.stringify(key) === got);
    report.error([...place, "types", ...name], {
      code: "wrong-value",
      message: `source.types must be ${String(expected)}, got ${String(got)}`,
      hint: `The file is ${file}.`,
    });
    return;
  }
}

/** The plan, where the source takes what it is given; else that is reported. */
function sound(context: SourceContext, plan: SourcePlan): SourcePlan | undefined {
  try {
    // Nothing is opened before a flow begins.
    plan.make();
    return plan;
  } catch (thrown) {
    const key = AtomicError.isInstance(thrown, "CONFIG") ? thrown.details.path : "";
    context.report.thrown(placeOfOption(context, key) ?? plan.path, thrown, "wrong-value");
    return undefined;
  }
}

/** Where an option stands in the file, such as `types.price`; undefined where it does not. */
function placeOfOption({ report, place }: SourceContext, option: string): DocumentPath | undefined {
  const dot = option.indexOf(".");
  const keys = dot < 0 ? [option] : [option.slice(0, dot), option.slice(dot + 1)];
  const path = [...place, ...keys];
  return report.document.sourceOf(path) === undefined ? undefined : path;
}

/** What comes by standard input in the place of a file is read as that would be. */
function likeNamed({ options, schema }: Reading, written: SourceOfFile): Reading {
  if (options.format !== undefined || !("file" in written)) return { options, schema };
  const delimiter = options.delimiter ?? (/\.tsv(?:\.gz)?$/i.test(written.file) ? "\t" : undefined);
  return { options: { ...options, format: formatOfName(written.file), delimiter }, schema };
}

function planStdin(context: SourceContext, { options, schema }: Reading): SourcePlan | undefined {
  const { place } = context;
  const { onError, format = "jsonl", ...others } = options;
  const asked = { ...others, format };
  return sound(context, {
    path: place,
    label: "stdin",
    isStdin: true,
    files: [],
    records: recordsRead(context, asked, schema),
    onError,
    make: () => fromStdin({ ...asked, schema: schema.schema }),
  });
}

async function planHttp(
  context: SourceContext,
  { http, timeoutMs, headers: given }: HttpSource,
  { options, schema }: Reading,
): Promise<SourcePlan | undefined> {
  const { place } = context;
  const headers = await loadHeaders(context, given, [...place, "headers"]);
  // What is no address was told when the file's shape was checked.
  if (headers === undefined || !URL.canParse(http)) return undefined;
  const { onError, format = formatOfName(new URL(http).pathname) ?? "jsonl", ...others } = options;
  const asked = { ...others, format };
  return sound(context, {
    path: place,
    label: shownAddress(http),
    files: [],
    records: recordsRead(context, asked, schema),
    onError,
    make: () => fromHttp(http, { ...asked, headers, timeoutMs, schema: schema.schema }),
  });
}

async function planModule(
  { project, report, moduleOptions, place }: SourceContext,
  { module, onError }: ModuleSource,
  { schema: given, isBroken }: SchemaPlan,
): Promise<SourcePlan | undefined> {
  const path = [...place, "module"];
  try {
    const found = await project.load(module, moduleOptions);
    if (isSource(found)) {
      const inside = found["~source"];
      const schema = given ?? inside.schema;
      const make = (): Source<unknown> => ({ name: found.name, "~source": { ...inside, schema } });
      const records = isBroken ? brokenRecords : recordsOf(schema);
      return { path: place, label: found.name, files: [], records, onError, make };
    }
    report.error(path, {
      code: "load",
      message: `${module} is no source`,
      hint: "Make one with defineSource.",
    });
  } catch (thrown) {
    report.thrown(path, thrown, "load");
  }
  return undefined;
}

function isSource(value: unknown): value is Source<unknown> {
  return typeof value === "object" && value !== null && "~source" in value;
}

/** What records are when the source has read and checked them. */
function recordsRead(
  { report, place }: SourceContext,
  options: ColumnsOfFile & { readonly format: FileFormat },
  { schema, isBroken }: SchemaPlan,
): RecordType {
  if (isBroken) return brokenRecords;
  const { format } = options;
  if (schema === undefined) return recordsOfDocument(typeOfFormat(format, options));
  const { properties: wanted = {}, required = [] } = documentOf(recordsOf(schema)) ?? {};
  const read = recordsOfDocument(typeOfFormat(format, options, Object.keys(wanted)));
  const answer = read.schema === undefined ? undefined : fit(read.schema, schema);
  // Which records the schema takes is what it is there to tell; but it has to take some.
  if (answer?.verdict === "never") {
    const what = format === "csv" ? "row of this CSV file" : "line of text";
    report.error([...place, "schema"], {
      code: "fit",
      message: `The schema takes no ${what}: ${answer.why}`,
      hint:
        format === "csv"
          ? (hintForColumns(options.there, required) ??
            "The fields of CSV are texts unless it is said what columns hold, such as types: { price: number }.")
          : "A line of text is a record { line, text }.",
    });
    return brokenRecords;
  }
  return "~jsonSchema" in schema ? withColumns(schema, typeOfFormat(format, options)) : recordsOf(schema);
}

/** Rows that a JSON Schema takes, which may leave open what other columns there are. */
function withColumns(schema: AnySchema, row: JsonSchema | undefined): RecordType {
  const document = documentOf(recordsOf(schema));
  const narrowed = document === undefined || row === undefined ? undefined : narrowType(row, document);
  return narrowed === undefined ? recordsOf(schema) : recordsOfDocument(narrowed);
}

/** What the columns are, where a schema asks for one that is not there. */
function hintForColumns(there: ColumnsThere | undefined, required: readonly string[]): string | undefined {
  const missing = required.find((name) => there?.all.includes(name) === false);
  if (there === undefined || missing === undefined) return undefined;
  const near = closest(missing, there.all);
  const columns = `The columns there are: ${there.all.join(", ")}.`;
  return near === undefined ? columns : `Is ${missing} the column ${near}? ${columns}`;
}
