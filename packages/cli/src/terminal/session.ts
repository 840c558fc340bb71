import type { LogLevel } from "@atomic-agents/core";
import type { Interruption } from "./interruption.ts";
import type { Reader } from "./reader.ts";
import type { StatusLine } from "./status-line.ts";

/** Options that every command takes. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly logLevel?: LogLevel | "silent";
}

/** What a command works with besides its own arguments. */
export interface Session {
  readonly status: StatusLine;
  readonly interruption: Interruption;
  readonly reader: Reader;
  /**
   * Has a function called, in place of the end of the process, with what an agent began and nobody waited for has thrown:
   * others are at work that is to be ended in order.
   */
  readonly whenStray: (act: (error: unknown) => void) => void;
}
