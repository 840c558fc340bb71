import { configError } from "./errors/config-error.ts";
import { checkKeys } from "./limits.ts";

/** Values that go with a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The levels, from chatty to grave. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Where agents write what an operator may want to read. */
export interface Log {
  readonly debug: (message: string, fields?: LogFields) => void;
  readonly info: (message: string, fields?: LogFields) => void;
  readonly warn: (message: string, fields?: LogFields) => void;
  readonly error: (message: string, fields?: LogFields) => void;
}

const ranks = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 } as const;

/** What `createLog` takes. */
export interface LogOptions {
  /** Lines below it are not written; `warn` unless said otherwise, `silent` for none. */
  readonly level?: LogLevel | "silent" | undefined;
  /** Takes one finished line without its line break; standard error when absent. */
  readonly write?: ((line: string) => void) | undefined;
  /** Fields of every line. */
  readonly fields?: LogFields | undefined;
}

/**
 * Makes a log that writes one JSON object a line. A value that cannot be written as JSON never fails the caller.
 *
 * @example
 * ```ts
 * const log = createLog({ level: "info", write: (line) => console.log(JSON.parse(line).message) });
 * log.info("task done", { title: "export" });
 * // => task done
 * ```
 */
export function createLog(options: LogOptions = {}): Log {
  checkKeys("createLog", options, ["level", "write", "fields"]);
  const { level: lowest = "warn" } = options;
  if (!Object.hasOwn(ranks, lowest)) {
    throw configError("createLog", "level", `one of ${Object.keys(ranks).join(", ")}`, lowest);
  }
  const least = ranks[lowest];
  const write = options.write ?? ((line: string) => void process.stderr.write(`${line}\n`));
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (ranks[level] < least) return;
    const entry = { time: new Date().toISOString(), level, message, ...options.fields, ...fields };
    write(stringify(entry));
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function stringify(entry: LogFields): string {
  const open: unknown[] = [];
  try {
    return JSON.stringify(entry, function (this: unknown, _key, value: unknown) {
      if (typeof value === "bigint") return value.toString();
      if (value instanceof Error) return { name: value.name, message: value.message };
      if (typeof value !== "object" || value === null) return value;
      // JSON.stringify visits depth first and hands over the holder as `this`: what lies above it is still open.
      while (open.length > 0 && open.at(-1) !== this) open.pop();
      if (open.includes(value)) return "[circular]";
      open.push(value);
      return value;
    });
  } catch {
    const { time, level, message } = entry;
    return JSON.stringify({ time, level, message, fields: "[could not be written as JSON]" });
  }
}

/** The log of runs that are given none: warnings and errors on standard error. */
export const defaultLog: Log = createLog();
