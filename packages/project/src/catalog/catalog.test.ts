import { describe, expect, it } from "vitest";
import { parseText } from "../files/parse-text.ts";
import { checkFlowFile } from "../schemas/check-shape.ts";
import { loadSchema } from "../schemas/schema.ts";
import { capabilities, needsOf } from "./capabilities.ts";
import { loadCatalog } from "./catalog.ts";
import { stageNotes } from "./stage-notes.ts";

describe("the catalog", () => {
  it("has all kinds of stages and all built-in agents, each with a capability that is known", async () => {
    const catalog = await loadCatalog();
    const stages = catalog.filter(({ kind }) => kind === "stage");
    const { title = "" } = loadSchema("flow").definitions["stage"] ?? {};
    const kinds = title.replace(/^.* one of agent, /, "").split(", ");
    expect(stages.map(({ name }) => name)).toEqual(kinds);
    expect(kinds).toContain("validate");
    expect(catalog.filter(({ kind }) => kind === "agent").map(({ name }) => name)).toContain("sentiment");
    expect(catalog.filter(({ kind }) => kind === "configured-agent")).toMatchObject([
      { name: "classifier", capabilities: ["text", "classification", "data-enrichment"] },
      { name: "extractor", capabilities: ["text", "extraction", "data-enrichment"] },
    ]);
    const known = new Set(capabilities.map(({ name }) => name));
    for (const { name, capabilities: own, description } of catalog) {
      expect([name, own.some((each) => known.has(each))]).toEqual([name, true]);
      expect(description).not.toBe("");
    }
    for (const { name } of capabilities) {
      expect([name, catalog.some((entry) => entry.capabilities.includes(name))]).toEqual([name, true]);
    }
  });

  it.each(Object.entries(stageNotes).filter(([, { example }]) => example !== undefined))(
    "shows how %s is written",
    (name, { example = "" }) => {
      expect(example).toContain(`- ${name}: `);
      const lines = example.split("\n").map((line) => `  ${line}\n`);
      const text = `source: a.jsonl\nsink: b.jsonl\nstages:\n${lines.join("")}`;
      const { document, problems } = parseText(text, { file: "a.flow.yaml" });
      expect(problems).toEqual([]);
      expect(document && checkFlowFile(document)).toEqual([]);
    },
  );

  it("says what a computer has to have: the most of any capability, unless it is said", () => {
    expect(needsOf(["stream-processing"])).toEqual({ memoryMb: 1_024, cores: 2 });
    expect(needsOf(["batch-processing"])).toEqual({ memoryMb: 2_048, cores: 4 });
    expect(needsOf(["data-transformation", "text"])).toEqual({ memoryMb: 512, cores: 1 });
    expect(needsOf(["data-transformation", "data-aggregation"])).toEqual({ memoryMb: 2_048, cores: 2 });
    expect(needsOf(["own"])).toEqual({ memoryMb: 512, cores: 1 });
    expect(needsOf(["batch-processing"], { cores: 1 })).toEqual({ memoryMb: 2_048, cores: 1 });
    expect(needsOf([], { memoryMb: 64, cores: 8 })).toEqual({ memoryMb: 64, cores: 8 });
  });
});
