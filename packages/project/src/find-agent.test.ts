import { describe, expect, it } from "vitest";
import { loadBuiltInAgents } from "./built-in-agents.ts";
import { findAgent } from "./find-agent.ts";

describe("findAgent", () => {
  it("finds every built-in agent by its name, and no two have the same", async () => {
    const agents = await loadBuiltInAgents();
    expect(agents.map(({ name }) => name)).toContain("text-processor");
    expect(new Set(agents.map(({ name }) => name)).size).toBe(agents.length);
    for (const agent of agents) expect(await findAgent(agent.name)).toBe(agent);
  });

  it("lists built-in agents by name", async () => {
    const names = (await loadBuiltInAgents()).map(({ name }) => name);
    expect(names).toEqual(names.toSorted());
  });

  it.each([
    ["text-procesor", "text-processor"],
    ["sumarize", "summarize"],
    ["Sentiment", "sentiment"],
    ["keywords", "extract-keywords"],
  ])("takes %s for a slip", async (slip, meant) => {
    await expect(findAgent(slip)).rejects.toMatchObject({
      code: "CONFIG",
      message: `There is no built-in agent "${slip}"`,
      hint: `Did you mean "${meant}"?`,
    });
  });

  it.each(["", "frobnicate", "__proto__", "x".repeat(100_000)])("has no agent %.20j", async (name) => {
    await expect(findAgent(name)).rejects.toMatchObject({
      code: "CONFIG",
      hint: expect.stringContaining("./agents.ts#myAgent"),
    });
  });

  it.each(["./nothing.ts", "nothing.mjs", "a/b", "nothing#x"])("takes %s for a module", async (reference) => {
    await expect(findAgent(reference)).rejects.toThrow(/Cannot load an agent from/);
  });
});
