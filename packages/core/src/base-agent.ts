import type { AnySchema } from "@atomic-agents/contracts";
import type { Agent, AgentInternals, AgentKind, AnyAgent } from "./agent.ts";
import { configError } from "./errors/config-error.ts";
import type { Result } from "./result.ts";
import type { RunOptionsOrContext } from "./run/options.ts";
import type { Program } from "./run/program.ts";
import { runProgram, startProgram, tryRunProgram } from "./run/run-program.ts";
import type { Run } from "./run/run.ts";

/** Everything about an agent but how it runs. */
export interface AgentCard {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly capabilities: readonly string[];
  readonly input: AnySchema;
  readonly output: AnySchema;
}

/** What makes an agent besides its card. */
export interface AgentMaking {
  readonly kind: AgentKind;
  /** Called once, at the first run. */
  readonly program: () => Program;
  readonly parts?: ReadonlyMap<string, AnyAgent>;
}

let agentCount = 0;

/** An id for a new agent. */
export function nextAgentId(name: string): string {
  agentCount++;
  return `${name}#${agentCount}`;
}

const noParts: ReadonlyMap<string, AnyAgent> = new Map();

/** The brand and the three ways to run, all bound, so that they may be handed around as functions. */
export function agentFunctions<TInput, TOutput>(
  making: AgentMaking,
): Pick<Agent<TInput, TOutput>, "~atomic" | "run" | "tryRun" | "start"> {
  let program: Program | undefined;
  const programOnce = (): Program => {
    program ??= making.program();
    return program;
  };
  const internals: AgentInternals = {
    version: 1,
    kind: making.kind,
    program: programOnce,
    parts: () => making.parts ?? noParts,
  };
  // What comes out has passed the output schema, whose type TOutput is.
  return {
    "~atomic": internals,
    run: (input: TInput, options?: RunOptionsOrContext) =>
      runProgram(programOnce, input, options) as Promise<TOutput>,
    tryRun: (input: TInput, options?: RunOptionsOrContext) =>
      tryRunProgram(programOnce, input, options) as Promise<Result<TOutput>>,
    start: (input: TInput, options?: RunOptionsOrContext) =>
      startProgram(programOnce, input, options) as Run<TOutput>,
  };
}

/** Makes an agent of a card and a program. */
export function makeAgent<TInput, TOutput>(card: AgentCard, making: AgentMaking): Agent<TInput, TOutput> {
  const agent = {
    id: nextAgentId(card.name),
    name: card.name,
    version: card.version,
    description: card.description,
    capabilities: Object.freeze([...card.capabilities]),
    input: card.input,
    output: card.output,
    ...agentFunctions<TInput, TOutput>(making),
  };
  return Object.freeze(agent);
}

/** Names stand in paths of stages, and are written to terminals and logs as they are: no slash, no line, no control. */
const unfitForNames = /[/\u2028\u2029]|[^ -~\u00A0-\uFFFF]/;

/** Checks a name of an agent or a stage. @throws AtomicError `CONFIG` */
export function checkName(what: string, path: string, name: unknown): asserts name is string {
  if (typeof name !== "string" || name.trim() === "" || name.length > 200 || unfitForNames.test(name)) {
    throw configError(what, path, "a line of 1 to 200 characters without a slash", name);
  }
}
