import { describe, expect, it } from "vitest";
import type { Mutant } from "./mutants.ts";
import { type AttackName, runChaos } from "./run-chaos.ts";

const isFull = process.env["FULL"] === "1";
const settings = { seed: 1, isFull } as const;

/** Most of each is waiting, so they wait at the same time. */
const together: readonly (readonly AttackName[])[] = isFull
  ? [
      [
        "malformed-json",
        "odd-strings",
        "smuggling",
        "large-bodies",
        "access",
        "heads",
        "streams",
        "secrets",
        "slow-connections",
        "slow-records",
        "overload",
        "stop",
      ],
    ]
  : [
      ["malformed-json", "odd-strings", "smuggling", "access", "heads", "secrets"],
      ["slow-connections"],
      ["slow-records"],
      ["streams"],
      ["stop"],
    ];

describe.concurrent("chaos of requests", () => {
  it.each(together)("%s and others break nothing", { timeout: 400_000 }, async (...only) => {
    const verdict = await runChaos({ ...settings, only });
    expect(verdict).toMatchObject({
      ok: true,
      broken: [],
      crashes: 0,
      serverErrors: 0,
      leaks: 0,
      sightings: 0,
    });
    expect(verdict.applied).toBeGreaterThanOrEqual(verdict.planned);
    expect(verdict.canaries).toBe(20);
  });

  const caught: readonly (readonly [Mutant, AttackName, RegExp])[] = [
    ["lenient-json", "malformed-json", /400 for .*, got 200/],
    ["logs-headers", "access", /no secret is seen in the log/],
  ];
  it.each(caught)("finds out about %s", { timeout: 60_000 }, async (mutant, attack, broken) => {
    const verdict = await runChaos({ ...settings, isFull: false, mutant, only: [attack] });
    expect(verdict.ok).toBe(false);
    expect(verdict.broken.join("\n")).toMatch(broken);
  });
});
