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
}
