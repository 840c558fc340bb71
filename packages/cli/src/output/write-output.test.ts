import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { CommandFailure } from "../command-failure.ts";
import { UsageError } from "../usage-error.ts";
import { checkOutput, writeOutput } from "./write-output.ts";

const folder = mkdtempSync(join(tmpdir(), "atomic-output-"));
const inFolder = (...names: readonly string[]) => join(folder, ...names);
mkdirSync(inFolder("sub"));
writeFileSync(inFolder("file"), "old");
symlinkSync(inFolder("circle"), inFolder("circle"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function refusal(path: string): UsageError {
  try {
    checkOutput(path);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

/** Permissions mean nothing to root. */
const isRoot = process.getuid?.() === 0;

describe("an output path", () => {
  it.each([
    ["a folder", inFolder("sub"), "is a folder", inFolder("sub", "result.json")],
    ["a folder to be", inFolder("nowhere/"), "is a folder", inFolder("nowhere", "result.json")],
    [
      "in a missing folder",
      inFolder("no/where/x.json"),
      "There is no folder",
      `mkdir -p ${inFolder("no/where")}`,
    ],
    ["under a file", inFolder("file/x.json"), "is no folder but a file", "Name a file in a folder."],
    ["deep under a file", inFolder("file/a/x.json"), `${inFolder("file")} is no folder but a file`, "Name"],
    ["a circle of links", inFolder("circle"), "its links lead in a circle", "Write to another folder"],
    ["a name too long", inFolder("x".repeat(300)), "the name is too long", "Write to another folder"],
    ["no path", "", "needs the path of a file", undefined],
    ["no possible path", "a\0b", "needs the path of a file", undefined],
  ])("is refused before the agent runs: %s", (_, path, message, hint) => {
    const error = refusal(path);
    expect(error.message).toContain(message);
    expect(error).toMatchObject({
      where: "--output",
      expected: expect.stringContaining("or - for standard output"),
    });
    if (hint !== undefined) expect(error.hint).toContain(hint);
    expect(error.got).toBe(path === "" || path.includes("\0") ? JSON.stringify(path) : path);
    expect(error.message).not.toContain(".tmp");
  });

  it.runIf(process.platform === "linux")("is refused where nothing can be made", () => {
    expect(refusal("/proc/result.json").message).toMatch(/^\/proc\/result\.json cannot be written: /);
  });

  it.skipIf(isRoot)("is refused where the user has no permission", () => {
    mkdirSync(inFolder("closed"));
    writeFileSync(inFolder("closed", "file"), "old");
    writeFileSync(inFolder("protected"), "old", { mode: 0o444 });
    chmodSync(inFolder("closed"), 0o555);
    for (const path of [inFolder("closed", "new"), inFolder("closed", "file"), inFolder("protected")]) {
      expect(refusal(path).message).toBe(`${path} cannot be written: permission is denied`);
    }
  });

  it("is taken when it can be written, and nothing is left behind by trying", () => {
    const longest = inFolder("字".repeat(80));
    for (const path of [undefined, "-", inFolder("new"), inFolder("file"), longest]) checkOutput(path);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(existsSync(inFolder("new"))).toBe(false);
    expect(readFileSync(inFolder("file"), "utf8")).toBe("old");
  });
});

describe("a result", () => {
  it("goes to a file whose name is as long as names can be", async () => {
    const path = inFolder("字".repeat(84));
    await writeOutput("text", path);
    expect(readFileSync(path, "utf8")).toBe("text\n");
  });

  it.each([
    ["sub", "it is a folder"],
    ["gone/x.json", "no file can be made there"],
    ["file/x.json", "a part of it is no folder"],
  ])("that cannot be written after all (%s) says so with the path that was given", async (name, reason) => {
    const path = inFolder(name);
    const failure = await writeOutput("text", path).catch((error: unknown) => error);
    if (!(failure instanceof CommandFailure))
      throw new Error("expected a CommandFailure", { cause: failure });
    expect(failure.exitCode).toBe(1);
    expect(failure.error).toMatchObject({
      message: `${path} cannot be written: ${reason}`,
      where: "--output",
      got: path,
    });
  });
});
