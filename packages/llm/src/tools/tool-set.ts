import type { LanguageModelV4FunctionTool } from "@ai-sdk/provider";
import { type AnyAgent, configError, isAgent, untyped } from "@atomic-agents/core";
import { jsonSchemaOf } from "../output/answer-shape.ts";
import { type Dialect, dialectOf } from "../output/provider-dialect.ts";

/** An agent as a tool of models. */
export interface Tool {
  /** The agent's name, as far as providers take it. */
  readonly name: string;
  readonly agent: ReturnType<typeof untyped>;
  readonly dialect: Dialect;
}

/** Some providers' packages call by this name what stands for the answer itself. */
const answerTool = "json";

/** The longest name that providers take. */
const maxNameChars = 64;

/** Makes tools of agents. @throws AtomicError `CONFIG` for what is no agent, takes no JSON, or has another's name */
export function toolsOf(what: string, agents: readonly AnyAgent[]): ReadonlyMap<string, Tool> {
  const tools = new Map<string, Tool>();
  for (const [index, agent] of agents.entries()) {
    if (!isAgent(agent)) throw configError(what, `tools[${index}]`, "an agent", agent);
    const tool = toolOf(agent);
    if (tools.has(tool.name)) {
      throw configError(what, `tools[${index}]`, "an agent of another name than the others", agent.name);
    }
    tools.set(tool.name, tool);
  }
  return tools;
}

/** Makes a tool of an agent. @throws AtomicError `CONFIG` when it takes no JSON */
export function toolOf(agent: AnyAgent): Tool {
  const schema = jsonSchemaOf(`Tool "${agent.name}"`, "input", agent.input);
  const own = agent.name.replaceAll(/[^\w-]+/g, "_").slice(0, maxNameChars);
  const name = own === answerTool ? `${own}_tool` : own;
  return { name, agent: untyped(agent), dialect: dialectOf(schema) };
}

/** The definition that a model is given. */
export function definitionOf({ name, agent, dialect }: Tool, isStrict: boolean): LanguageModelV4FunctionTool {
  const schema = isStrict ? dialect.strict : dialect.plain;
  return {
    type: "function",
    name,
    description: agent.description,
    // Its types know draft 7 with lists that may be changed; it only hands the schema on.
    inputSchema: schema as unknown as LanguageModelV4FunctionTool["inputSchema"],
  };
}
