import { fit } from "@atomic-agents/contracts/fit";
import { type AgentDescription, type AgentPart, describe } from "@atomic-agents/core";
import { styleText } from "node:util";
import { namedAgent } from "../input/named-agent.ts";
import { fitJsonText, fitText } from "../output/fit-verdict.ts";
import { toJsonText } from "../output/json.ts";
import { schemaOutline } from "../output/schema-outline.ts";
import { writeOutput } from "../output/write-output.ts";
import type { Session } from "../terminal/session.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Options of `atomic describe`. */
export interface DescribeOptions extends ProjectOptions {
  /** Milliseconds. */
  readonly loadTimeout?: number;
  /** The agent whose output is to be taken. */
  readonly fitsAfter?: string;
}

/**
 * `atomic describe`: what an agent takes and gives, and what it is made of; or whether it takes what another gives.
 */
export async function describeCommand(
  name: string,
  options: DescribeOptions,
  session: Session,
): Promise<void> {
  const { signal } = session.interruption;
  const loading = { signal, timeoutMs: options.loadTimeout };
  const agent = await namedAgent(name, options, loading);
  if (options.fitsAfter !== undefined) {
    const before = await namedAgent(options.fitsAfter, options, loading);
    const verdict = fit(before.output, agent.input);
    const toText = options.json === true ? fitJsonText : fitText;
    return writeOutput(toText(agent.name, before.name, verdict), "-");
  }
  const description = describe(agent);
  await writeOutput(options.json === true ? toJsonText(description) : descriptionText(description), "-");
}

function descriptionText(description: AgentDescription): string {
  const { name, version, kind, capabilities, parts } = description;
  const title = (text: string) => styleText("bold", text, { stream: process.stdout });
  return [
    `${title(name)} ${version} (${kind})`,
    description.description,
    ...(capabilities.length === 0 ? [] : [`Capabilities: ${capabilities.join(", ")}`]),
    "",
    title("Input"),
    ...sideLines(description, "input"),
    "",
    title("Output"),
    ...sideLines(description, "output"),
    ...(parts.length === 0 ? [] : ["", title("Made of"), ...partLines(parts, "  ")]),
  ].join("\n");
}

function sideLines(description: AgentDescription, side: "input" | "output"): readonly string[] {
  const schema = description[side];
  if (schema !== undefined) return schemaOutline(schema).map((line) => `  ${line}`);
  return description.notJson
    .filter((problem) => problem.side === side)
    .map(({ path, reason }) => `  not JSON: ${path === "" ? "it" : path}: ${reason}`);
}

function partLines(parts: readonly AgentPart[], indent: string): readonly string[] {
  return parts.flatMap(({ id, name, kind, parts: inner }) => [
    `${indent}${id === name ? id : `${id}: ${name}`}${kind === "agent" ? "" : ` (${kind})`}`,
    ...partLines(inner, `${indent}  `),
  ]);
}
