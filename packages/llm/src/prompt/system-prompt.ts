import { checkKeys, configError } from "@atomic-agents/core";
import type { ProviderText } from "./provider-text.ts";

/** What a system prompt is made of besides an agent's own words. */
export interface PromptSections {
  /** What the agent's prompt providers have, in their order; empty when it has no providers. */
  readonly providers: readonly ProviderText[];
  /** What the model is to answer with: `json` unless said otherwise. */
  readonly answer?: "json" | "text" | undefined;
}

/** Makes the system prompt. `systemPrompt` gives the usual one; any object with `generate` may stand in its place. */
export interface SystemPrompt {
  readonly generate: (sections: PromptSections) => string;
}

/** An agent's own words. Each text becomes one line of a list. */
export interface SystemPromptOptions {
  /** What the agent is and is for. */
  readonly background?: readonly string[] | undefined;
  /** How it goes about its work. */
  readonly steps?: readonly string[] | undefined;
  /** What its answers have to be like. */
  readonly outputInstructions?: readonly string[] | undefined;
}

const optionKeys: readonly (keyof SystemPromptOptions)[] = ["background", "steps", "outputInstructions"];

/** For an agent of which nothing is said. */
const defaultBackground = "You are an assistant: friendly, helpful and to the point.";

/** The last output instructions of every prompt. */
const answerLines = {
  json: "Give the answer as JSON that fits the schema you were given, and nothing around it.",
  text: "Give the answer as plain text.",
} as const;
const contextLine = "Where extra information and context is given, let the answer make use of it.";

/**
 * A system prompt of four sections: identity, steps (left out when there are none), output instructions, and extra
 * information (only when there are prompt providers). The same words and texts make the same prompt.
 *
 * @throws AtomicError `CONFIG` for what is no array of texts
 * @example
 * ```ts
 * const prompt = systemPrompt({ background: ["You sort letters."], steps: ["Read the letter."] });
 * console.log(prompt.generate({ providers: [] }).split("\n\n").slice(0, 2).join("\n"));
 * // => # IDENTITY and PURPOSE
 * // => - You sort letters.
 * // => # INTERNAL ASSISTANT STEPS
 * // => - Read the letter.
 * ```
 */
export function systemPrompt(options: SystemPromptOptions = {}): SystemPrompt {
  checkKeys("systemPrompt", options, optionKeys);
  const background = linesOf("background", options.background);
  const steps = linesOf("steps", options.steps);
  const outputInstructions = linesOf("outputInstructions", options.outputInstructions);
  const identity = background.length === 0 ? [defaultBackground] : background;
  return Object.freeze({
    generate: ({ providers, answer = "json" }: PromptSections) => {
      const output = [...outputInstructions, answerLines[answer], contextLine];
      return [
        section("IDENTITY and PURPOSE", listOf(identity)),
        ...(steps.length === 0 ? [] : [section("INTERNAL ASSISTANT STEPS", listOf(steps))]),
        section("OUTPUT INSTRUCTIONS", listOf(output)),
        ...(providers.length === 0 ? [] : [extra(providers)]),
      ].join("\n\n");
    },
  });
}

/** A copy, so that what becomes of the caller's array is no concern of the prompt. */
function linesOf(path: string, lines: readonly string[] = []): readonly string[] {
  if (!Array.isArray(lines)) throw configError("systemPrompt", path, "an array of texts", lines);
  for (const [index, line] of lines.entries()) {
    if (typeof line !== "string") throw configError("systemPrompt", `${path}[${index}]`, "a text", line);
  }
  return Object.freeze([...(lines as readonly string[])]);
}

function listOf(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

function section(heading: string, body: string): string {
  return `# ${heading}\n${body}`.trim();
}

/** Providers that have nothing are left out; the heading stays, so that all prompts of an agent have the same sections. */
function extra(providers: readonly ProviderText[]): string {
  const parts = providers.filter(({ text }) => text !== "").map(({ title, text }) => `## ${title}\n${text}`);
  return section("EXTRA INFORMATION AND CONTEXT", parts.join("\n\n"));
}
