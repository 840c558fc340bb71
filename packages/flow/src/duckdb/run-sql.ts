import { resolve } from "node:path";
import { type AnySchema, inspectSchema, isSchema } from "@atomic-agents/contracts";
import type { Sink } from "../sink.ts";
import { checkKeys, configError } from "../config-error.ts";
import type { DeadLetter } from "../dead-letter.ts";
import { findFiles, type FoundFile } from "../files/find-files.ts";
import { flow } from "../flow.ts";
import type { FlowRunOptions } from "../flow-options.ts";
import type { RecordPolicy } from "../nodes/node.ts";
import { defineSink } from "../sink.ts";
import { definePagedSource, type SourceReader } from "../source.ts";
import type { FlowSummary } from "../summary.ts";
import { copySettings } from "./copy-target.ts";
import { checkDuckDbOptions, checkPath, type DuckDbOptions, duckDbOptionKeys } from "./duckdb-options.ts";
import { lineContract } from "./line-contract.ts";
import { checkParameters, type Parameter } from "./parameters.ts";
import { refusePipes } from "./pipes.ts";
import { inputOf } from "./schema-parts.ts";
import { SqlJob } from "./sql-job.ts";

/** What is read, computed and written. */
export interface RunSqlOptions extends DuckDbOptions {
  /** A file of JSON lines, or a pattern of such. */
  readonly from: string;
  /** Of each record: an object, each of whose keys becomes a column. */
  readonly schema: AnySchema;
  /** What is kept of each record: names, and what they are in SQL; all keys of the schema. */
  readonly columns?: Readonly<Record<string, string>> | undefined;
  /** Which records are kept: a condition in SQL over keys and `columns`. The others count as filtered. */
  readonly where?: string | undefined;
  /** What stands in SQL as `$name`. */
  readonly parameters?: Readonly<Record<string, Parameter>> | undefined;
  /** Files, and the queries over the table `records` whose rows they get. Their endings say how: Parquet, JSON lines, JSON, CSV. */
  readonly to: Readonly<Record<string, string>>;
  /** What paths are relative to; the process's own folder. */
  readonly directory?: string | undefined;
  /** Where dead letters go; without it they are counted, and the summary shows the first ten. */
  readonly deadLetters?: Sink<DeadLetter> | undefined;
  /** What becomes of a line that is no record of the schema; `dead-letter`. */
  readonly onError?: RecordPolicy | undefined;
  /** Options of the run, such as a signal. */
  readonly run?: FlowRunOptions["run"];
  /** What the flow is called; `run-sql`. */
  readonly name?: string | undefined;
}

/** How it has ended. */
export interface RunSqlSummary extends FlowSummary {
  /** How many lines were looked at by the schema itself, because SQL could not tell that they are right. */
  readonly lookedAt: number;
  /** The keys of which SQL can never tell: where there are any, all lines are looked at by the schema. */
  readonly unproved: readonly string[];
}

const packed = /\.(?:gz|gzip|zst|zstd)$/i;
const keys = [
  "from",
  "schema",
  "columns",
  "where",
  "parameters",
  "to",
  "directory",
  "deadLetters",
  "onError",
  "run",
  "name",
  ...duckDbOptionKeys,
];

/**
 * Reads JSON lines, checks each, and writes what queries make of them, all in DuckDB, so that no record of those that are right
 * becomes an object here. Each line is counted: `read = delivered + filtered + deadLettered + unfinished`.
 *
 * The schema is checked as SQL that takes no line that the schema does not take. Lines that it does not take are looked at by the
 * schema itself, in a second pass over those alone: they become dead letters with their place, or records after all. DuckDB
 * reads more freely than JSON is written: of a key that stands twice it takes the first, and it forgives a comma before a bracket and
 * `NaN` under keys that the schema does not name.
 *
 * @throws AtomicError `CONFIG`; SQL that fails, and files that cannot be read or written, end it as failed
 * @example
 * ```ts
 * import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import * as z from "zod";
 *
 * const directory = mkdtempSync(join(tmpdir(), "doc-"));
 * writeFileSync(join(directory, "sales.jsonl"), '{"id":1,"price":2.5}\n{"id":2,"price":"dear"}\n{"id":3,"price":9}\n');
 * const summary = await runSql({
 *   directory,
 *   from: "sales.jsonl",
 *   schema: z.object({ id: z.int(), price: z.number() }),
 *   where: "price > $min",
 *   parameters: { min: 5 },
 *   to: { "sum.jsonl": "select count(*) as sales, sum(price) as total from records" },
 * });
 * console.log(summary.read, summary.delivered, summary.filtered, summary.deadLettered); // => 3 1 1 1
 * console.log(readFileSync(join(directory, "sum.jsonl"), "utf8")); // => {"sales":1,"total":9.0}
 * ```
 */
export async function runSql(options: RunSqlOptions): Promise<RunSqlSummary> {
  const what = "runSql";
  check(what, options);
  const { name = "run-sql", schema, directory, from, onError, deadLetters, run } = options;
  const schemaOfLines = inputOf(schema);
  const contract = lineContract(schemaOfLines);
  if (contract === undefined) {
    throw configError(what, "schema", "one of objects with known keys", schema["~standard"].vendor);
  }
  const { transforms, opaqueChecks } = inspectSchema(schema);
  const [transform] = transforms;
  if (transform !== undefined) {
    const hint = "Let SQL compute what the transform does, or use a flow: flow(fromFile(path, { schema })).";
    throw configError(
      what,
      "schema",
      "one that transforms nothing",
      `${transform.name} at ${transform.path}`,
      hint,
    );
  }
  const unproved = [
    ...contract.unproved,
    ...opaqueChecks.map(({ path, name: check }) => `${path} (${check})`),
  ];
  const job = new SqlJob(what, options, schemaOfLines, unproved.length === 0);
  async function* readAll(reader: SourceReader): AsyncGenerator<Iterable<unknown>> {
    const files = await findFiles(what, from, directory, "from");
    checkReadable(what, files);
    const read = new Set(files.map(({ path }) => resolve(path)));
    const both = Object.keys(options.to).find((path) => read.has(resolve(directory ?? "", path)));
    if (both !== undefined) throw configError(what, "to", "files that are not read", both);
    yield* job.read(reader, files);
  }
  const sink = defineSink<unknown>({
    name: "files",
    open: (context) => {
      job.open(context);
      return {
        // All that the source gives is refused, as it has been looked at.
        write: () => {},
        prepare: () => job.prepare(),
        publish: () => job.publish(),
        discard: () => job.discard(),
      };
    },
  });
  const ended = await flow(definePagedSource(from, job.lines.schema, readAll), { name, onError }).to(sink, {
    deadLetters: deadLetters && job.letters.into(deadLetters),
    run,
  });
  return { ...job.summaryOf(ended), lookedAt: job.lookedAt, unproved };
}

function check(what: string, options: RunSqlOptions): void {
  checkKeys(what, options, keys);
  checkDuckDbOptions(what, options);
  const { from, schema, columns, where, parameters, to, directory } = options;
  if (typeof from !== "string" || from === "") throw configError(what, "from", "a path", from);
  if (!isSchema(schema)) throw configError(what, "schema", "a schema", schema);
  if (columns !== undefined) checkTexts(what, "columns", columns);
  for (const column of Object.keys(columns ?? {})) {
    if (column === "" || column.startsWith("~"))
      throw configError(what, "columns", "names without ~", column);
  }
  if (where !== undefined && (typeof where !== "string" || where.trim() === "")) {
    throw configError(what, "where", "a condition in SQL", where);
  }
  checkParameters(what, parameters);
  if (Array.isArray(parameters))
    throw configError(what, "parameters", "an object: they go by name", parameters);
  checkTexts(what, "to", to);
  const paths = new Set<string>();
  for (const path of Object.keys(to)) {
    copySettings(what, path);
    const whole = resolve(directory ?? "", path);
    if (paths.has(whole)) throw configError(what, "to", "files that differ", path);
    paths.add(whole);
  }
  checkPath(what, "directory", directory);
}

/** Each file is read twice, and lines are counted in its bytes. */
function checkReadable(what: string, files: readonly FoundFile[]): void {
  const one = files.find(({ name }) => packed.test(name));
  if (one !== undefined) {
    const hint = "Unpack it before, or use a flow: flow(fromFile(path)).";
    throw configError(what, "from", "files that are not packed", one.name, hint);
  }
  refusePipes(what, "from", files, "Use a flow: flow(fromFile(path)).");
}

function checkTexts(what: string, key: string, texts: unknown): void {
  const isRecord = typeof texts === "object" && texts !== null && !Array.isArray(texts);
  const all = isRecord ? Object.entries(texts) : [];
  const isRight = all.every(([, text]) => typeof text === "string" && text.trim() !== "");
  if (all.length === 0 || !isRight) throw configError(what, key, "an object of texts in SQL", texts);
}
