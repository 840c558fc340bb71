import type { Log, LogFields } from "./log.ts";

/** A log with more fields, of which nothing throws: what cannot be logged must not fail what is logged about. */
export function guardLog(log: Log, fields: LogFields): Log {
  let extended: Log;
  try {
    extended = log.with(fields);
  } catch {
    extended = log;
  }
  return safe(extended);
}

function safe(log: Log): Log {
  const at =
    (level: "debug" | "info" | "warn" | "error") =>
    (message: string, fields?: LogFields): void => {
      try {
        log[level](message, fields);
      } catch {
        // A log is where one would say so.
      }
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => guardLog(log, fields),
  };
}
