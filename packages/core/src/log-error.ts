import type { Log, LogFields } from "./log.ts";

/** Writes to a log of the user's. One that throws cannot be told of that, and nothing else shall fail by it. */
export function logError(log: Log, message: string, fields?: LogFields): void {
  try {
    log.error(message, fields);
  } catch {
    // There is nowhere left to say so.
  }
}
