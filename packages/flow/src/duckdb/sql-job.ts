import { resolve } from "node:path";
import type { JsonSchema } from "@atomic-agents/contracts";
import { AtomicError } from "@atomic-agents/core";
import type { DuckDBResult } from "@duckdb/node-api";
import { configError } from "../config-error.ts";
import type { FoundFile } from "../files/find-files.ts";
import { OutputFile } from "../files/output-file.ts";
import type { SinkContext } from "../sink.ts";
import type { SourceReader } from "../source.ts";
import type { FlowSummary } from "../summary.ts";
import { sqlTypes } from "./column-kind.ts";
import { NumberedLetters } from "./numbered-letters.ts";
import { copySettings, copySql } from "./copy-target.ts";
import { failureOf, toSqlError } from "./duckdb-error.ts";
import { finiteColumns } from "./finite-columns.ts";
import { quoteName, quoteText } from "./identifiers.ts";
import { absenceOf, lineContract, type LineContract, numberOf } from "./line-contract.ts";
import { LookedAtSchema } from "./looked-at-schema.ts";
import { type FoundLines, type LookedAt, rejectedLines } from "./rejected-lines.ts";
import { refusePipesIn } from "./pipes.ts";
import type { RunSqlOptions } from "./run-sql.ts";
import { textsLikeOthers } from "./sample-texts.ts";
import { Session, toBindings } from "./session.ts";
import { parametersOf } from "./statement-parameters.ts";

const chunkRows = 2048;
/** As many rows of lines that are looked at again may stay in the table: to take them out costs more than to pass over them. */
const maxLeftRows = 50_000;

interface Output {
  readonly name: string;
  readonly file: OutputFile;
  rows: number;
  isPublished: boolean;
}

/** One run of `runSql`. */
export class SqlJob {
  lookedAt = 0;
  readonly letters = new NumberedLetters();
  readonly lines: LookedAtSchema;
  private readonly what: string;
  private readonly options: RunSqlOptions;
  private readonly schema: JsonSchema | undefined;
  /** Whether SQL can tell of a line that it is right. */
  private readonly isProvable: boolean;
  private readonly columns: readonly (readonly [name: string, expression: string])[];
  private session: Session | undefined = undefined;
  private runId = "";
  private outputs: Output[] = [];
  private hasTable = false;
  private readCount = 0;
  private kept = 0;

  constructor(what: string, options: RunSqlOptions, schema: JsonSchema | undefined, isProvable: boolean) {
    this.what = what;
    this.options = options;
    this.lines = new LookedAtSchema(options.schema);
    this.schema = schema;
    this.isProvable = isProvable;
    const names = Object.keys(schema?.properties ?? {});
    this.columns = Object.entries(
      options.columns ?? Object.fromEntries(names.map((name) => [name, quoteName(name)])),
    );
  }

  open({ runId }: SinkContext): void {
    this.runId = runId;
  }

  /** Gives the lines that are no records of the schema, and has all else done by the time that it ends. */
  async *read(reader: SourceReader, files: readonly FoundFile[]): AsyncGenerator<Iterable<unknown>> {
    const { what, options } = this;
    try {
      const { signal, clock } = reader;
      const directory = resolve(options.directory ?? process.cwd());
      const session = await Session.open({ what, options, clock, signal, directory });
      this.session = session;
      await this.checkSql(session);
      for (const file of files) yield* this.readFile(session, reader, file);
      await this.write(session, signal);
    } catch (thrown) {
      throw toSqlError(thrown, { what });
    }
  }

  async prepare(): Promise<void> {
    for (const { file } of this.outputs) await file.prepare();
    await this.session?.close();
  }

  async publish(): Promise<void> {
    for (const output of this.outputs) {
      await output.file.publish();
      output.isPublished = true;
    }
  }

  async discard(): Promise<void> {
    await this.session?.close();
    for (const { file } of this.outputs) await file.discard();
  }

  /** The summary of a flow that has had only the lines that are no records. */
  summaryOf(ended: FlowSummary): FlowSummary {
    const { deadLettered } = ended;
    const read = Math.max(this.readCount, ended.read);
    const isWhole = ended.status === "success" || ended.status === "partial";
    const delivered = isWhole ? this.kept : 0;
    const filtered = isWhole ? read - delivered - deadLettered : 0;
    return {
      ...ended,
      deadLetters: ended.deadLetters.map((letter) => this.letters.shown(letter)),
      ...(ended.stoppedBy === undefined ? {} : { stoppedBy: this.letters.shown(ended.stoppedBy) }),
      read,
      delivered,
      filtered,
      unfinished: read - delivered - filtered - deadLettered,
      emitted: this.outputs.reduce((sum, { rows }) => sum + rows, 0),
      sinks: this.outputs.map(({ name, rows, isPublished }) => ({
        name,
        written: rows,
        published: isPublished,
      })),
    };
  }

  private async *readFile(
    session: Session,
    reader: SourceReader,
    { name, path, size }: FoundFile,
  ): AsyncGenerator<Iterable<unknown>> {
    const { cursor } = reader;
    const source = quoteText(resolve(path).replace(/[[*?]/g, "[$&]"));
    const contract = this.isProvable ? await this.contractOf(path) : this.contractAsIs();
    await this.insert(session, checked(source, contract, this.isProvable));
    // Those of files before have lower numbers.
    const rejected = await session.rows(
      `select "~n" - ${this.readCount} from "~seen" where "~n" > ${this.readCount} order by all`,
    );
    if (rejected.length > maxLeftRows) await session.rows(`delete from "~seen" where "~n" is not null`);
    const found: FoundLines = {
      count: 0,
      bytes: 0,
      // DuckDB passes over a last line that is cut.
      hasCut: async () => {
        const [row] = await session.rows(`select count(*) from ${linesOf(source, ["a: 'JSON'"])}`);
        return Number(row?.[0]) >= found.count;
      },
    };
    const wanted = rejected.map(([n]) => Number(n));
    const taken: LookedAt[] = [];
    for await (const lines of rejectedLines(path, size, wanted, found, reader)) {
      this.lookedAt += lines.length;
      const wrong: LookedAt[] = [];
      for (const line of lines) {
        const takes = line.refused === undefined && this.lines.takes(line.value);
        const isRight = takes instanceof Promise ? await takes : takes;
        const problem = isRight ? problemOf(line.value, contract) : undefined;
        if (problem !== undefined) wrong.push({ ...line, refused: { message: problem } });
        else (isRight ? taken : wrong).push(line);
      }
      for (const { line, number } of wrong) this.letters.put(name, line, this.readCount + number);
      if (wrong.length > 0) {
        yield (function* () {
          for (const { line, byteOffset, refused, value } of wrong) {
            cursor.file = name;
            cursor.line = line;
            cursor.byteOffset = byteOffset;
            cursor.offsets = undefined;
            yield refused === undefined ? value : reader.refuse(refused);
          }
        })();
      }
      if (taken.length >= chunkRows) await this.add(session, taken.splice(0));
    }
    if (taken.length > 0) await this.add(session, taken);
    // What has come since DuckDB has read it would count as filtered.
    if (!reader.signal.aborted && found.bytes !== size) {
      throw new AtomicError("EXECUTION", `${this.what}: ${name} has changed while it was read`, {
        details: { thrown: `${found.bytes} bytes, not ${String(size)}` },
        hint: "Read a file that nobody writes.",
      });
    }
    this.readCount += found.count;
  }

  /** The schema as SQL, where texts that look like other JSON are read with their quotes. */
  private async contractOf(path: string): Promise<LineContract> {
    const contract = this.contractAsIs();
    const texts = contract.columns.filter(({ read }) => read === "VARCHAR").map(({ name }) => name);
    const quoted = await textsLikeOthers(path, texts);
    return quoted.size === 0 ? contract : this.contractAsIs(quoted);
  }

  private contractAsIs(quoted?: ReadonlySet<string>): LineContract {
    // Whoever made the job has seen that there is one.
    return lineContract(this.schema, quoted) as LineContract;
  }

  /** Compiles all SQL over a table without rows, so that what is wrong with it is told before anything is read. */
  private async checkSql(session: Session): Promise<void> {
    const { what, columns, options } = this;
    const { where, to } = options;
    const all = this.contractAsIs().columns;
    const names = all.map(({ name }) => name);
    const types = all.map(({ name, kind }) => `${quoteName(name)} ${sqlTypes[kind]}`);
    await session.rows(`create temp table "~lines" (${types.join(", ")})`);
    const used = new Set<string>();
    const given = Object.keys(options.parameters ?? {});
    const one = async (sql: string, path: string, prefix: string, suffix: string): Promise<void> => {
      const part = { sql, start: Buffer.byteLength(prefix) };
      let missing: string | undefined;
      await refusePipesIn(what, path, sql, options);
      const whole = prefix + sql + suffix;
      try {
        const { count } = await session.do((connection) => connection.extractStatements(whole));
        if (count === 1) {
          const statement = await session.prepare(whole);
          const isQuery = statement.statementType === session.duck.StatementType.SELECT;
          const wanted = parametersOf(statement);
          statement.destroySync();
          for (const name of wanted) used.add(name);
          missing = isQuery ? wanted.find((name) => !given.includes(name)) : undefined;
          if (isQuery && missing === undefined) return;
        }
      } catch (thrown) {
        throw toSqlError(thrown, { what: `${what}: ${path}`, path, sql: whole, given: part, columns: names });
      }
      if (missing !== undefined) throw wrongParameters(`${what}: ${path}: There is no parameter ${missing}`);
      throw new AtomicError("CONFIG", `${what}: ${path} must be one query`, {
        details: { path, expected: "one query", got: sql },
        hint: "Write one SELECT over the table records.",
      });
    };
    const known = new Set(names.map(quoteName));
    for (const [name, expression] of columns) {
      if (known.has(expression)) continue;
      if (!isName(expression)) await refuseManyRows(session, what, `columns.${name}`, expression);
      // As it is computed later on: one expression, where a list of several would pass as well.
      await one(expression, `columns.${name}`, "select case when true then (\n", `\n) end from "~lines"`);
    }
    const made = columns.map(([name, expression]) => `(\n${expression}\n) as ${quoteName(name)}`).join(", ");
    if (where !== undefined)
      await one(where, "where", `select ${made} from "~lines" where coalesce((\n`, "\n), false)");
    const view = `with records as (select ${made} from "~lines") from (\n`;
    for (const [path, query] of Object.entries(to)) await one(bare(query), `to.${path}`, view, "\n)");
    const unused = given.find((name) => !used.has(name));
    if (unused !== undefined) throw wrongParameters(`${what}: No $${unused} stands in any SQL`);
  }

  /**
   * Has the table hold what is kept of rows, whose values are in columns called as the schema's keys, with `~ok`; and those that
   * are not right with their number, which others have not. Rows are numbered above all that is computed: below it, a condition
   * would compute it again.
   */
  private async insert(session: Session, from: string): Promise<void> {
    const { where, parameters } = this.options;
    const made = this.columns.map(([name, expression]) => {
      const column = quoteName(name);
      if (expression === column) return expression;
      // What is no record of the schema is not computed with; a name computes nothing.
      return `${isName(expression) ? expression : `case when "~ok" then (\n${expression}\n) end`} as ${column}`;
    });
    const keep = where === undefined ? "true" : `coalesce((\n${where}\n), false)`;
    const rows = `select ${made.join(", ")}, case when "~ok" then ${keep} end as "~keep" from (${from})`;
    const numbered = `select *, row_number() over () + ${this.readCount} as "~row" from (${rows})`;
    const names = this.columns.map(([name]) => quoteName(name)).join(", ");
    const seen = `select ${names}, case when "~keep" is null then "~row" end as "~n" from (${numbered})`;
    const begin = this.hasTable ? `insert into "~seen"` : `create table "~seen" as`;
    // One thread numbers rows; others would do nothing, busily.
    await alone(session, () =>
      runWith(session, `${begin} ${seen} where coalesce("~keep", true)`, parameters),
    );
    this.hasTable = true;
  }

  /** Adds records that SQL could not tell to be right, and the schema could. */
  private async add(session: Session, lines: readonly LookedAt[]): Promise<void> {
    const { columns } = this.contractAsIs();
    const { duck } = session;
    await session.do(async (connection) => {
      await connection.run(`create or replace temp table "~json" (json varchar)`);
      const appender = await connection.createAppender("~json");
      try {
        for (let from = 0; from < lines.length; from += chunkRows) {
          const some = lines.slice(from, from + chunkRows);
          const chunk = duck.DuckDBDataChunk.create([duck.VARCHAR], some.length);
          chunk.setColumnValues(
            0,
            some.map(({ value }) => JSON.stringify(value)),
          );
          appender.appendDataChunk(chunk);
        }
      } finally {
        appender.closeSync();
      }
    });
    const structure = JSON.stringify(
      Object.fromEntries(columns.map(({ name, kind }) => [name, sqlTypes[kind]])),
    );
    const values = columns.map(({ name }) => `x[${quoteText(name)}] as ${quoteName(name)}`);
    await this.insert(
      session,
      `select ${values.join(", ")}, true as "~ok" from (select from_json(json, ${quoteText(structure)}) as x from "~json")`,
    );
  }

  /** A query for a file of texts, which have no numbers that are NaN or infinite. */
  private async finite(session: Session, query: string, what: string): Promise<string> {
    const text = bare(query);
    // What its columns are may depend on its parameters; of no row it computes nothing.
    const result = await runWith(session, `from (\n${text}\n) limit 0`, this.options.parameters, what);
    const columns = result.columnNames().map((name, index) => ({ name, type: result.columnType(index) }));
    return finiteColumns(session.duck, text, columns) ?? text;
  }

  /** Writes the outputs, under temporary names. */
  private async write(session: Session, signal: AbortSignal): Promise<void> {
    const { what, columns, options } = this;
    const { to, directory, parameters } = options;
    const names = columns.map(([name]) => quoteName(name)).join(", ");
    await session.rows(`create view records as select ${names} from "~seen" where "~n" is null`);
    const [row] = await session.rows(`select count(*) from records`);
    this.kept = Number(row?.[0]);
    for (const [name, query] of Object.entries(to)) {
      const file = await OutputFile.open(what, resolve(directory ?? "", name), this.runId, signal);
      const output: Output = { name, file, rows: 0, isPublished: false };
      this.outputs.push(output);
      const settings = copySettings(what, name);
      const isText = !settings.startsWith("format parquet");
      const written = isText ? await this.finite(session, query, `${what}: to.${name}`) : query;
      const sql = copySql(written, file.writtenTo, settings);
      const copy = (): Promise<DuckDBResult> => runWith(session, sql, parameters, `${what}: to.${name}`);
      // Two threads that write one text in order take half as much again of the processor, and no less time.
      const result = isText && isAsIs(query) ? await alone(session, copy, 2) : await copy();
      const [row] = await session.do(() => result.getRows());
      output.rows = Number(row?.[0] ?? 0);
    }
  }
}

/**
 * Refuses an expression whose value is not one for each record. A condition takes no such expression either, and says so; what
 * else is wrong with it is told where it stands.
 */
async function refuseManyRows(session: Session, what: string, path: string, sql: string): Promise<void> {
  const whole = `from "~lines" where (\n${sql}\n) is null`;
  try {
    const { count } = await session.do((connection) => connection.extractStatements(whole));
    if (count === 1) (await session.prepare(whole)).destroySync();
  } catch (thrown) {
    const { type, message } = failureOf(thrown);
    if (type !== "Binder" || !/cannot contain aggregates|UNNEST/i.test(message)) return;
    const hint = 'Aggregate and unnest in a query of to, such as "select count(*) as n from records".';
    throw configError(what, path, "an expression with one value for each record", sql, hint);
  }
}

/** A line's columns as they are read, and whether it is right. */
function checked(source: string, { columns }: LineContract, isProvable: boolean): string {
  const read = columns.map(({ name, read: type }) => `${quoteName(name)}: '${type}'`);
  const values = columns.map(
    ({ name, kind, value }) => `${value} as ${kind === "integer" ? numberOf(name) : quoteName(name)}`,
  );
  const optional = columns.filter(({ asksForAbsence }) => asksForAbsence);
  const absences = optional.map(({ name }) => `${quoteName(name)} is null as ${absenceOf(name)}`);
  const checks = isProvable ? columns.map(({ check }) => check ?? "false") : ["false"];
  // A line that is no object has nothing but nulls.
  if (optional.length === columns.length) {
    checks.push(`not (${optional.map(({ name }) => absenceOf(name)).join(" and ")})`);
  }
  const whole = columns
    .filter(({ kind }) => kind === "integer")
    .map(({ name }) => `try_cast(${numberOf(name)} as bigint) as ${quoteName(name)}`);
  const valued = `select ${[...values, ...absences].join(", ")} from ${linesOf(source, read)}`;
  const names = columns.map(({ name }) => quoteName(name));
  return `select ${names.join(", ")}, coalesce(${checks.join(" and ")}, false) as "~ok" from (
    select ${["*", ...whole].join(", ")} from (${valued})
  )`;
}

/** All lines with anything to see: one that is no JSON has nulls. */
function linesOf(source: string, columns: readonly string[]): string {
  // Lines are counted in the bytes as they are.
  const settings = "format = 'newline_delimited', ignore_errors = true, compression = 'uncompressed'";
  return `read_json(${source}, ${settings}, columns = {${columns.join(", ")}})`;
}

/** Has one thread do something, unless there are more than these. */
async function alone<TValue>(
  session: Session,
  work: () => Promise<TValue>,
  most = Number.POSITIVE_INFINITY,
): Promise<TValue> {
  const [row] = await session.rows("select current_setting('threads')");
  const threads = Number(row?.[0]);
  if (threads > most) return work();
  await session.rows("set threads = 1");
  const value = await work();
  await session.rows(`set threads = ${threads}`);
  return value;
}

/** Whether a query gives the records as they are. */
function isAsIs(query: string): boolean {
  return /^\s*(?:select\s+\*\s+)?from\s+records[\s;]*$/i.test(query);
}

/** Whether an expression is a name of a column, which computes nothing. */
function isName(expression: string): boolean {
  return /^(?:\w+|"[^"]+")$/.test(expression);
}

/** Runs SQL with those parameters that stand in it. */
async function runWith(
  session: Session,
  sql: string,
  parameters: RunSqlOptions["parameters"],
  what?: string,
): Promise<DuckDBResult> {
  try {
    const given = Object.entries(parameters ?? {});
    if (given.length === 0) return await session.do((connection) => connection.run(sql));
    const statement = await session.prepare(sql);
    try {
      const used = parametersOf(statement);
      const bindings = toBindings(Object.fromEntries(given.filter(([name]) => used.includes(name))));
      if (bindings !== undefined) statement.bind(bindings);
      return await session.do(() => statement.run());
    } finally {
      statement.destroySync();
    }
  } catch (thrown) {
    throw what === undefined ? thrown : toSqlError(thrown, { what });
  }
}

function wrongParameters(message: string): AtomicError<"CONFIG"> {
  return new AtomicError("CONFIG", message, {
    details: { path: "parameters", expected: "values for what stands in SQL as $name", got: message },
    hint: "Give a value under parameters for each $name, and for no other.",
  });
}

/** Why a record that the schema takes is no row. */
function problemOf(value: unknown, { columns }: LineContract): string | undefined {
  // Of an object, as the schema has taken it.
  const record = value as Readonly<Record<string, unknown>>;
  for (const { name, kind } of columns) {
    if (kind === "integer" && typeof record[name] === "number" && !Number.isSafeInteger(record[name])) {
      return `${name}: ${String(record[name])} is beyond what a number holds exactly`;
    }
  }
  return /\\ud[89a-f]/i.test(JSON.stringify(value))
    ? "has half of a surrogate pair, which is no text"
    : undefined;
}

function bare(sql: string): string {
  return sql.replace(/[\s;]+$/, "");
}
