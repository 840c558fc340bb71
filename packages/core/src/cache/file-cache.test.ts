import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CacheEntry, type CacheKey, cacheKeyOf, FileCache } from "../index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "atomic-agents-file-cache-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function keyOf(input: unknown): CacheKey {
  const key = cacheKeyOf({ name: "ask", version: "1.0.0" }, input);
  if (key === undefined) throw new Error("no key");
  return key;
}

const entryOf = (output: unknown): CacheEntry => ({ output, storedAtMs: 1_000, expiresAtMs: 2_000 });
const filesOf = () => globSync("**", { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile());
const pathOf = ({ digest }: CacheKey) => join(folder, digest.slice(0, 2), digest.slice(2));

test("a file has the digest of its key for a name, and is its owner's alone", async () => {
  const store = new FileCache({ folder: join(folder, "made", "when needed") });
  const key = keyOf({ text: "a" });
  await store.set(key, entryOf("b"));
  const path = join("made", "when needed", key.digest.slice(0, 2), key.digest.slice(2));
  expect(filesOf()).toEqual([path]);
  expect(statSync(join(folder, path)).mode & 0o077).toBe(0);
  expect(statSync(dirname(join(folder, path))).mode & 0o077).toBe(0);
});

test("entries outlive the store that wrote them", async () => {
  await new FileCache({ folder }).set(keyOf(1), entryOf("kept"));
  expect(await new FileCache({ folder }).get(keyOf(1), 1_500)).toEqual(entryOf("kept"));
});

test("an entry that has expired is removed when it is met", async () => {
  const store = new FileCache({ folder });
  await store.set(keyOf(1), entryOf("old"));
  expect(await store.get(keyOf(1), 2_000)).toBeUndefined();
  expect(filesOf()).toEqual([]);
});

describe("a damaged file is a miss, and is removed", () => {
  const key = keyOf("damaged");
  const written = async () => {
    const store = new FileCache({ folder });
    await store.set(key, entryOf({ answer: "yes", list: [1, 2, 3] }));
    return { store, text: readFileSync(pathOf(key)) };
  };
  const gotOf = async (store: FileCache) => ({ entry: await store.get(key, 1_500), files: filesOf() });
  const miss = { entry: undefined, files: [] };

  test("cut off anywhere", async () => {
    const { store, text } = await written();
    for (let length = 0; length < text.length; length++) {
      writeFileSync(pathOf(key), text.subarray(0, length));
      expect(await gotOf(store)).toEqual(miss);
    }
    writeFileSync(pathOf(key), text);
    expect(await store.get(key, 1_500)).toBeDefined();
  });

  test("with any bit the other way", async () => {
    const { store, text } = await written();
    for (let at = 0; at < text.length; at++) {
      const other = Buffer.from(text);
      other[at] = Number(text[at]) ^ (1 << (at % 8));
      writeFileSync(pathOf(key), other);
      expect(await gotOf(store)).toEqual(miss);
    }
  });

  test.each(["", "\n", "null", "{}", "\0\0\0\0", "x".repeat(70)])("with %j in it", async (text) => {
    const { store } = await written();
    writeFileSync(pathOf(key), text);
    expect(await gotOf(store)).toEqual(miss);
  });

  test("whole, but of another key", async () => {
    const { store, text } = await written();
    rmSync(pathOf(key));
    const other = keyOf("other");
    mkdirSync(dirname(pathOf(other)), { recursive: true });
    writeFileSync(pathOf(other), text);
    expect(await store.get(other, 1_500)).toBeUndefined();
    expect(filesOf()).toEqual([]);
  });
});

test("what is in the way is told to the caller, who runs on without it", async () => {
  writeFileSync(join(folder, "file"), "");
  const store = new FileCache({ folder: join(folder, "file") });
  await expect(store.set(keyOf(1), entryOf(1))).rejects.toMatchObject({ code: "ENOTDIR" });
  await expect(store.get(keyOf(1), 0)).rejects.toMatchObject({ code: "ENOTDIR" });
  await expect(store.delete(keyOf(1))).rejects.toMatchObject({ code: "ENOTDIR" });
});

describe("maxEntries", () => {
  test.each([1, 2, 3, 10, 25])(
    "%i files are never exceeded, and the newest is among them",
    async (maxEntries) => {
      const store = new FileCache({ folder, maxEntries });
      for (let index = 0; index < 3 * maxEntries + 5; index++) {
        await store.set(keyOf(index), entryOf(index));
        expect(filesOf().length).toBeLessThanOrEqual(maxEntries);
        expect(await store.get(keyOf(index), 1_500)).toEqual(entryOf(index));
      }
      expect(filesOf().length).toBeGreaterThanOrEqual(Math.floor(maxEntries * 0.9));
    },
  );

  test("nor when many are written at the same time", async () => {
    const store = new FileCache({ folder, maxEntries: 50 });
    for (let round = 0; round < 5; round++) {
      const inputs = Array.from({ length: 60 }, (_none, index) => `${round} ${index}`);
      await Promise.all(inputs.map((input) => store.set(keyOf(input), entryOf(input))));
      expect(filesOf().length).toBeLessThanOrEqual(50);
    }
  });

  test("the oldest go first, and those of an earlier process count", async () => {
    const earlier = new FileCache({ folder });
    for (let index = 0; index < 10; index++) {
      await earlier.set(keyOf(index), entryOf(index));
      utimesSync(pathOf(keyOf(index)), index, index);
    }
    await new FileCache({ folder, maxEntries: 10 }).set(keyOf(10), entryOf(10));
    const kept = await Promise.all(
      Array.from({ length: 11 }, (_none, index) => earlier.get(keyOf(index), 1_500)),
    );
    expect(kept.map((entry) => entry?.output)).toEqual([undefined, ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]);
  });

  test("files that are none of its own are left alone", async () => {
    mkdirSync(join(folder, "ab"), { recursive: true });
    writeFileSync(join(folder, "README"), "");
    writeFileSync(join(folder, "ab", "notes.txt"), "");
    const store = new FileCache({ folder, maxEntries: 1 });
    for (const input of [1, 2, 3]) await store.set(keyOf(input), entryOf(input));
    expect(filesOf()).toEqual(expect.arrayContaining(["README", join("ab", "notes.txt")]));
  });

  test("what a process left half-written is removed after an hour", async () => {
    mkdirSync(join(folder, "ab"), { recursive: true });
    const nowMs = Date.UTC(2025, 0, 1);
    for (const [name, agoMs] of [
      ["old.part", 3_601_000],
      ["new.part", 3_599_000],
    ] as const) {
      writeFileSync(join(folder, "ab", name), "half");
      utimesSync(join(folder, "ab", name), (nowMs - agoMs) / 1_000, (nowMs - agoMs) / 1_000);
    }
    await new FileCache({ folder }).set(keyOf(1), { output: 1, storedAtMs: nowMs, expiresAtMs: nowMs + 1 });
    expect(filesOf().filter((path) => path.endsWith(".part"))).toEqual([join("ab", "new.part")]);
  });
});

test("a file that cannot be put in its place leaves nothing behind", async () => {
  const store = new FileCache({ folder });
  mkdirSync(join(pathOf(keyOf(1)), "in the way"), { recursive: true });
  await expect(store.set(keyOf(1), entryOf(1))).rejects.toMatchObject({ syscall: "rename" });
  expect(filesOf()).toEqual([]);
});

const core = fileURLToPath(new URL("../index.ts", import.meta.url));

/** A process that writes large entries, over and over the same few keys, and says so. */
function startWriter(writer: number) {
  const program = `
    import { cacheKeyOf, FileCache } from ${JSON.stringify(core)};
    const store = new FileCache({ folder: ${JSON.stringify(folder)} });
    console.log("ready");
    for (let round = 0; ; round++) {
      const key = cacheKeyOf({ name: "ask", version: "1.0.0" }, round % 5);
      const output = { writer: ${writer}, text: String(round % 10).repeat(300_000) };
      await store.set(key, { output, storedAtMs: 1_000, expiresAtMs: 2_000 });
    }`;
  const child = spawn(
    process.execPath,
    ["--conditions=@atomic-agents/source", "--no-warnings", "--input-type=module", "--eval", program],
    { cwd: fileURLToPath(new URL(".", import.meta.url)), stdio: ["ignore", "pipe", "inherit"] },
  );
  return child;
}

test("two processes that write one folder and are killed leave whole entries only", async () => {
  const store = new FileCache({ folder });
  let whole = 0;
  for (let round = 0; round < 2; round++) {
    const writers = [startWriter(1), startWriter(2)];
    await Promise.all(writers.map((writer) => once(writer.stdout, "data")));
    const ended = Promise.all(writers.map((writer) => once(writer, "exit")));
    // Read while they write, until they have written for some time; then they are killed wherever they are.
    for (let reads = 0; reads < 20; reads++) whole += await readAll(store);
    for (const writer of writers) writer.kill("SIGKILL");
    await ended;
    whole += await readAll(store);
  }
  expect(whole).toBeGreaterThan(0);
});

/** How many entries there are; each of them has to be one that was written. */
async function readAll(store: FileCache): Promise<number> {
  let whole = 0;
  for (let input = 0; input < 5; input++) {
    const entry = await store.get(keyOf(input), 1_500);
    if (entry === undefined) continue;
    const { writer, text } = entry.output as { readonly writer: number; readonly text: string };
    expect([1, 2]).toContain(writer);
    expect(text.length).toBe(300_000);
    expect(text).toBe((text[0] ?? "").repeat(300_000));
    expect(Number(text[0]) % 5).toBe(input);
    whole++;
  }
  return whole;
}
