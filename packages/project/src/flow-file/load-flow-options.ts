import { AtomicError, type MaybePromise } from "@atomic-agents/core";
import { closest } from "../closest.ts";

/** What a flow of a file may have otherwise than the file says. */
export interface LoadFlowOptions {
  /** How many records of the source are read at most; one that cannot be read counts as well. */
  readonly limit?: number | undefined;
  /** Reads and works, and writes nowhere: no sink, no tee, no dead letters. 10 records unless `limit` says otherwise. */
  readonly dryRun?: DryRun | undefined;
  /** In the place of the file's source: a path or a pattern of paths, or `-` for standard input. */
  readonly input?: string | undefined;
  /** In the place of the file's sink: a path, or `-` for standard output. */
  readonly output?: string | undefined;
  /** In the place of the file of dead letters: a path. */
  readonly deadLetters?: string | undefined;
  /** The folder that those three, and the path of the flow file, are relative to; the process's current one. */
  readonly cwd?: string | undefined;
  /** How many records each agent works on at a time, over what the file says. */
  readonly concurrency?: number | undefined;
  /** The most a module may take to be imported; 10,000. */
  readonly moduleTimeoutMs?: number | undefined;
  /** Stops the loading when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** What is to be done with what would be written. */
export interface DryRun {
  /** Given each record that the sink would get, one after the other; a promise is waited for. */
  readonly onOutput: (record: unknown) => MaybePromise<void>;
}

const known: readonly (keyof LoadFlowOptions)[] = [
  "limit",
  "dryRun",
  "input",
  "output",
  "deadLetters",
  "cwd",
  "concurrency",
  "moduleTimeoutMs",
  "signal",
];
const maxCount = 2_147_483_647;

/** @throws AtomicError `CONFIG` */
export function checkLoadOptions(options: LoadFlowOptions): void {
  for (const key of Object.keys(options)) {
    if (!known.some((name) => name === key)) {
      const near = closest(key, known);
      throw wrong(
        key,
        `one of ${known.join(", ")}`,
        key,
        near === undefined ? undefined : `Did you mean ${near}?`,
      );
    }
  }
  for (const key of ["limit", "concurrency", "moduleTimeoutMs"] as const) {
    const value = options[key];
    if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= maxCount)) {
      throw wrong(key, `a whole number from 1 to ${maxCount}`, String(value));
    }
  }
  for (const key of ["input", "output", "deadLetters", "cwd"] as const) {
    const value = options[key];
    if (value !== undefined && (typeof value !== "string" || value === "")) {
      throw wrong(key, "a path", JSON.stringify(value) ?? typeof value);
    }
  }
  const { dryRun } = options;
  if (dryRun !== undefined && typeof dryRun?.onOutput !== "function") {
    throw wrong("dryRun", "an object with a function onOutput", typeof dryRun);
  }
}

function wrong(path: string, expected: string, got: string, hint?: string): AtomicError<"CONFIG"> {
  return new AtomicError("CONFIG", `loadFlow: ${path} must be ${expected}, got ${got}`, {
    details: { path, expected, got },
    hint,
  });
}
