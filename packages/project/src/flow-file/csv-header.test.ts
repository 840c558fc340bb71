import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkProject } from "../check/check-project.ts";
import { openProject } from "../project/open-project.ts";
import { loadFlow } from "./load-flow.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "csv-header-"));
  writeFileSync(join(directory, "in.csv"), "Kundennummer,Betrag\n1,2.5\n2,4\n");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function flowFile(source: string): void {
  writeFileSync(
    join(directory, "rows.flow.yaml"),
    `source: ${source}\nstages:\n  - filter: record.amount > 3.0\nsink: out.jsonl\n`,
  );
}

describe("a first row of names in a flow file", () => {
  it("is passed over where columns stand in their place", async () => {
    flowFile("{ file: in.csv, columns: [id, amount], header: true, types: { amount: number } }");
    const loaded = await loadFlow(await openProject({ directory }), "rows");
    expect(await loaded.start().summary).toMatchObject({ status: "success", read: 2, filtered: 1 });
    expect(readFileSync(join(directory, "out.jsonl"), "utf8")).toBe('{"id":"2","amount":4}\n');
  });

  it("is told of with its place where nothing says what columns are called", async () => {
    flowFile("{ file: in.csv, header: false }");
    expect(await checkProject(await openProject({ directory }))).toMatchObject([
      {
        file: "rows.flow.yaml",
        line: 1,
        column: 33,
        message: "fromFile: header must be true where no columns are given, got false",
        hint: "Give the columns their names.",
      },
    ]);
  });
});
