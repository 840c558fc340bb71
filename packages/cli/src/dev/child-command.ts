import { spawn } from "node:child_process";

/** A command of this program that runs in a process of its own. */
export interface ChildCommand {
  /** Resolves with its exit code when it has ended, however; undefined when it was ended by a signal. Never rejects. */
  readonly ended: Promise<number | undefined>;
  /** Ends it and all that it has started; resolves when it has. */
  readonly stop: () => Promise<void>;
}

/** On Windows there are no process groups. */
const hasGroups = process.platform !== "win32";

/**
 * Runs `atomic` once more, with what it writes going where this process writes. Modules are so imported afresh, and code that
 * never yields can be ended.
 *
 * @param graceMs how long it may take to end when it is told to
 */
export function startCommand(args: readonly string[], graceMs: number): ChildCommand {
  const [, program = ""] = process.argv;
  // A debugger listens to one process only.
  const options = process.execArgv.filter((option) => !option.startsWith("--inspect"));
  const child = spawn(process.execPath, [...options, program, ...args], {
    stdio: ["ignore", "inherit", "inherit"],
    // In a group of its own it can be ended with all that it has started.
    detached: hasGroups,
  });
  const end = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      if (hasGroups) process.kill(-child.pid, signal);
      else child.kill(signal);
    } catch {
      // It has ended.
    }
  };
  const kill = (): void => end("SIGKILL");
  process.once("exit", kill);
  const { promise: ended, resolve } = Promise.withResolvers<number | undefined>();
  const finish = (code: number | undefined): void => {
    process.off("exit", kill);
    resolve(code);
  };
  child.once("error", () => finish(undefined));
  child.once("exit", (code) => {
    // What it has left behind, such as a module that is still being imported.
    kill();
    finish(code ?? undefined);
  });
  return {
    ended,
    stop: async () => {
      end("SIGTERM");
      const timer = setTimeout(kill, graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
