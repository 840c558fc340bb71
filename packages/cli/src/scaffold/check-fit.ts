import { fit } from "@atomic-agents/contracts/fit";
import { UsageError } from "../usage-error.ts";
import type { KnownAgent } from "./known-agents.ts";

/**
 * Looks whether agents take what those before them give.
 *
 * @returns what to say of those that take some of it only, or of which it cannot be told
 * @throws UsageError when one takes nothing of it
 */
export function checkFit(agents: readonly KnownAgent[]): readonly string[] {
  const pairs = agents.slice(1).map((after, index) => {
    // There is one before each that is not the first.
    const before = agents[index] ?? after;
    return { before: before.name, after: after.name, verdict: fit(before.agent.output, after.agent.input) };
  });
  const never = pairs.filter(({ verdict }) => verdict.verdict === "never");
  const [worst] = never;
  if (worst !== undefined) {
    throw new UsageError(
      never
        .map(
          ({ before, after, verdict }) =>
            `${after} takes nothing that ${before} gives: ${"why" in verdict ? verdict.why : ""}`,
        )
        .join("\n"),
      {
        where: "agents",
        expected: "agents of which each takes what the one before it gives",
        hint: `Nothing was written. atomic describe ${worst.after} --fits-after ${worst.before} says more.`,
      },
    );
  }
  return pairs.flatMap(({ before, after, verdict }) => {
    switch (verdict.verdict) {
      case "always":
      case "never":
        return [];
      case "sometimes":
        return [`${after} takes only some of what ${before} gives: ${verdict.why}`];
      case "unknown":
        return [`it cannot be told whether ${after} takes what ${before} gives: ${verdict.why}`];
    }
  });
}
