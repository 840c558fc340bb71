import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";

// Each test waits for a process.
vi.setConfig({ testTimeout: 120_000 });

const root = join(import.meta.dirname, "../../../..");
const program = join(import.meta.dirname, "../bin.ts");
const folder = mkdtempSync(join(tmpdir(), "atomic infer "));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function atomic(...words: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const env = {
    ...process.env,
    NODE_OPTIONS: "--conditions=@atomic-agents/source",
    NODE_COMPILE_CACHE: join(root, "out", "compile-cache"),
  };
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      [program, ...words],
      { cwd: folder, env, timeout: 100_000 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    ),
  );
}

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

describe("atomic infer", () => {
  it("prints a schema, and says what a source can say of columns", async () => {
    write("sales.csv", "id,price,on sale,name\n1,2.5,true,x\n2,,false,y\n");
    const { code, stdout, stderr } = await atomic("infer", "sales.csv");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $comment: "of 2 records",
      required: ["id", "price", "on sale", "name"],
    });
    expect(stdout.split("\n").length).toBeGreaterThan(10);
    expect(stderr).toBe(
      'These texts are all written as other values; a source can say so: types: { id: integer, price: number, "on sale": boolean }\n',
    );
  });

  // To root all files are readable.
  it.skipIf(process.getuid?.() === 0)("says of a file that it may not be read", async () => {
    write("locked.jsonl", '{"a":1}\n');
    chmodSync(join(folder, "locked.jsonl"), 0o000);
    const { code, stdout, stderr } = await atomic("infer", "locked.jsonl");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /^error: locked.jsonl cannot be read: permission is denied\n {2}where: {4}<file>\n/,
    );
  });

  it("writes it to a file, of some records, and tells of those that cannot be read", async () => {
    write("odd.jsonl", '{"a":1}\n{"a":\n{"a":7}\n{"b":1}\n');
    const { code, stdout, stderr } = await atomic(
      "infer",
      "odd.jsonl",
      "--limit",
      "3",
      "--strict",
      "--output",
      "a.json",
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toMatch(/^1 record could not be read: .*odd\.jsonl:2/);
    expect(JSON.parse(readFileSync(join(folder, "a.json"), "utf8"))).toMatchObject({
      properties: { a: { type: "integer", minimum: 1, maximum: 7 } },
      additionalProperties: false,
    });
  });

  it("says of an empty file that there is nothing to go by", async () => {
    write("empty.jsonl", "");
    const { code, stdout, stderr } = await atomic("infer", "empty.jsonl", "--json");
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "There are no records: the schema takes anything.\n",
    });
    expect(JSON.parse(stdout)).toHaveProperty("$comment", "there were no records");
  });

  it("does not write over what it reads, by whatever name", async () => {
    write("only.csv", "id\n1\n");
    symlinkSync("only.csv", join(folder, "link.csv"));
    const hint = /error: .* is the file that is read\n[^]*try: +--output \S+\.schema\.json/;
    for (const output of ["only.csv", "./only.csv", "link.csv"]) {
      for (const input of ["only.csv", "on*.csv"]) {
        const { code, stderr } = await atomic("infer", input, "--output", output);
        expect([code, stderr]).toEqual([2, expect.stringMatching(hint)]);
      }
    }
    expect(readFileSync(join(folder, "only.csv"), "utf8")).toBe("id\n1\n");
  });

  it("says of a folder which files are in it, and what to type", async () => {
    for (const name of [
      "many/b.csv",
      "many/a.csv",
      "many/c.jsonl",
      "many/.d.csv",
      "many/notes.md",
      "one/x.json",
    ]) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      write(name, "a\n1\n");
    }
    mkdirSync(join(folder, "none/deep.csv"), { recursive: true });
    const many = await atomic("infer", "many");
    expect(many.code).toBe(2);
    expect(many.stderr).toContain("error: many is a folder\n");
    expect(many.stderr).toContain(
      "try:      atomic infer many/a.csv, or of all 2 that end so, as one: atomic infer 'many/*.csv'. In it are: a.csv, b.csv, c.jsonl\n",
    );
    expect((await atomic("infer", "one")).stderr).toMatch(/try: +atomic infer one\/x\.json\n/);
    expect((await atomic("infer", "none")).stderr).toMatch(
      /try: +There is no file of records in it, such as/,
    );
  });

  it("says of a pattern that finds nothing, and of a name without a format, what to try", async () => {
    const none = await atomic("infer", "none*.csv");
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringMatching(/^error: No file is found by "none\*\.csv"\n/),
    ]);
    write("what.odd", "{}\n");
    for (const given of ["what.odd", "what.*"]) {
      const { code, stderr } = await atomic("infer", given);
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/what\.odd does not say[^]*--format jsonl, json/),
      ]);
    }
    expect((await atomic("infer", "what.odd", "--format", "jsonl")).code).toBe(0);
  });

  it("fails for a file that is not there, and for one of no known format", async () => {
    expect((await atomic("infer", "none.jsonl")).code).not.toBe(0);
    write("x.odd", "{}");
    expect((await atomic("infer", "x.odd")).stderr).toContain("format");
    expect((await atomic("infer")).code).toBe(2);
  });
});
