/**
 * Runs commands one after the other under headings, prints what each took, and stops at the first failure.
 * Headings go to standard error, so that standard output is what the commands print.
 */
import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

export interface Step {
  readonly title: string;
  /** What it finds, or why it is here; printed under the title. */
  readonly reason: string;
  /** Program and arguments; a program of `node_modules/.bin`, or `node` for the Node.js that runs this. */
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** 10 minutes unless said otherwise: no step may hang a continuous-integration run. */
  readonly timeoutMs?: number;
}

/** Runs all steps, or exits the process with 1 after the first that fails. */
export function runSteps(steps: readonly Step[]): void {
  const startedAt = performance.now();
  const times: string[] = [];
  for (const [index, { title, reason, command, env, timeoutMs = 10 * 60_000 }] of steps.entries()) {
    console.error(`\n── ${index + 1}/${steps.length} ${title}: ${reason}`);
    const before = performance.now();
    const [program, ...args] = command;
    const { status, signal, error } = spawnSync(program === "node" ? process.execPath : program, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, PATH: toolPath(), ...env },
      timeout: timeoutMs,
    });
    const took = seconds(performance.now() - before);
    if (status !== 0) {
      const how = error?.message ?? (signal === null ? `exit code ${status}` : `signal ${signal}`);
      console.error(`\n✗ ${title} failed after ${took} (${how}). The command was: ${command.join(" ")}`);
      process.exit(1);
    }
    times.push(`${took.padStart(8)}  ${title}`);
  }
  console.error(
    `\n${times.join("\n")}\n${seconds(performance.now() - startedAt).padStart(8)}  in all: passed`,
  );
}

/** `PATH` with the workspace's tools first, as npm scripts have it. */
export function toolPath(): string {
  return join(root, "node_modules", ".bin") + delimiter + (process.env["PATH"] ?? "");
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
