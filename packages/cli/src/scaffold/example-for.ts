import { UsageError } from "../usage-error.ts";
import type { KnownAgent } from "./known-agents.ts";
import { sampleInput } from "./sample-input.ts";

/**
 * An input to try agents on that work one after the other: the one that was given, or one that the first one's schema
 * takes.
 *
 * @param given JSON
 * @throws UsageError when the agent does not take what was given, or when no input is found
 */
export async function exampleFor(
  [first]: readonly KnownAgent[],
  given: string | undefined,
): Promise<unknown> {
  if (first === undefined) throw new UsageError("There is no agent", { where: "agents" });
  const { name, agent } = first;
  if (given === undefined) {
    const found = await sampleInput(agent.input);
    if (found !== undefined) return found;
    throw new UsageError(`No input was found that ${name} takes, to try it on`, {
      where: "--example",
      expected: "an input of the first agent, as JSON",
      hint: `Nothing was written. atomic describe ${name} shows what it takes.`,
    });
  }
  const value = parsed(given);
  const { issues } = await agent.input["~standard"].validate(value);
  if (issues === undefined) return value;
  throw new UsageError(`${name} does not take the example: ${issues[0]?.message ?? "it is refused"}`, {
    where: "--example",
    expected: "an input of the first agent, as JSON",
    got: given,
    hint: `Nothing was written. atomic describe ${name} shows what it takes.`,
  });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(
      `The example is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      {
        where: "--example",
        expected: "an input of the first agent, as JSON",
        got: json,
        cause: error,
      },
    );
  }
}
