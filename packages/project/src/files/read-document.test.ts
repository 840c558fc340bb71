import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { formatProblem } from "./problem.ts";
import { readDocument } from "./read-document.ts";

const directory = mkdtempSync(join(tmpdir(), "read-document-"));
afterAll(() => rmSync(directory, { recursive: true }));

function write(name: string, content: string | Uint8Array): void {
  writeFileSync(join(directory, name), content);
}

async function problemsOf(name: string): Promise<readonly string[]> {
  const { document, problems } = await readDocument(name, { directory });
  expect(document).toBeUndefined();
  return problems.map((problem) => `${formatProblem(problem)} (${problem.code})`);
}

describe("readDocument", () => {
  test("reads YAML, and JSON by its name", async () => {
    mkdirSync(join(directory, "flows"));
    write("flows/a.flow.yaml", "a: 1 # one\n");
    write("a.json", '{"a": 1}');
    const { document, problems } = await readDocument("flows/a.flow.yaml", { directory });
    expect(problems).toEqual([]);
    expect(document).toMatchObject({
      file: "flows/a.flow.yaml",
      path: join(directory, "flows/a.flow.yaml"),
      format: "yaml",
      value: { a: 1 },
    });
    const json = await readDocument(join(directory, "a.json"), { directory });
    expect(json.document).toMatchObject({ file: "a.json", format: "json", value: { a: 1 } });
  });

  test("names what lies elsewhere from the directory", async () => {
    expect(await problemsOf("../no-such-folder-at-all/a.yaml")).toEqual([
      "../no-such-folder-at-all/a.yaml:1:1: There is no such file (unreadable)",
    ]);
  });

  test("refuses what is no file, without waiting for it", async () => {
    execFileSync("mkfifo", [join(directory, "pipe.yaml")]);
    symlinkSync("nowhere", join(directory, "dangling.yaml"));
    expect(await problemsOf("pipe.yaml")).toEqual(["pipe.yaml:1:1: It is no ordinary file (unreadable)"]);
    expect(await problemsOf("dangling.yaml")).toEqual([
      "dangling.yaml:1:1: There is no such file (unreadable)",
    ]);
    expect(await problemsOf(".")).toEqual([":1:1: It is a folder, not a file (unreadable)"]);
  });

  test("refuses a file that is too long without reading it", async () => {
    write("long.yaml", Buffer.alloc(10_000_000, "a: b\n"));
    expect(await problemsOf("long.yaml")).toEqual([
      "long.yaml:1:1: The file is 10,000,000 bytes long; a project file has at most 1,048,576 (limit)",
    ]);
  });

  test.each([
    [
      "a byte of Latin-1",
      Buffer.from("name: tickets\ndescription: caf\xe9 au lait\n", "latin1"),
      "2:17: Bytes that are not UTF-8",
    ],
    [
      "after a character of several bytes",
      Buffer.concat([Buffer.from("é: 😀 "), Buffer.from([0xc3, 0x28])]),
      "1:7: Bytes that are not UTF-8",
    ],
    ["a cut character at the end", Buffer.from("a: é").subarray(0, 4), "1:4: Bytes that are not UTF-8"],
    ["half of a pair", Buffer.from([0x61, 0x3a, 0x20, 0xed, 0xa0, 0x80]), "1:4: Bytes that are not UTF-8"],
    ["UTF-16", Buffer.from("\u{feff}a: b", "utf16le"), "1:1: The file is UTF-16, not UTF-8"],
  ])("refuses what is not UTF-8: %s", async (_what, bytes, problem) => {
    write("bytes.yaml", bytes);
    expect(await problemsOf("bytes.yaml")).toEqual([`bytes.yaml:${problem} (unreadable)`]);
  });

  test("reads what has a mark of UTF-8", async () => {
    write("mark.yaml", "\u{feff}a: b\n");
    expect((await readDocument("mark.yaml", { directory })).document?.value).toEqual({ a: "b" });
  });
});
