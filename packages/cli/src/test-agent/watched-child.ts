import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { TestMessage, TestRequest } from "./messages.ts";

/** How the process that tests an agent came to its end. */
export type ChildEnd =
  /** It said all that it had to say. */
  | { readonly how: "done" }
  /** It was told to stop. */
  | { readonly how: "interrupted" }
  /** Its code did not yield for so long that it was ended. */
  | { readonly how: "stalled"; readonly ms: number }
  /** It ended without a word: the agent's code ended it, or it ran out of memory. */
  | { readonly how: "vanished"; readonly why: string };

export interface ChildOptions {
  readonly signal: AbortSignal;
  /** How long it may take until it looks at a behaviour: to start, to load the agent, to make inputs. */
  readonly startMs: number;
  /** How long it may be silent then; it says something several times a second while its code yields. */
  readonly stallMs: number;
  readonly onMessage: (message: TestMessage) => void;
  /** Told of each line that the agent's code writes. */
  readonly onLine: (line: string) => void;
}

/** How long it may take to end when it was told to. */
const graceMs = 1_000;

/**
 * Tests an agent in a process of its own, so that code that never yields, ends the process or eats the memory can be
 * told of and ended. Resolves when it has ended; never rejects.
 */
export function runChild(request: TestRequest, options: ChildOptions): Promise<ChildEnd> {
  const { signal, startMs, stallMs, onMessage, onLine } = options;
  const here = import.meta.url;
  const program = new URL(here.endsWith(".ts") ? "./test-agent-child.ts" : "./test-agent-child.js", here);
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      // A debugger listens to one process only.
      [
        ...process.execArgv.filter((option) => !option.startsWith("--inspect")),
        "--disable-warning=ExperimentalWarning",
        fileURLToPath(program),
      ],
      { stdio: ["pipe", "pipe", "pipe", "pipe"] },
    );
    const kill = () => void child.kill("SIGKILL");
    let end: ChildEnd | undefined;
    let lastLine = "";
    const stallAfter = (ms: number) =>
      setTimeout(() => {
        end ??= { how: "stalled", ms };
        kill();
      }, ms);
    let stall = stallAfter(startMs);
    const interrupt = () => {
      end ??= { how: "interrupted" };
      child.kill("SIGTERM");
      setTimeout(kill, graceMs).unref();
    };
    for (const stream of [child.stdout, child.stderr]) {
      eachLine(stream, (line) => {
        lastLine = line;
        onLine(line);
      });
    }
    // The fourth of `stdio` above is a pipe that this end reads.
    eachLine(child.stdio[3] as Readable, (line) => {
      stall.refresh();
      const message = messageIn(line);
      if (message?.type === "start") {
        clearTimeout(stall);
        stall = stallAfter(stallMs);
      }
      if (message === undefined || end?.how === "interrupted") return;
      if (message.type === "end" || message.type === "error") end ??= { how: "done" };
      onMessage(message);
    });
    process.once("exit", kill);
    if (signal.aborted) interrupt();
    else signal.addEventListener("abort", interrupt, { once: true });
    // It may be gone before it has read.
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify(request));
    const finish = (why: string) => {
      clearTimeout(stall);
      signal.removeEventListener("abort", interrupt);
      process.off("exit", kill);
      resolve(end ?? { how: "vanished", why });
    };
    child.once("error", (error) => finish(error.message));
    child.once("close", (code, endSignal) => {
      const said = lastLine === "" ? "" : `, its last words were: ${lastLine}`;
      finish(`the process ended with ${endSignal ?? `exit code ${code}`}${said}`);
    });
  });
}

function eachLine(stream: Readable, take: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") take(line);
  });
  stream.on("end", () => {
    if (rest !== "") take(rest);
  });
}

function messageIn(line: string): TestMessage | undefined {
  try {
    const message: unknown = JSON.parse(line);
    const isOne = typeof message === "object" && message !== null && "type" in message;
    // Written by the program, which alone writes there.
    return isOne ? (message as TestMessage) : undefined;
  } catch {
    // What else the agent's code may write there.
    return undefined;
  }
}
