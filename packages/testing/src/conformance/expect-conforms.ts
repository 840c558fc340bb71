import { AssertionError } from "node:assert";
import type { Agent } from "@atomic-agents/core";
import { type BehaviourResult, conformance } from "./conformance.ts";
import { formatConformance } from "./format-conformance.ts";
import type { ConformanceOptions } from "./samples.ts";

/**
 * Asserts that an agent behaves as every agent does: validation both ways, errors, events and report, cancellation,
 * deadline, concurrency. Needs no test framework, and fails in any.
 *
 * @throws AssertionError with a table of all behaviours when one fails; AtomicError `CONFIG` for a wrong option
 * @example
 * ```ts
 * const length = defineAgent({
 *   name: "length",
 *   description: "Counts characters.",
 *   input: z.object({ text: z.string() }),
 *   output: z.object({ length: z.int() }),
 *   execute: ({ text }) => ({ length: text.length }),
 * });
 * const results = await expectConforms(length, {
 *   valid: [{ text: "four" }, { text: "" }],
 *   invalid: [{ text: 4 }, "four", null],
 * });
 * console.log(results.length); // => 60
 * ```
 */
export async function expectConforms<TInput>(
  agent: Agent<TInput, unknown>,
  options: ConformanceOptions<TInput>,
): Promise<readonly BehaviourResult[]> {
  const results = await conformance(agent, options);
  const failed = results.filter((result) => result.status === "failed");
  if (failed.length === 0) return results;
  throw new AssertionError({
    message: `Agent "${agent.name}" does not conform: ${formatConformance(results)}`,
    actual: failed.map((result) => result.id),
    expected: [],
    operator: "expectConforms",
  });
}
