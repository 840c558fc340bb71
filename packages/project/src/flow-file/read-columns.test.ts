import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkProject } from "../check/check-project.ts";
import { openProject } from "../project/open-project.ts";
import { loadFlow } from "./load-flow.ts";
import { readColumns } from "./read-columns.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "read-columns-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function written(name: string, text: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

describe("the columns of files of CSV", () => {
  it("are those of their first rows", async () => {
    const a = written("a.csv", '\uFEFFid,"the, name",10\r\n1,x,2\n');
    const b = written("b.csv.gz", gzipSync("10,id\n1,2\n"));
    expect(await readColumns([a], {})).toMatchObject({
      all: expect.arrayContaining(["id", "the, name", "10"]),
    });
    const both = await readColumns([a, b], {});
    expect(both?.all.toSorted()).toEqual(["10", "id", "the, name"]);
    expect(both?.inEach.toSorted()).toEqual(["10", "id"]);
    const tabs = written("c.txt", "a;b\n1;2\n");
    expect(await readColumns([tabs], { format: "csv", delimiter: ";" })).toEqual({
      all: ["a", "b"],
      inEach: ["a", "b"],
      asNumbers: ["a", "b"],
    });
  });

  it("are those of the first row that can be read", async () => {
    const ragged = written("ragged.csv", 'a,b\n1\n1,2,3\n"\n1,2\n');
    expect(await readColumns([ragged], {})).toEqual({
      all: ["a", "b"],
      inEach: ["a", "b"],
      asNumbers: ["a", "b"],
    });
  });

  it("hold numbers where all fields that are not blank are written so, and nothing else is said", async () => {
    const a = written(
      "n.csv",
      "id,price,zip,day,code,none,said\n1,9.5,01234,2026-01-01,1,,1\n2,,04567,2026-01-02,2,,2\n",
    );
    const b = written("m.csv", "id,code\n3,x\n");
    expect((await readColumns([a, b], { types: { said: "text" } }))?.asNumbers).toEqual(["id", "price"]);
  });

  it("warn of the greatest of texts that are written as numbers", async () => {
    const problemsOf = async (
      types: string,
      key: string,
      figure = "max",
      stage = "sort: { by: [day] }",
    ): Promise<readonly unknown[]> => {
      const project = mkdtempSync(join(directory, "figures-"));
      writeFileSync(join(project, "in.csv"), "day,price\n2026-01-01,9.5\n2026-01-02,10\n");
      writeFileSync(
        join(project, "work.flow.yaml"),
        `source: { file: in.csv${types} }
stages:
  - ${stage}
  - aggregate: { by: [], calculate: { most: { ${figure}: ${key} } } }
sink: out.jsonl
`,
      );
      const problems = await checkProject(await openProject({ directory: project }), { strict: false });
      return problems.map(({ severity, line, message, hint }) => [severity, line, message, hint]);
    };
    expect(await problemsOf("", "price")).toEqual([
      [
        "warning",
        4,
        '"price" holds numbers as texts, and of texts "9.5" is more than "10"',
        "Say types: { price: number } in the source, or types: { price: text } where texts are meant.",
      ],
    ]);
    expect(await problemsOf("", "price", "sum")).toEqual([
      [
        "error",
        4,
        expect.stringContaining('"price" must be a number'),
        "Say types: { price: number } in the source.",
      ],
    ]);
    expect(await problemsOf("", "day")).toEqual([]);
    expect(await problemsOf(", types: { price: number }", "price")).toEqual([]);
    expect(await problemsOf(", types: { price: text }", "price")).toEqual([]);
    const behind = (stage: string, key = "price") => problemsOf("", key, "max", stage);
    const told = (key: string) => [
      [
        "warning",
        4,
        `"${key}" holds numbers as texts, and of texts "9.5" is more than "10"`,
        "Say types: { price: number } in the source, or types: { price: text } where texts are meant.",
      ],
    ];
    expect(await behind("map: { day: record.day, cost: record.price }", "cost")).toEqual(told("cost"));
    expect(await behind("filter: record.price != ''")).toEqual(told("price"));
    expect(await behind("transform: { rename: { price: cost } }", "cost")).toEqual(told("cost"));
    expect(await behind("map: { price: double(record.price) }")).toEqual([]);
    expect(await behind('map: { price: record.price + " EUR" }')).toEqual([]);
  });

  it("are not known where they cannot be read", async () => {
    const fine = written("fine.csv", "a\n1\n");
    const lines = written("lines.jsonl", '{"a":1}\n');
    for (const each of [
      written("empty.csv", ""),
      written("header.csv", "a,b\n"),
      written("twice.csv", "a,a\n1,2\n"),
      written(
        "wide.csv",
        `${Array.from({ length: 1_001 }, (_, at) => `c${at}`).join()}\n${"1,".repeat(1_000)}1\n`,
      ),
      join(directory, "none.csv"),
      directory,
      lines,
    ]) {
      expect([each, await readColumns([fine, each], {})]).toEqual([each, undefined]);
    }
    expect(await readColumns([], {})).toBeUndefined();
    expect(await readColumns(Array<string>(21).fill(fine), {})).toBeUndefined();
    // Told when the source is made.
    expect(await readColumns([fine], { maxRecordBytes: -1 })).toBeUndefined();
  });

  it("are no part of what decides what a flow does", async () => {
    const hashOf = async (text: string): Promise<string> => {
      written("in.csv", text);
      written("in.flow.yaml", "source: in.csv\nstages: [filter: record.a == '1']\nsink: out.csv\n");
      return (await loadFlow(await openProject({ directory }), "in")).hash;
    };
    expect(await hashOf("a,b\n1,2\n")).toBe(await hashOf("c,a\n1,2\n"));
    await expect(hashOf("c,d\n1,2\n")).rejects.toThrow("record.a: there is no such field");
  });
});
