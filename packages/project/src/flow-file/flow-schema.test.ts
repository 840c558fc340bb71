import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const scratch = join(import.meta.dirname, "../../../../out");
mkdirSync(scratch, { recursive: true });
const folder = realpathSync(mkdtempSync(join(scratch, "flow-schema-")));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the JSON Schema of a flow file", () => {
  it("is done with a pattern in time that grows with the text alone", { timeout: 60_000 }, () => {
    const text = `${"a".repeat(50_000)}!`;
    writeFileSync(
      join(folder, "in.jsonl"),
      `${JSON.stringify({ id: "aaa" })}\n${JSON.stringify({ id: text })}\n${JSON.stringify({ [text]: 1 })}\n`,
    );
    const schema = {
      properties: { id: { pattern: "^(a+)+$" } },
      patternProperties: { "^(a|aa)+$": { type: "string" } },
    };
    writeFileSync(
      join(folder, "hostile.flow.json"),
      JSON.stringify({
        source: { file: "in.jsonl", schema },
        stages: [{ validate: { schema, mode: "coerce" } }],
        sink: "out.jsonl",
      }),
    );
    const script = `
      import { loadFlow } from ${JSON.stringify(join(import.meta.dirname, "load-flow.ts"))};
      import { openProject } from ${JSON.stringify(join(import.meta.dirname, "../project/open-project.ts"))};
      const flow = await loadFlow(await openProject({ directory: ${JSON.stringify(folder)} }), "hostile");
      const { delivered, deadLettered } = await flow.start().summary;
      console.log(delivered, deadLettered);
    `;
    // With expressions that go back, it would take longer than the universe is old.
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      ["--conditions=@atomic-agents/source", "--input-type=module", "--eval", script],
      { timeout: 50_000, encoding: "utf8" },
    );
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: "" });
    expect(stdout).toBe("2 1\n");
    expect(readFileSync(join(folder, "out.jsonl"), "utf8").split("\n")).toHaveLength(3);
  });
});
