import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { addEntries, addEntry } from "./add-entries.ts";

const directory = mkdtempSync(join(tmpdir(), "add-entries-"));
afterAll(() => rmSync(directory, { recursive: true }));
const yaml = join(directory, "atomic.yaml");

test("addEntries writes all of them, keeps the file's permissions, and leaves nothing behind", async () => {
  writeFileSync(yaml, "# mine\nname: x\n", { mode: 0o640 });
  chmodSync(yaml, 0o640);
  await addEntries(yaml, [
    { path: ["agents", "a"], value: "./a.ts#a" },
    { path: ["pipelines", "p"], value: { stages: ["a"] } },
  ]);
  expect(readFileSync(yaml, "utf8")).toBe(
    "# mine\nname: x\nagents:\n  a: ./a.ts#a\npipelines:\n  p:\n    stages:\n      - a\n",
  );
  expect(statSync(yaml).mode & 0o777).toBe(0o640);
  expect(readdirSync(directory)).toEqual(["atomic.yaml"]);
});

test("addEntries writes all or none", async () => {
  writeFileSync(yaml, "agents:\n  a: x\n");
  const entries = [
    { path: ["agents", "b"], value: "y" },
    { path: ["agents", "a"], value: "z" },
  ];
  await expect(addEntries(yaml, entries)).rejects.toThrow("atomic.yaml:2:3: agents.a is there already");
  expect(readFileSync(yaml, "utf8")).toBe("agents:\n  a: x\n");
});

test("addEntry writes through a link, and into JSON", async () => {
  mkdirSync(join(directory, "real"));
  writeFileSync(join(directory, "real/atomic.json"), '{"agents": {}}');
  symlinkSync("real/atomic.json", join(directory, "atomic.json"));
  await addEntry(join(directory, "atomic.json"), ["agents", "a"], "x");
  expect(JSON.parse(readFileSync(join(directory, "real/atomic.json"), "utf8"))).toEqual({
    agents: { a: "x" },
  });
  expect(readdirSync(directory).toSorted()).toEqual(["atomic.json", "atomic.yaml", "real"]);
});

test("addEntry keeps a mark of UTF-8", async () => {
  writeFileSync(yaml, "\u{feff}name: x\n");
  await addEntry(yaml, ["agents", "a"], "x");
  expect(readFileSync(yaml, "utf8")).toBe("\u{feff}name: x\nagents:\n  a: x\n");
});

test("addEntry refuses a file that is not there, or is broken", async () => {
  await expect(addEntry(join(directory, "missing.yaml"), ["a"], 1)).rejects.toThrow(
    "missing.yaml:1:1: There is no such file",
  );
  writeFileSync(yaml, "a: [\n");
  await expect(addEntry(yaml, ["b"], 1)).rejects.toThrow(
    'atomic.yaml:2:1: A "]" is missing before this place',
  );
  expect(readFileSync(yaml, "utf8")).toBe("a: [\n");
});
