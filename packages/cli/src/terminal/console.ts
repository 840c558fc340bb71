import { Console } from "node:console";
import { Writable } from "node:stream";
import type { StatusLine } from "./status-line.ts";

/**
 * Sends what agents and their modules say with `console` to standard error: standard output is for results, and a
 * program that reads them must find nothing else there.
 */
export function redirectConsole(status: StatusLine): void {
  const lines = new Writable({
    decodeStrings: false,
    write: (chunk: unknown, _encoding, done) => {
      status.writeLine(String(chunk).replace(/\n$/, ""));
      done();
    },
  });
  globalThis.console = new Console({ stdout: lines, stderr: lines });
}

/** Says warnings of Node.js as it does itself, but for the one that every module in TypeScript brings on Node.js 22. */
export function redirectWarnings(status: StatusLine): void {
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name === "ExperimentalWarning" && /type stripping/i.test(warning.message)) return;
    status.writeLine(`${warning.name}: ${warning.message}`);
  });
}
