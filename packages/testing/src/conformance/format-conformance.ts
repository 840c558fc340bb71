import type { BehaviourResult } from "./conformance.ts";

const marks = { passed: "ok", failed: "FAILED", "not-applicable": "-" } as const;

/**
 * Results as a table for people, with the details of what failed or did not apply.
 *
 * @example
 * ```ts
 * const echo = scriptedAgent({ name: "echo", script: [(input) => input] });
 * const results = await conformance(echo, { valid: ["a"], only: ["accepts-valid"] });
 * console.log(formatConformance(results));
 * // => 0 of 1 behaviours failed
 * // =>  1  ok      accepts-valid          a valid input gives an output
 * ```
 */
export function formatConformance(results: readonly BehaviourResult[]): string {
  const failed = results.filter((result) => result.status === "failed").length;
  const lines = results.flatMap(({ number, id, title, status, detail }) => {
    const line = `${String(number).padStart(2)}  ${marks[status].padEnd(6)}  ${id.padEnd(21)}  ${title}`;
    return status === "passed" ? [line] : [line, `${" ".repeat(35)}${detail}`];
  });
  return [`${failed} of ${results.length} behaviours failed`, ...lines].join("\n");
}
