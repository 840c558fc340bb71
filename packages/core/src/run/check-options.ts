import { configError } from "../errors/config-error.ts";
import { checkCount, checkKeys, checkMs } from "../limits.ts";
import type { RunOptions } from "./options.ts";

const known: readonly (keyof RunOptions)[] = [
  "signal",
  "timeoutMs",
  "budget",
  "maxRetries",
  "requestId",
  "userId",
  "sessionId",
  "metadata",
  "clock",
  "random",
  "log",
];

/** Checks what a caller gave as options of a run. @throws AtomicError `CONFIG` */
export function checkRunOptions(options: RunOptions): void {
  if (typeof options !== "object" || options === null) {
    throw configError("Run options", "options", "an object", options);
  }
  checkKeys("Run options", options, known);
  checkMs("Run options", "timeoutMs", options.timeoutMs);
  checkCount("Run options", "maxRetries", options.maxRetries, 0);
}
