/** A service in a process of its own, seen from outside: its answers, its log, its memory, its end. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { systemClock } from "@atomic-agents/core";
import type { ServeOptions } from "@atomic-agents/http";
import type { Mutant } from "./mutants.ts";
import type { ChildSettings, Probe } from "./service-child.ts";

/** How a service is started. */
export interface TargetSettings {
  /** As JSON has them. */
  readonly serve: ServeOptions;
  readonly mutant?: Mutant | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Takes each line that the process writes. */
  readonly onLine: (line: string) => void;
  /** Whether it is the first process of a world of its own. */
  readonly isFirst?: boolean | undefined;
}

export type Exit = readonly [code: number | null, signal: string | null];

const script = join(import.meta.dirname, "service-child.ts");
const startMs = 60_000;
const probeMs = 30_000;

export class Target {
  readonly url: string;
  readonly port: number;
  /** Its process id as it sees it. */
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** When it has said that it is about to stop. */
  readonly draining: Promise<void>;
  readonly #process: ChildProcess;
  #hasExited = false;
  #accepted: number | undefined = undefined;
  #probes = 0;

  private constructor(child: ChildProcess, ready: Ready, exited: Promise<Exit>) {
    this.#process = child;
    this.url = ready.url;
    this.pid = ready.pid;
    this.port = Number(new URL(ready.url).port);
    this.exited = exited;
    void exited.then(() => {
      this.#hasExited = true;
    });
    // One for each probe that is under way, and one for each that waits for its end.
    child.setMaxListeners(50);
    this.draining = new Promise((resolve) => {
      child.on("message", (message) => {
        if ("draining" in (message as object)) resolve();
      });
    });
  }

  static async start({ serve, mutant, env, onLine, isFirst = false }: TargetSettings): Promise<Target> {
    const settings: ChildSettings = { serve, mutant };
    const node = [process.execPath, "--conditions=@atomic-agents/source", script, JSON.stringify(settings)];
    const [file = "", ...rest] = isFirst ? ["unshare", "--pid", "--fork", "--kill-child", ...node] : node;
    const child = spawn(file, rest, {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, ...env },
    });
    const exited = once(child, "close") as Promise<unknown> as Promise<Exit>;
    const started: { target?: Target } = {};
    const early: string[] = [];
    for (const output of [child.stdout, child.stderr]) {
      if (output === null) continue;
      createInterface({ input: output }).on("line", (line) => {
        onLine(line);
        if (started.target === undefined) early.push(line);
        const count = /^accepted (\d+)$/.exec(line)?.[1];
        if (count !== undefined) started.target?.end(Number(count));
      });
    }
    const ready = await messageOf<Ready>(child, (message) => "url" in message, startMs).catch(
      (cause: unknown) => {
        throw new Error(`The service does not start: ${early.join(" ")}`, { cause });
      },
    );
    started.target = new Target(child, ready, exited);
    return started.target;
  }

  /** How many requests it had accepted when it ended; undefined when it could not say so. */
  get accepted(): number | undefined {
    return this.#accepted;
  }

  private end(accepted: number): void {
    this.#accepted = accepted;
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** What it has counted; undefined when it does not answer any more. */
  async probe(): Promise<Probe | undefined> {
    if (this.#hasExited) return undefined;
    const id = ++this.#probes;
    const answer = messageOf<Probe>(
      this.#process,
      (message) => "id" in message && message.id === id,
      probeMs,
    );
    this.#process.send({ id }, () => {});
    return answer.catch(() => undefined);
  }

  /** Sends it a signal; to the process itself where another one has started it. */
  signal(name: NodeJS.Signals): void {
    const outer = this.#process.pid ?? 0;
    if (this.pid !== 1) {
      this.#process.kill(name);
      return;
    }
    const inner = readFileSync(`/proc/${outer}/task/${outer}/children`, "utf8").trim();
    process.kill(Number(inner), name);
  }

  async stop(): Promise<void> {
    if (this.#hasExited) return;
    this.#process.kill("SIGKILL");
    await this.exited;
  }
}

interface Ready {
  readonly url: string;
  readonly pid: number;
}

/** The next message of a kind from a process; rejects when the process ends or takes too long. */
function messageOf<T>(
  child: ChildProcess,
  isIt: (message: object & { id?: number }) => boolean,
  limitMs: number,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      timer.cancel();
      child.off("message", look);
      child.off("exit", gone);
      settle();
    };
    const look = (message: unknown): void => {
      if (isIt(message as object)) end(() => resolve(message as T));
    };
    const gone = (): void => end(() => reject(new Error("The service has ended")));
    const timer = systemClock.setTimer(
      () => end(() => reject(new Error("The service says nothing"))),
      limitMs,
    );
    child.on("message", look);
    child.once("exit", gone);
  });
}

/** A text that stands nowhere else. */
export function canary(): string {
  return `canary${randomBytes(20).toString("hex")}`;
}
