import { exitCodes } from "../exit-codes.ts";
import type { StatusLine } from "./status-line.ts";

/** Ctrl-C and its like. */
export interface Interruption {
  /** Aborts with the first of them. */
  readonly signal: AbortSignal;
  /** The exit code for the one that came; undefined when none did. */
  readonly exitCode: () => number | undefined;
}

/** How long an end may take that was asked for. */
const graceMs = 5_000;

/**
 * From now on Ctrl-C (and SIGTERM, SIGHUP) cancels what is going on; what does not end within five seconds is left, and
 * a second one exits at once. Code that never yields cannot be told: such a process takes SIGQUIT (Ctrl-\).
 */
export function watchInterruption(status: StatusLine): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const exit = (code: number) => {
    status.clear();
    process.exit(code);
  };
  const interrupt = (code: number) => () => {
    if (exitCode !== undefined) exit(code);
    exitCode = code;
    setTimeout(() => exit(code), graceMs).unref();
    controller.abort(new Error("interrupted"));
  };
  process.on("SIGINT", interrupt(exitCodes.interrupted));
  process.on("SIGTERM", interrupt(exitCodes.terminated));
  process.on("SIGHUP", interrupt(exitCodes.interrupted));
  return { signal: controller.signal, exitCode: () => exitCode };
}
