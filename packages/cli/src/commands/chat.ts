import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type AnyAgent, createLog, type Run, type RunOptions, untyped } from "@atomic-agents/core";
import type { LlmAgent } from "@atomic-agents/llm";
import { openProject, type Project } from "@atomic-agents/project";
import { CommandFailure } from "../command-failure.ts";
import { exitCodes } from "../exit-codes.ts";
import { agentInput } from "../input/agent-input.ts";
import { agentOfProject } from "../input/named-agent.ts";
import { commandHint } from "../output/command-hint.ts";
import { toJsonText } from "../output/json.ts";
import { modelUseText, plainUses } from "../output/model-use.ts";
import { visible } from "../output/visible.ts";
import { writeOutput } from "../output/write-output.ts";
import { checkModel, meteredResources, type MeteredResources } from "../runs/metered-resources.ts";
import { errorText } from "../terminal/error-text.ts";
import { logWriter } from "../terminal/log-writer.ts";
import type { Session } from "../terminal/session.ts";
import { UsageError } from "../usage-error.ts";
import { draftWriter } from "../terminal/draft-writer.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Options of `atomic chat`. */
export interface ChatOptions extends ProjectOptions {
  /** The name of the conversation. */
  readonly session?: string;
  /** The model in the place of all. */
  readonly model?: string;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Milliseconds. */
  readonly loadTimeout?: number;
}

/** `atomic chat`: runs an agent on each line. @throws CommandFailure at the end when a line of a file or pipe failed */
export async function chatCommand(name: string, options: ChatOptions, session: Session): Promise<void> {
  const { config, profile, model } = options;
  const { signal } = session.interruption;
  if (options.session?.trim() === "") {
    const what = { where: "--session", expected: "a name for the conversation", got: "a blank" };
    throw new UsageError("A conversation without a name cannot be gone on with", what);
  }
  const project = await openProject({ config, profile });
  await checkModel(project, model);
  const found = await agentOfProject(project, name, { signal, timeoutMs: options.loadTimeout }, "agent");
  const agent = await withMemory(found, project, options.session);
  const metered = meteredResources(project, model);
  try {
    await new Chat({ name, agent, metered, options }, session).hold();
  } finally {
    await metered.resources.close();
  }
}

/** An agent that is a language model and has no memory gets one: for this conversation, or in the project where it is named. */
async function withMemory(
  agent: AnyAgent,
  project: Project,
  sessionId: string | undefined,
): Promise<AnyAgent> {
  if (!isForgetful(agent)) return agent;
  const { fileSessions, memorySessions } = await import("@atomic-agents/llm");
  const directory = join(project.directory, ".atomic", "sessions");
  return agent.withSessions(sessionId === undefined ? memorySessions() : fileSessions({ directory }));
}

function isForgetful(agent: AnyAgent): agent is AnyAgent & LlmAgent<never, unknown> {
  if (!("withSessions" in agent && "history" in agent && "sessions" in agent)) return false;
  return agent.history === undefined && agent.sessions === undefined;
}

interface ChatParts {
  /** What the user calls the agent. */
  readonly name: string;
  readonly agent: AnyAgent;
  readonly metered: MeteredResources;
  readonly options: ChatOptions;
}

const commands = ["/reset", "/cost", "/quit"] as const;

class Chat {
  readonly #parts: ChatParts;
  readonly #session: Session;
  readonly #sessionId: string;
  /** A person sits there, and not a file. */
  readonly #isLive = process.stdin.isTTY;
  #hasFailed = false;

  constructor(parts: ChatParts, session: Session) {
    this.#parts = parts;
    this.#session = session;
    this.#sessionId = parts.options.session ?? randomUUID();
  }

  async hold(): Promise<void> {
    const { status, interruption } = this.#session;
    const { signal } = interruption;
    const lines = createInterface({
      input: process.stdin,
      ...(this.#isLive && { output: process.stderr, prompt: "> " }),
    });
    const close = () => {
      lines.close();
      // Whoever writes there may never end.
      process.stdin.destroy();
    };
    signal.addEventListener("abort", close, { once: true });
    // A terminal that is read by the line hands on no signal of its own.
    lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
    if (this.#isLive) status.writeLine(`${this.#parts.agent.name}: ${commands.join(", ")}`);
    try {
      if (this.#isLive) lines.prompt();
      for await (const line of lines) {
        if ((await this.#answer(line.trim())) === "quit") break;
        if (this.#isLive) lines.prompt();
      }
    } finally {
      signal.removeEventListener("abort", close);
      close();
    }
    signal.throwIfAborted();
    this.#tellCost(false);
    // Each has been said.
    if (this.#hasFailed && !this.#isLive) throw new CommandFailure(undefined, exitCodes.failed);
  }

  async #answer(line: string): Promise<"quit" | undefined> {
    if (line === "") return undefined;
    if (line === "/quit") return "quit";
    try {
      if (line === "/reset") await this.#reset();
      else if (line === "/cost") this.#tellCost(true);
      else if (line.startsWith("/")) {
        throw new UsageError(`There is no command ${JSON.stringify(line)}`, {
          expected: `one of ${commands.join(", ")}`,
          got: line,
        });
      } else await this.#run(line);
    } catch (error) {
      this.#session.interruption.signal.throwIfAborted();
      this.#hasFailed = true;
      this.#tellError(error);
    }
    return undefined;
  }

  async #run(text: string): Promise<void> {
    const { agent, name, metered, options } = this.#parts;
    const { status, interruption } = this.#session;
    const { signal } = interruption;
    const input = await agentInput(agent, { reference: name, text, input: undefined, set: [] }, signal);
    const level = options.logLevel ?? (options.verbose === true ? "info" : "warn");
    const run = untyped(agent).start(input, {
      signal,
      sessionId: this.#sessionId,
      timeoutMs: options.timeout,
      resources: metered.resources,
      log: createLog({ level, write: logWriter(status) }),
    } satisfies RunOptions);
    const isStreamed = process.stdout.isTTY && options.json !== true;
    const drafts = draftWriter(status, isStreamed);
    const watching = watch(run, drafts.show);
    const result = await run.result;
    await watching;
    if (!result.ok) {
      drafts.end();
      throw result.error.with({ hint: commandHint(result.error) });
    }
    const { output } = result;
    const shown = (given: string): string => (process.stdout.isTTY ? visible(given) : given);
    if (typeof output === "string" && options.json !== true) {
      const rest = drafts.end(output);
      if (rest !== undefined) await writeOutput(shown(rest), "-");
      return;
    }
    drafts.end();
    await writeOutput(shown(toJsonText(output)), "-");
  }

  async #reset(): Promise<void> {
    const { agent } = this.#parts;
    if (!("resetHistory" in agent && typeof agent.resetHistory === "function")) {
      throw new UsageError(`Agent "${agent.name}" remembers nothing: each line stands alone`);
    }
    await Reflect.apply(agent.resetHistory, agent, [{ sessionId: this.#sessionId }]);
    this.#session.status.writeLine("The conversation begins anew.");
  }

  /** On standard error: it is no answer. */
  #tellCost(isAsked: boolean): void {
    const { metered, options } = this.#parts;
    const { writeLine } = this.#session.status;
    const uses = metered.uses();
    if (uses.length === 0) {
      if (isAsked) writeLine(options.json === true ? '{"models":[]}' : "No model was asked.");
    } else if (options.json === true) writeLine(JSON.stringify(plainUses(uses)));
    else for (const use of uses) writeLine(`model  ${modelUseText(use)}`);
  }

  #tellError(error: unknown): void {
    const { json = false, verbose = false } = this.#parts.options;
    const { status } = this.#session;
    const isPlain = error instanceof Error && "toJSON" in error;
    const told = isPlain || !(error instanceof Error) ? error : { message: error.message };
    status.writeLine(json ? JSON.stringify({ error: told }) : errorText(error, verbose));
  }
}

async function watch(run: Run<unknown>, show: (draft: unknown) => void): Promise<void> {
  for await (const draft of run.partials) show(draft);
}
