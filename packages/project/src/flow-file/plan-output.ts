import type { JsonSchema } from "@atomic-agents/contracts";
import { fitJson } from "@atomic-agents/contracts/fit";
import { type FileFormat, type Sink, toFile, toHttp, toStdout } from "@atomic-agents/flow";
import type { ModuleSink, SinkOfFile } from "../schemas/flow-file.ts";
import type { DocumentPath } from "./flow-report.ts";
import { formatOfName } from "./format-of-name.ts";
import { loadHeaders } from "./load-headers.ts";
import { reportOwnFile } from "./own-file.ts";
import { isParquet } from "./plan-parquet.ts";
import { planParquetSink } from "./plan-parquet-sink.ts";
import type { PlanContext } from "./plan-stage.ts";
import { documentOf, type RecordType } from "./record-type.ts";
import { shownAddress } from "./shown-address.ts";

/** Where records go, as a flow file says it. */
export interface OutputPlan {
  /** Where it says so. */
  readonly path: DocumentPath;
  /** For people. */
  readonly label: string;
  /** The absolute path of the file, where it is one. */
  readonly file: string | undefined;
  readonly isStdout: boolean;
  /** Whether records can be added to those that are there: of files, where each is a line of its own. */
  readonly isAppendable: boolean;
  /** @param file in the place of its own, an absolute path */
  readonly make: (file?: string) => Sink<unknown>;
}

/**
 * Plans a sink, or what a tee gives to.
 *
 * @param override in the place of what the file says: an absolute path, or "-" for standard output
 */
export async function planOutput(
  context: PlanContext,
  given: string | SinkOfFile,
  path: DocumentPath,
  records: RecordType,
  override: string | undefined,
): Promise<OutputPlan | undefined> {
  const sink: SinkOfFile = typeof given === "string" ? { file: given } : given;
  if (override !== undefined && isParquet(undefined, override)) {
    return planParquetSink(context, { file: override }, override, path, records);
  }
  if (override !== undefined) return planOverride(context, sink, path, records, override);
  if ("http" in sink) return planHttp(context, sink, path);
  if ("module" in sink) return planModule(context, sink, path);
  if ("stdout" in sink) {
    const { format = "jsonl", compression, delimiter, columns } = sink;
    checkFormat(context, format, [...path, "format"], records);
    return {
      path,
      label: "stdout",
      file: undefined,
      isStdout: true,
      isAppendable: true,
      make: () => toStdout({ format, compression, delimiter, columns }),
    };
  }
  // A misspelt kind has been told.
  if (!("file" in sink)) return undefined;
  const place = typeof given === "string" ? path : [...path, "file"];
  try {
    const file = context.project.pathOf(sink.file, "output");
    if (isParquet(sink.format, sink.file))
      return await planParquetSink(context, { ...sink, file }, sink.file, place, records);
    return planFile(context, { ...sink, file }, sink.file, place, records);
  } catch (thrown) {
    context.report.thrown(place, thrown, "path");
    return undefined;
  }
}

/** @param place of the file's name; label as it was written */
function planFile(
  context: PlanContext,
  sink: Extract<SinkOfFile, { readonly file: string }>,
  label: string,
  path: DocumentPath,
  records: RecordType,
): OutputPlan | undefined {
  const { file, ...options } = sink;
  if (reportOwnFile(context, file, { label, path })) return undefined;
  const asked = options.format === "parquet" ? undefined : options.format;
  const format = asked ?? formatOfName(file);
  if (format === undefined) {
    context.report.error(path, unknownFormat(label));
    return undefined;
  }
  checkFormat(context, format, path, records);
  return {
    path,
    label,
    file,
    isStdout: false,
    isAppendable: format === "jsonl" || format === "text",
    make: (other = file) => toFile(other, { ...options, format }),
  };
}

function planOverride(
  context: PlanContext,
  sink: SinkOfFile,
  path: DocumentPath,
  records: RecordType,
  override: string,
): OutputPlan | undefined {
  if (override === "-") {
    // As the file would be written that it stands for.
    const named = "file" in sink ? formatOfName(sink.file) : undefined;
    const format = formatOf(sink) ?? named ?? "jsonl";
    const options = format === "csv" ? rowOptionsOf(sink) : {};
    checkFormat(context, format, path, records);
    const make = (): Sink<unknown> => toStdout({ ...options, format });
    return { path, label: "stdout", file: undefined, isStdout: true, isAppendable: true, make };
  }
  const format = formatOfName(override) ?? formatOf(sink) ?? "jsonl";
  const options = format === "csv" ? rowOptionsOf(sink) : {};
  return planFile(context, { ...options, file: override, format }, override, path, records);
}

function formatOf(sink: SinkOfFile): FileFormat | undefined {
  const format = "format" in sink ? sink.format : undefined;
  return format === "parquet" ? undefined : format;
}

/** How rows are written, as a sink says it. */
function rowOptionsOf(
  sink: SinkOfFile,
): Pick<Extract<SinkOfFile, { readonly file: string }>, "delimiter" | "columns"> {
  const { delimiter, columns } = "file" in sink || "stdout" in sink ? sink : {};
  return { ...(delimiter !== undefined && { delimiter }), ...(columns !== undefined && { columns }) };
}

async function planHttp(
  context: PlanContext,
  sink: Extract<SinkOfFile, { readonly http: string }>,
  path: DocumentPath,
): Promise<OutputPlan | undefined> {
  const { http, headers, ...options } = sink;
  const loaded = await loadHeaders(context, headers, [...path, "headers"]);
  // What is no address was told when the file's shape was checked.
  if (loaded === undefined || !URL.canParse(http)) return undefined;
  const make = (): Sink<unknown> => toHttp(http, { ...options, headers: loaded });
  return { path, label: shownAddress(http), file: undefined, isStdout: false, isAppendable: true, make };
}

async function planModule(
  { project, report, moduleOptions }: PlanContext,
  { module }: ModuleSink,
  path: DocumentPath,
): Promise<OutputPlan | undefined> {
  const place = [...path, "module"];
  try {
    const found = await project.load(module, moduleOptions);
    if (isSink(found))
      return {
        path,
        label: found.name,
        file: undefined,
        isStdout: false,
        isAppendable: true,
        make: () => found,
      };
    report.error(place, { code: "load", message: `${module} is no sink`, hint: "Make one with defineSink." });
  } catch (thrown) {
    report.thrown(place, thrown, "load");
  }
  return undefined;
}

/** What a format takes, where it does not take all that is JSON. */
const taken: { readonly [TFormat in FileFormat]?: { readonly type: JsonSchema; readonly hint: string } } = {
  csv: {
    type: { type: "object", additionalProperties: { type: ["string", "number", "boolean", "null"] } },
    hint: "Make them flat by a map before, or write JSON Lines.",
  },
  text: {
    type: {
      anyOf: [
        { type: "string" },
        { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
      ],
    },
    hint: "Make a text of them by a map before, such as map: record.name, or write JSON Lines.",
  },
};

/** Reports records that cannot be written in a format. */
function checkFormat(
  { report }: PlanContext,
  format: FileFormat,
  path: DocumentPath,
  records: RecordType,
): void {
  const document = documentOf(records);
  const { type, hint } = taken[format] ?? {};
  if (type === undefined || document === undefined) return;
  const answer = fitJson(document, type);
  if (answer.verdict === "always") return;
  const what = format === "csv" ? "rows of CSV" : "lines of text";
  if (answer.verdict === "never") {
    report.error(path, { code: "fit", message: `These records cannot be ${what}: ${answer.why}`, hint });
  } else if (!records.isGuess) {
    report.doubt(path, {
      code: "fit",
      message: `Not all of these records can be ${what}: ${answer.why}`,
      hint,
    });
  }
}

function isSink(value: unknown): value is Sink<unknown> {
  return typeof value === "object" && value !== null && "~sink" in value;
}

/** What is said of a name that does not tell the format. */
export function unknownFormat(name: string) {
  return {
    code: "wrong-value",
    message: `The format of ${JSON.stringify(name)} cannot be told from its name`,
    hint: "Give the format: jsonl, json, csv or text.",
  } as const;
}
