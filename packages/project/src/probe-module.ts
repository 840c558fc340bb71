import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Readable } from "node:stream";
import type { ImportOutcome } from "./import-outcome.ts";

/** How the import of a module went in a process of its own. */
export type ProbeOutcome =
  | ImportOutcome
  | { readonly outcome: "timeout" }
  | { readonly outcome: "interrupted" }
  | { readonly outcome: "killed"; readonly signal: string }
  /** The process ended without a word: its own start failed, or the module ended it by force. */
  | { readonly outcome: "vanished"; readonly code: number };

export interface ProbeResult {
  readonly outcome: ProbeOutcome;
  /** What was written to standard error, its beginning. */
  readonly errorOutput: string;
}

export interface ProbeOptions {
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

const maxOutputLength = 20_000;

/** Options of this process that decide how its modules are found and read, so that the probe finds the same. */
const passedOn =
  /^(--conditions|-C|--import|--require|-r|--loader|--experimental-.*|--no-experimental-.*|--preserve-symlinks.*|--no-strip-types)(=|$)/;
const takesNext = new Set([
  "--conditions",
  "-C",
  "--import",
  "--require",
  "-r",
  "--loader",
  "--experimental-loader",
]);

/**
 * Imports a module in a process of its own, which ends with this call whatever the module does: throw, exit, wait for
 * ever or never yield. Never rejects.
 */
export function probeModule(url: string, options: ProbeOptions): Promise<ProbeResult> {
  const { cwd, timeoutMs, signal } = options;
  const here = import.meta.url;
  const program = new URL(here.endsWith(".ts") ? "./probe-child.ts" : "./probe-child.js", here);
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [
        ...passedOptions(process.execArgv),
        "--disable-warning=ExperimentalWarning",
        fileURLToPath(program),
        url,
        String(timeoutMs),
      ],
      { cwd, stdio: ["ignore", "ignore", "pipe", "pipe"] },
    );
    let said: ImportOutcome | undefined;
    let errorOutput = "";
    let line = "";
    const kill = () => void child.kill("SIGKILL");
    const finish = (outcome: ProbeOutcome) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", interrupt);
      process.off("exit", kill);
      kill();
      // Something that the module started may hold the other ends open.
      for (const stream of child.stdio) stream?.destroy();
      child.unref();
      resolve({ outcome, errorOutput });
    };
    const interrupt = () => finish({ outcome: "interrupted" });
    const timer = setTimeout(() => finish(said ?? { outcome: "timeout" }), timeoutMs);
    process.once("exit", kill);

    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      errorOutput = (errorOutput + chunk).slice(0, maxOutputLength);
    });
    // The fourth of `stdio` above is a pipe that this end reads.
    const answers = child.stdio[3] as Readable;
    answers.setEncoding("utf8").on("data", (chunk: string) => {
      line += chunk;
      if (said !== undefined || !line.includes("\n")) return;
      said = outcomeIn(line);
      // What a module threw is told better on standard error, which comes with the end of the process.
      if (said !== undefined && said.outcome !== "threw") finish(said);
    });
    child.once("error", (error) => {
      errorOutput += error.message;
      finish({ outcome: "vanished", code: -1 });
    });
    child.once("close", (code, endSignal) => {
      if (said !== undefined) finish(said);
      else if (endSignal === "SIGINT") interrupt();
      else if (endSignal !== null) finish({ outcome: "killed", signal: endSignal });
      else finish({ outcome: "vanished", code: code ?? -1 });
    });
    if (signal?.aborted === true) interrupt();
    else signal?.addEventListener("abort", interrupt, { once: true });
  });
}

function outcomeIn(line: string): ImportOutcome | undefined {
  try {
    // Written by probe-child; what else a module may write there is no JSON.
    return JSON.parse(line.slice(0, line.indexOf("\n"))) as ImportOutcome;
  } catch {
    return undefined;
  }
}

function passedOptions(execArgv: readonly string[]): readonly string[] {
  const passed: string[] = [];
  for (let at = 0; at < execArgv.length; at++) {
    const option = execArgv[at] ?? "";
    if (!passedOn.test(option)) continue;
    passed.push(option);
    const next = execArgv[at + 1];
    if (takesNext.has(option) && next !== undefined) {
      passed.push(next);
      at++;
    }
  }
  return passed;
}
