import { anything } from "@atomic-agents/contracts";
import { type Agent, type AnyAgent, AtomicError, defineAgent, untyped } from "@atomic-agents/core";

/** The longest time that timers take: the agent inside has its own limit. */
export const noTimeoutMs = 2_147_483_647;

/**
 * The agent, held to give as many results as it is given records. One that does not fails as any wrong output would, and
 * may be tried again.
 */
export function batchAgent(agent: AnyAgent): Agent<unknown, unknown> {
  const inner = untyped(agent);
  const { name, version, description, capabilities } = agent;
  return defineAgent({
    name,
    version,
    description,
    capabilities,
    // The agent inside checks both.
    input: anything(),
    output: anything(),
    execute: async (records, ctx) => {
      const results = await inner.run(records, ctx);
      // A batch is an array.
      const { length } = records as readonly unknown[];
      if (Array.isArray(results) && results.length === length) return results;
      const got = Array.isArray(results)
        ? `${results.length} results`
        : results === null
          ? "null"
          : `a value of type ${typeof results}`;
      throw new AtomicError(
        "VALIDATION_OUTPUT",
        `Agent "${name}" was given ${length} records, and gave ${got}`,
        {
          agent: name,
          details: {
            issues: [{ path: "", message: "expected a result for each", expected: `${length} results`, got }],
          },
          hint: "An agent over batches gives a list of as many results as it is given records, in their order.",
        },
      );
    },
  });
}
