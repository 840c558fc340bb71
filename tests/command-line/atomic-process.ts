import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Within the workspace, so that modules in it find the packages. */
const scratch = join(import.meta.dirname, "../../out");
const program = join(import.meta.dirname, "../../packages/cli/src/bin.ts");
const nodeArgs: readonly string[] = ["--conditions=@atomic-agents/source"];

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the command is called. */
interface Calling {
  readonly stdin?: string;
  /** Called with the process when it has begun; its standard input is then left open. */
  readonly started?: (child: ChildProcess) => void;
  /** Called with all that it has written to standard output so far. */
  readonly onOutput?: (text: string) => void;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A folder with a project, in which the command is called. */
export interface Folder {
  readonly path: string;
  readonly at: (...names: readonly string[]) => string;
  readonly write: (files: Readonly<Record<string, string>>) => void;
  /** Calls `atomic` in a process of its own. */
  readonly atomic: (line: string | readonly string[], calling?: Calling) => Promise<Ended>;
  /** Has a shell run a line, in which `atomic` is the command. */
  readonly shell: (line: string, calling?: Pick<Calling, "env" | "onOutput">) => Promise<Ended>;
  /** The names of temporary files anywhere in it. */
  readonly leftovers: () => readonly string[];
  readonly remove: () => void;
}

/** Makes a folder with files. */
export function makeFolder(files: Readonly<Record<string, string>>): Folder {
  mkdirSync(scratch, { recursive: true });
  const path = mkdtempSync(join(scratch, "command-line-"));
  const at = (...names: readonly string[]) => join(path, ...names);
  const write = (more: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(more)) {
      mkdirSync(dirname(at(name)), { recursive: true });
      writeFileSync(at(name), text);
    }
  };
  write(files);
  return {
    path,
    at,
    write,
    atomic: (line, { stdin = "", started, env } = {}) => {
      const args = typeof line === "string" ? line.split(" ").filter((word) => word !== "") : line;
      const child = spawn(process.execPath, [...nodeArgs, program, ...args], {
        cwd: path,
        env: { ...environment, ...env },
        timeout: 100_000,
        killSignal: "SIGKILL",
      });
      // The command may end without reading it.
      child.stdin.on("error", () => {});
      if (started === undefined) child.stdin.end(stdin);
      else started(child);
      return ended(child);
    },
    shell: (line, { env, onOutput } = {}) => {
      const script = `atomic() { "$NODE" $NODE_ARGS "$PROGRAM" "$@"; }\n${line}`;
      const child = spawn("sh", ["-c", script], {
        cwd: path,
        env: {
          ...environment,
          NODE: process.execPath,
          NODE_ARGS: nodeArgs.join(" "),
          PROGRAM: program,
          ...env,
        },
        timeout: 100_000,
        killSignal: "SIGKILL",
      });
      child.stdin.end();
      return ended(child, onOutput);
    },
    leftovers: () =>
      readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".tmp")),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Calls `atomic` in a folder that is there, in a process of its own. */
export function callAtomic(line: string, cwd: string): Promise<Ended> {
  const child = spawn(process.execPath, [...nodeArgs, program, ...line.split(" ")], {
    cwd,
    env: environment,
    timeout: 100_000,
    killSignal: "SIGKILL",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return ended(child);
}

/** What a command with `--json` says besides how far it is, which a slow computer has it say. */
export function withoutProgress(stderr: string): string {
  return stderr
    .split("\n")
    .filter((line) => !line.startsWith('{"progress":'))
    .join("\n");
}

/** With what Node.js compiled kept between the calls: they are many, and most of each is its start. */
const environment = {
  ...process.env,
  NO_COLOR: "1",
  NODE_OPTIONS: "",
  ATOMIC_PROFILE: "",
  LC_ALL: "C.UTF-8",
  NODE_COMPILE_CACHE: join(scratch, "compile-cache"),
};

function ended(child: ChildProcess, onOutput?: (text: string) => void): Promise<Ended> {
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
      onOutput?.(stdout);
    });
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
