import { checkKeys, configError } from "@atomic-agents/core";
import type { AnySchema } from "@atomic-agents/contracts";
import type { LlmAgentDefinition } from "../agent/llm-agent.ts";
import { definitionKeys } from "../agent/parts.ts";

/** What a ready-made agent can be told. Its schemas are its own; all else is as with `defineLlmAgent`. */
export interface ReadyOptions
  extends Omit<
    LlmAgentDefinition<AnySchema, AnySchema>,
    "name" | "description" | "version" | "capabilities" | "input" | "output" | "prompt"
  > {
  /** The agent's own unless said otherwise. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** Told to the model besides the agent's own instructions, a sentence each. */
  readonly instructions?: readonly string[] | undefined;
}

/** Checks what `defineLlmAgent` does not, and gives what it takes. @throws AtomicError `CONFIG` */
export function readyOptions<TOptions extends ReadyOptions>(
  what: string,
  options: TOptions,
  own: readonly (keyof TOptions & string)[] = [],
): Pick<LlmAgentDefinition<AnySchema, AnySchema>, "model"> & { readonly instructions: readonly string[] } {
  checkKeys(what, options, [...keys, ...own]);
  const { model, instructions = [] } = options;
  if (model === undefined) {
    throw configError(what, "model", "an id such as openai/gpt-5-mini or simulated", model);
  }
  if (!Array.isArray(instructions) || !instructions.every((text) => typeof text === "string")) {
    throw configError(what, "instructions", "a list of texts", instructions);
  }
  const known = Object.entries(options).filter(
    ([key, value]) => value !== undefined && key !== "instructions" && !own.some((name) => name === key),
  );
  // Only keys of a definition are left.
  return { ...(Object.fromEntries(known) as unknown as ReadyOptions), model, instructions };
}

/** What a ready-made agent says itself. */
const fixedKeys: readonly string[] = [
  "version",
  "capabilities",
  "input",
  "output",
  "prompt",
] satisfies readonly Exclude<keyof LlmAgentDefinition<AnySchema, AnySchema>, keyof ReadyOptions>[];

const keys: readonly string[] = [...definitionKeys.filter((key) => !fixedKeys.includes(key)), "instructions"];
