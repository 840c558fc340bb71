import { exitCodes } from "../exit-codes.ts";
import type { StatusLine } from "./status-line.ts";

/** Ctrl-C and its like. */
export interface Interruption {
  /** Aborts with the first of them. */
  readonly signal: AbortSignal;
  /** The exit code for the one that came; undefined when none did. */
  readonly exitCode: () => number | undefined;
  /** Leaves the signals to a command that has something better to do with them. */
  readonly release: () => void;
}

const codes = {
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
  SIGHUP: exitCodes.interrupted,
} as const;
type EndSignal = keyof typeof codes;

/** How long an end may take that was asked for. */
const graceMs = 5_000;

/**
 * From now on Ctrl-C (and SIGTERM, SIGHUP) cancels what is going on; what does not end within five seconds is left, and
 * a second one ends the process at once. Code that never yields cannot be told: such a process takes SIGQUIT (Ctrl-\).
 */
export function watchInterruption(status: StatusLine): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const release = () => {
    for (const [name, listener] of listeners) process.off(name, listener);
  };
  const end = (name: EndSignal) => {
    status.clear();
    release();
    // Not process.exit: it waits for calls to the system that may never return.
    process.kill(process.pid, name);
  };
  const listen = (name: EndSignal) => () => {
    if (exitCode !== undefined) return end(name);
    exitCode = codes[name];
    setTimeout(() => end(name), graceMs).unref();
    controller.abort(new Error("interrupted"));
  };
  const names: readonly EndSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  const listeners = new Map(names.map((name) => [name, listen(name)]));
  for (const [name, listener] of listeners) process.on(name, listener);
  return { signal: controller.signal, exitCode: () => exitCode, release };
}
