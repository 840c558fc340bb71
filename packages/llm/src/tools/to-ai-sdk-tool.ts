import { anything, describeIssues, type JsonSchema, type Schema } from "@atomic-agents/contracts";
import { type AnyAgent, configError, isAgent } from "@atomic-agents/core";
import { hostility } from "../output/json-text.ts";
import { toolOf } from "./tool-set.ts";

/** What the AI SDK takes for the schema of a tool's input: it knows it as one of its own, its types as a Standard Schema. */
export interface AiSdkSchema extends Schema<unknown, unknown> {
  readonly jsonSchema: JsonSchema;
  readonly validate: (
    value: unknown,
  ) => Promise<
    { readonly success: true; readonly value: unknown } | { readonly success: false; readonly error: Error }
  >;
}

/** A tool as the AI SDK takes it. */
export interface AiSdkTool {
  readonly description: string;
  readonly inputSchema: AiSdkSchema;
  readonly execute: (
    input: unknown,
    options?: { readonly abortSignal?: AbortSignal | undefined },
  ) => Promise<unknown>;
}

/**
 * An agent as a tool of the AI SDK: `generateText({ model, tools: { weather: toAiSdkTool(weather) }, … })`. Each call is a
 * run of its own, which the SDK's signal cancels; input and output are validated by the agent.
 *
 * @throws AtomicError `CONFIG` for what is no agent, or takes no JSON
 * @example
 * ```ts
 * const shout = defineAgent({
 *   name: "shout",
 *   description: "Turns text into capitals.",
 *   input: z.object({ text: z.string() }),
 *   output: z.string(),
 *   execute: ({ text }) => text.toUpperCase(),
 * });
 * const tool = toAiSdkTool(shout);
 * console.log(tool.description, await tool.execute({ text: "hello" })); // => Turns text into capitals. HELLO
 * ```
 */
export function toAiSdkTool(agent: AnyAgent): AiSdkTool {
  if (!isAgent(agent)) throw configError("toAiSdkTool", "its argument", "an agent", agent);
  const { agent: runnable, dialect } = toolOf(agent);
  const inputSchema: AiSdkSchema = {
    "~standard": anything()["~standard"],
    // By this the SDK knows its own schemas.
    ...{ [Symbol.for("vercel.ai.schema")]: true },
    jsonSchema: dialect.plain,
    validate: async (value: unknown) => {
      const problem = hostility(value);
      if (problem !== undefined) return { success: false as const, error: new Error(`The input ${problem}`) };
      const { issues } = await agent.input["~standard"].validate(dialect.restore(value));
      // The agent parses it again: what a schema gives need not be what it takes.
      if (issues === undefined) return { success: true as const, value };
      const described = describeIssues(agent.input, issues, value);
      return { success: false as const, error: new Error(JSON.stringify(described)) };
    },
  };
  return {
    description: agent.description,
    inputSchema,
    execute: (input, { abortSignal } = {}) =>
      runnable.run(dialect.restore(input), abortSignal === undefined ? {} : { signal: abortSignal }),
  };
}
