import { describe, expect, it } from "vitest";
import { type Mutant, runChaos } from "./run-chaos.ts";

/** Few records and long deadlines: on a busy machine an answer that is good must not come too late. */
const few = { seed: 1, silentMs: 6_000, concurrency: 5 } as const;

describe("chaos over HTTP", () => {
  it("delivers what a perfect client would, and with as many calls", { timeout: 240_000 }, async () => {
    const records = Number(process.env["CHAOS_RECORDS"] ?? 60);
    const verdict = await runChaos({ ...few, records });
    expect(verdict).toMatchObject({ ok: true, broken: [] });
    expect(verdict.delivered.got).toBe(verdict.delivered.perfect);
    const letters = Object.values(verdict.deadLettered).reduce((sum, count) => sum + count, 0);
    expect(verdict.delivered.got + letters).toBe(records);
  });

  const caught: readonly (readonly [Mutant, string])[] = [
    ["budget-off", "nothing over budget"],
    ["shared-history", "mixedRequests is 0"],
  ];
  it.each(caught)("finds out about %s", { timeout: 240_000 }, async (mutant, broken) => {
    const verdict = await runChaos({ ...few, records: 24, mutant });
    expect(verdict.ok).toBe(false);
    expect(verdict.broken).toContain(broken);
  });
});
