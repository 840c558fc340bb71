import { type Agent, AtomicError } from "@atomic-agents/core";
import { describe, expect, it } from "vitest";
import { type Subject, subjects } from "./agents.ts";
import { formatVerdict } from "./format-verdict.ts";
import { compareOutcomes, type Way, ways } from "./outcomes.ts";
import { type ConformancePlan, runConformance } from "./run-conformance.ts";
import { type Surface, surfaces } from "./surfaces.ts";

const isFull = process.env["FULL"] === "1";

/** One of each kind, of those that are quick. */
const few = ["trim", "tidy-count", "zod-contract", "moody-pipeline", "seen"];

const named = (names: readonly string[]): readonly Subject[] =>
  subjects.filter(({ agent }) => names.includes(agent.name));

const closely = (more: Partial<ConformancePlan>): ConformancePlan => ({
  subjects: named(few),
  surfaces: [],
  ways: [],
  runs: 5,
  seed: 1,
  ...more,
});

describe("agents at a service are agents", () => {
  const looked = isFull ? surfaces : surfaces.filter(({ name }) => name !== "function");
  it.each(looked)("$name", { timeout: 240_000 }, async (surface) => {
    const plan = closely({ surfaces: [surface], ...(isFull && { subjects, runs: 100 }) });
    const verdict = await runConformance(plan);
    expect(verdict.failures).toEqual([]);
    expect(verdict.surfaces[0]?.unrest).toBeUndefined();
    // What is not seen over a wire is not seen for want of inputs, and never for the wire.
    const reasons = new Set(verdict.notApplicable.map(({ detail }) => detail));
    const wanted =
      /^no (?:invalid )?inputs? w(?:ere|as) (?:made|asked|given)|^it does not wait|^its parts do/;
    expect([...reasons].filter((reason) => !wanted.test(reason))).toEqual([]);
  });
});

describe("agents come to the same", () => {
  it.each(ways)("by $name", { timeout: 120_000 }, async (way) => {
    const { compared, differences } = await compareOutcomes(way, subjects);
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(150);
  });
});

/** A surface of which each agent is not quite what it should be. */
const spoilt = (spoil: (agent: Agent<unknown, unknown>) => Partial<Agent<unknown, unknown>>): Surface => ({
  name: "spoilt",
  open: (agents) =>
    Promise.resolve({
      agents: agents.map((agent) => ({ ...agent, ...spoil(agent) })),
      unrest: () => Promise.resolve(undefined),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
});

const one = named(["trim"]);

function wayOf(isIt: (way: Way) => boolean): Way {
  const found = ways.find(isIt);
  if (found === undefined) throw new Error("there is no such way");
  return found;
}

describe("what is wrong is told", () => {
  it("a behaviour that does not hold, with surface and agent", async () => {
    const deaf = spoilt((agent) => ({ tryRun: (input) => agent.tryRun(input, {}) }));
    const verdict = await runConformance(closely({ subjects: one, surfaces: [deaf] }));
    expect(verdict.ok).toBe(false);
    expect(verdict.failures).toContainEqual(
      expect.objectContaining({ surface: "spoilt", agent: "trim", behaviour: "aborted-before-start" }),
    );
    expect(verdict.surfaces[0]?.cells["aborted-before-start"].failed).toBe(1);
    expect(formatVerdict(verdict)).toMatch(/15 {2}aborted-before-start +0, 1 FAILED\n/);
  });

  it("work that goes on when nobody waits for it", async () => {
    const restless: Surface = {
      name: "restless",
      open: async (agents) => {
        const opened = await spoilt(() => ({})).open(agents);
        return { ...opened, unrest: () => Promise.resolve("2 runs") };
      },
    };
    const verdict = await runConformance(closely({ subjects: one, surfaces: [restless], runs: 0 }));
    expect(verdict).toMatchObject({ ok: false, failures: [], surfaces: [{ unrest: "2 runs" }] });
    expect(formatVerdict(verdict)).toMatch(/nothing goes on afterwards +2 runs/);
  });

  const http = wayOf((way) => way.name === "http");
  it.each([
    ["another output", "output", { text: "other" }],
    ["another message", "message", "It did not work"],
    ["another code", "code", "CONFIG"],
    ["another stage", "stage", "elsewhere"],
    ["details that are not told", "details", undefined],
    ["whether to retry", "retryable", true],
    ["what was not spent", "spent", { calls: 1, tokens: 1, money: 0 }],
  ])("an outcome with %s", async (_, part, other) => {
    const way: Way = {
      name: "spoilt",
      outcomesOf: async (subject, inputs) => {
        const outcomes = await http.outcomesOf(subject, inputs);
        return outcomes.map((outcome) =>
          outcome !== undefined && part in outcome ? { ...outcome, [part]: other } : outcome,
        );
      },
    };
    const verdict = await runConformance(closely({ subjects: named(["moody-pipeline"]), ways: [way] }));
    expect(verdict.ok).toBe(false);
    expect(verdict.outcomes[0]?.differences[0]).toMatchObject({ agent: "moody-pipeline", part, got: other });
    expect(formatVerdict(verdict)).toMatch(/spoilt +\d+ of \d+, \d+ DIFFER/);
  });

  it("an error of an agent's own code that is shown", async () => {
    const hiding = wayOf((way) => way.hidesErrors === true);
    const open: Way = { ...http, name: "open", hidesErrors: true };
    for (const [way, count] of [
      [hiding, 0],
      [open, 4],
    ] as const) {
      const { differences } = await compareOutcomes(way, named(["moody"]));
      expect(differences.length).toBeGreaterThanOrEqual(count);
      expect(differences.length > 0).toBe(count > 0);
    }
  });

  it("ends when it is to end", async () => {
    const plan = closely({ surfaces, signal: AbortSignal.abort(new Error("enough")) });
    await expect(runConformance(plan)).rejects.toSatisfy((thrown) =>
      AtomicError.isInstance(thrown, "CANCELLED"),
    );
  });
});
