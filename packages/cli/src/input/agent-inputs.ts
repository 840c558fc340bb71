import { existsSync } from "node:fs";
import type { AnyAgent } from "@atomic-agents/core";
import { agentInput } from "./agent-input.ts";
import { readTextFile } from "./read-bytes.ts";

/** Where a user says that inputs are. */
export interface InputsOptions {
  /** What the user calls the agent. */
  readonly reference: string;
  /** Each a file's path, JSON, or `-` for standard input; a file `.jsonl` holds one in each line. */
  readonly inputs: readonly string[];
  /** What came on standard input. */
  readonly standardInput: string | undefined;
}

/**
 * The inputs for an agent, from what a user gave. They are not validated.
 *
 * @throws UsageError when one cannot be read
 */
export async function agentInputs(
  agent: AnyAgent,
  { reference, inputs, standardInput }: InputsOptions,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for (const source of inputs) {
    const read = (text: string | undefined, input: string | undefined) =>
      agentInput(agent, { reference, text, input, set: [] }, signal);
    if (source === "-" && standardInput !== undefined) all.push(await read(standardInput, undefined));
    else if (source.endsWith(".jsonl") && existsSync(source)) {
      const lines = (await readTextFile(source, signal)).split("\n").filter((line) => line.trim() !== "");
      for (const line of lines) all.push(await read(undefined, line));
    } else all.push(await read(undefined, source));
  }
  return all;
}
