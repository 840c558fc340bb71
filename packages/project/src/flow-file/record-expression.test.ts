import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openProject } from "../project/open-project.ts";
import { loadFlow } from "./load-flow.ts";

const folder = mkdtempSync(join(tmpdir(), "atomic-record-expression-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
let count = 0;

/** What the only record's letter says. */
async function letterOf(stages: string): Promise<string | undefined> {
  const directory = join(folder, String(count++));
  mkdirSync(directory);
  writeFileSync(join(directory, "in.jsonl"), '{"sum":null,"count":2,"name":"Ada"}\n');
  const text = `source: in.jsonl\nstages:\n${stages}    onError: dead-letter\nsink: out.jsonl\n`;
  writeFileSync(join(directory, "work.flow.yaml"), text);
  const flow = await loadFlow(await openProject({ directory }), "work");
  const { deadLetters } = await flow.start().summary;
  return deadLetters[0]?.error.message;
}

describe("a record with which an expression fails", () => {
  it.each([
    [
      "  - map: { id: record.name, means: { mean: record.sum / record.count } }\n",
      "The map failed: means.mean: record.sum / record.count: cannot divide null and a whole number",
    ],
    [
      "  - filter: record.sum > 1\n",
      'The filter failed: record.sum > 1: ">" compares two numbers or two texts, not null and a whole number',
    ],
    ["  - split: record.name\n", "The split failed: record.name: expected a list, got a text"],
    [
      "  - sort: { by: [record.sum - 1] }\n",
      "The key failed: record.sum - 1: cannot subtract null and a whole number",
    ],
    [
      "  - transform: { derive: { mean: record.sum / record.count } }\n",
      "The transform failed: mean: record.sum / record.count: cannot divide null and a whole number",
    ],
  ])("is told with the key and the expression: %s", async (stages, message) => {
    expect(await letterOf(stages)).toBe(message);
  });

  it("is told with the part that failed of a long expression", async () => {
    const long = `size(record.name) + size(record.name) + size(record.name) + (record.sum / record.count)`;
    expect(await letterOf(`  - map: { mean: "${long}" }\n`)).toBe(
      "The map failed: mean: record.sum / record.count: cannot divide null and a whole number",
    );
  });
});
