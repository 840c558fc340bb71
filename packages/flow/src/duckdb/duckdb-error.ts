import { AtomicError } from "@atomic-agents/core";

/** What DuckDB says of a failure. */
export interface DuckDbFailure {
  /** Such as `Binder`, `Conversion`, `Out of Memory`, `IO`. */
  readonly type: string;
  readonly message: string;
  /** Where in the SQL, in bytes from 0. */
  readonly position?: number | undefined;
  /** What may have been meant. */
  readonly candidates: readonly string[];
}

/** How a failure is told. */
export interface FailureContext {
  readonly what: string;
  /** What was run, when the position counts in it. */
  readonly sql?: string | undefined;
  /** The part of it that was given, and at which byte it begins; otherwise all of it was. */
  readonly given?: { readonly sql: string; readonly start: number } | undefined;
  /** Names the option that the SQL was given by. */
  readonly path?: string | undefined;
  /** The columns there are. */
  readonly columns?: readonly string[] | undefined;
}

const writingFailures = [
  "Parser",
  "Syntax",
  "Binder",
  "Catalog",
  "Parameter Not Resolved",
  "Missing Extension",
];

/** Tables of DuckDB's own, and those that are made here. */
const ofSystem = /^(?:temp\.|main\.)?(?:pg_|duckdb_|sqlite_|information_schema|"?~)/;

/** What is in a failure of DuckDB's; it writes them as JSON, at times with words before it. */
export function failureOf(thrown: unknown): DuckDbFailure {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const json = text.indexOf("{");
  const parsed = json < 0 ? undefined : parse(text.slice(json));
  if (parsed === undefined) {
    const [, type = "", message = text] = /^([A-Z][A-Za-z ]*?) Error: (.*)$/s.exec(text) ?? [];
    return { type, message, candidates: [] };
  }
  const { exception_type: type, exception_message: message, position, candidates } = parsed;
  return {
    type: typeof type === "string" ? type : "",
    message: typeof message === "string" ? message : text,
    position: typeof position === "string" ? Number(position) : undefined,
    candidates: typeof candidates === "string" && candidates !== "" ? candidates.split(",") : [],
  };
}

/** What became of SQL: `CONFIG` where it is written wrongly, otherwise `EXECUTION`. */
export function toSqlError(thrown: unknown, context: FailureContext): AtomicError {
  if (AtomicError.isInstance(thrown)) return thrown;
  const { what, path = "sql", columns } = context;
  const { type, message, position, candidates } = failureOf(thrown);
  // What may have been meant is said once, as the hint.
  const [said = message] = message.split(
    /\n(?:Candidate|Did you mean|This limit|\s*Possible solutions)|\. Try auto-detecting/,
  );
  const place = placeOf(position, context);
  const told = `${what}: ${place}${said.trim()}`;
  const cause = thrown;
  if (writingFailures.includes(type)) {
    const meant = candidates.map((each) => each.trim()).filter((each) => !ofSystem.test(each));
    const isTable = columns !== undefined && said.startsWith("Table with name");
    const hint = [
      meant.length === 0 ? "" : `Did you mean ${meant.join(", ")}?`,
      isTable ? "The table is called records." : "",
      columns === undefined ? "" : `The columns of records are: ${columns.join(", ")}.`,
    ];
    return new AtomicError("CONFIG", told, {
      details: { path, expected: "SQL that DuckDB can run", got: `${type} error: ${said.trim()}` },
      hint: hint.filter((part) => part !== "").join(" ") || "Correct the SQL.",
      cause,
    });
  }
  return new AtomicError("EXECUTION", told, {
    details: { thrown: type === "" ? said : `${type} error` },
    retryable: false,
    hint: isOfSystem(thrown) ? hintOfSystem : hintOf(type, message),
    cause,
  });
}

const hintOfSystem =
  "See whether the folder is there, may be written by this process, and its disk has room.";

/** Whether files could not be made or removed, which is none of DuckDB's doing. */
function isOfSystem(thrown: unknown): boolean {
  return thrown instanceof Error && "syscall" in thrown;
}

function hintOf(type: string, message: string): string {
  // A table that outgrows its temporary files is told of as a commit that failed.
  if (type === "Out of Memory" || message.includes("failed to offload"))
    return "Raise memoryLimitMb or maxTemporaryMb, make room in temporaryDirectory, or lower threads.";
  // Lines that make a value together are the one fault for which DuckDB gives up all lines.
  if (message.startsWith("Malformed JSON in file"))
    return "Write each record in one line. A flow, flow(fromFile(path)), makes dead letters of such lines.";
  if (type === "IO") return "See whether the file is whole, may be read, and the disk has room.";
  return "Correct the SQL or the values that it meets; try_cast gives null where cast fails.";
}

function placeOf(position: number | undefined, { sql, given }: FailureContext): string {
  if (sql === undefined || position === undefined) return "";
  return given === undefined ? placeIn(sql, position) : placeIn(given.sql, position - given.start);
}

/** Line and column, both from 1, of a position in bytes. */
function placeIn(sql: string, position: number): string {
  const before = Buffer.from(sql, "utf8").subarray(0, position).toString("utf8").split("\n");
  return `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}: `;
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    // An object, as it begins with a brace.
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
