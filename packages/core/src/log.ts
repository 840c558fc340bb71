import { configError } from "./errors/config-error.ts";
import { type Entry, type JsonLineOptions, leastLineBytes, logLine } from "./json-line.ts";
import { checkKeys } from "./limits.ts";
import { defaultRedactKeys, keyTest, plainKey } from "./redact.ts";
import type { Clock } from "./time/clock.ts";
import { systemClock } from "./time/system-clock.ts";

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
  /** The same log with more fields in every line. A later field takes the place of an earlier one of its name. */
  readonly with: (fields: LogFields) => Log;
}

const ranks = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 } as const;

/** What `createLog` takes. */
export interface LogOptions {
  /** Lines below it are not written; `warn` unless said otherwise, `silent` for none. */
  readonly level?: LogLevel | "silent" | undefined;
  /** Takes one finished line without its line break; standard error when absent. What it throws, the writer of the line gets. */
  readonly write?: ((line: string) => void) | undefined;
  /** Fields of every line. */
  readonly fields?: LogFields | undefined;
  /** Properties whose values are written as `[redacted]`, at any depth; `defaultRedactKeys` unless said otherwise. */
  readonly redactKeys?: readonly string[] | undefined;
  /** How long a line may be; 65,536 unless said otherwise, and not below 1,024. */
  readonly maxLineBytes?: number | undefined;
  /** Where lines have their time from; the computer's clock when absent. */
  readonly clock?: Clock | undefined;
}

const defaultMaxLineBytes = 65_536;

/** The longest line that may be asked for. */
const mostLineBytes = 16_777_216;

/**
 * Makes a log that writes one JSON object a line, with `time`, `level`, `message` and the fields; a field of one of
 * those names is written as `fields.time` and so on.
 *
 * No value fails the caller: what cannot be written has a mark in brackets in its place, such as `[circular]` or
 * `[could not be read]`. A line is one line whatever is in it, and never longer than `maxLineBytes`: what is too long
 * is cut, and says so.
 *
 * Secrets stay out of it in two ways: what stands under one of `redactKeys`, at any depth, and the text of every
 * `Secret` there is, wherever it stands.
 *
 * @throws AtomicError `CONFIG` for options that make no sense
 * @example
 * ```ts
 * const write = (line: string) => console.log(line.replace(/"time":".*?",/, ""));
 * const log = createLog({ level: "info", write });
 * log.with({ app: "tasks" }).info("task done", { title: "export", token: "4f9a" });
 * // => {"level":"info","message":"task done","app":"tasks","title":"export","token":"[redacted]"}
 * ```
 */
export function createLog(options: LogOptions = {}): Log {
  checkLogOptions(options);
  const { level = "warn", write = writeToStandardError, clock = systemClock } = options;
  const { redactKeys = defaultRedactKeys, maxLineBytes = defaultMaxLineBytes } = options;
  const isSecretKey = keyTest(redactKeys);
  const settings = { least: ranks[level], write, clock, line: { maxBytes: maxLineBytes, isSecretKey } };
  return logOf(settings, entriesOf(options.fields));
}

/** What a log and those made from it have in common. */
interface LogSettings {
  readonly least: number;
  readonly write: (line: string) => void;
  readonly clock: Clock;
  readonly line: JsonLineOptions;
}

const nothing = (): void => {};

function logOf(settings: LogSettings, base: readonly Entry[]): Log {
  const { least, write, clock, line } = settings;
  const at = (level: LogLevel) => {
    if (ranks[level] < least) return nothing;
    return (message: string, fields?: LogFields) => {
      const head = `"time":${timeOf(clock)},"level":"${level}"`;
      write(logLine(head, message, merged(base, entriesOf(fields)), line));
    };
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => {
      checkFields("Log.with", fields);
      return logOf(settings, merged(base, entriesOf(fields)));
    },
  };
}

function writeToStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}

function timeOf(clock: Clock): string {
  const date = new Date(clock.timestamp());
  return Number.isNaN(date.getTime()) ? "null" : `"${date.toISOString()}"`;
}

const noEntries: readonly Entry[] = [];

const ownKeys: readonly string[] = ["time", "level", "message"];

/** Never throws, whatever a program in JavaScript gives as fields. */
function entriesOf(fields: LogFields | undefined): readonly Entry[] {
  if (fields === undefined || fields === null) return noEntries;
  if (typeof fields !== "object" || Array.isArray(fields)) return [["fields", fields]];
  if (fields instanceof Error) return [["error", fields]];
  const entries: Entry[] = [];
  try {
    for (const key of Object.keys(fields)) entries.push([nameOf(key), valueOf(fields, key)]);
  } catch {
    return [["fields", fields]];
  }
  return entries;
}

function nameOf(key: string): string {
  return ownKeys.includes(key) ? `fields.${key}` : key;
}

function valueOf(fields: LogFields, key: string): unknown {
  try {
    return fields[key];
  } catch {
    return "[could not be read]";
  }
}

/** Of entries with one name only the last stands. */
function merged(before: readonly Entry[], after: readonly Entry[]): readonly Entry[] {
  if (before.length === 0) return after;
  if (after.length === 0) return before;
  const names = after.map(([name]) => name);
  return [...before.filter(([name]) => !names.includes(name)), ...after];
}

function checkLogOptions(options: LogOptions): void {
  const what = "createLog";
  checkKeys(what, options, ["level", "write", "fields", "redactKeys", "maxLineBytes", "clock"]);
  const { level, write, fields, redactKeys, maxLineBytes, clock } = options;
  if (level !== undefined && !Object.hasOwn(ranks, level)) {
    throw configError(what, "level", `one of ${Object.keys(ranks).join(", ")}`, level);
  }
  if (write !== undefined && typeof write !== "function") {
    throw configError(what, "write", "a function that takes a line", write);
  }
  if (fields !== undefined) checkFields(what, fields);
  if (redactKeys !== undefined && !(Array.isArray(redactKeys) && redactKeys.every(isKey))) {
    throw configError(what, "redactKeys", "an array of names of properties", redactKeys);
  }
  if (
    maxLineBytes !== undefined &&
    !(Number.isInteger(maxLineBytes) && maxLineBytes >= leastLineBytes && maxLineBytes <= mostLineBytes)
  ) {
    const expected = `a whole number from ${leastLineBytes} to ${mostLineBytes}`;
    throw configError(what, "maxLineBytes", expected, maxLineBytes);
  }
  if (clock !== undefined && typeof clock?.timestamp !== "function") {
    throw configError(what, "clock", "a Clock", clock);
  }
}

function checkFields(what: string, fields: LogFields): void {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw configError(what, "fields", "an object", fields);
  }
}

function isKey(key: unknown): boolean {
  return typeof key === "string" && plainKey(key) !== "";
}

let ownLog: Log | undefined;

/** The log of runs that are given none: warnings and errors on standard error. */
export function defaultLog(): Log {
  return (ownLog ??= createLog());
}
