import type { Problem } from "@atomic-agents/project";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { writeSound } from "./write-sound.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "atomic-sound-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const files = new Map([["flows/a.flow.yaml", "name: a\n"]]);
const problem = (severity: Problem["severity"]): Problem => ({
  severity,
  code: "fit",
  message: "it does not fit",
  file: "flows/a.flow.yaml",
  line: 1,
  column: 7,
});

it("keeps what is right, or only doubtful", async () => {
  const seen: boolean[] = [];
  await writeSound({
    directory,
    files,
    check: async () => {
      seen.push(existsSync(join(directory, "flows/a.flow.yaml")));
      return [problem("warning")];
    },
    addEntry: async () => void seen.push(true),
  });
  expect(seen).toEqual([true, true]);
  expect(readdirSync(join(directory, "flows"))).toEqual(["a.flow.yaml"]);
});

it("writes nothing when what it has written is wrong", async () => {
  const entries: string[] = [];
  const check = async () => [problem("warning"), problem("error")];
  const written = writeSound({ directory, files, check, addEntry: async () => void entries.push("made") });
  await expect(written).rejects.toThrow("flows/a.flow.yaml:1:7: it does not fit");
  expect({ left: readdirSync(directory), entries }).toEqual({ left: [], entries: [] });
});

it("writes nothing when the entry cannot be made", async () => {
  const addEntry = () => Promise.reject(new Error("the disk is full"));
  await expect(writeSound({ directory, files, addEntry })).rejects.toThrow("the disk is full");
  expect(readdirSync(directory)).toEqual([]);
});
