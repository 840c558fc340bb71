import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AtomicError } from "@atomic-agents/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHistory } from "../history/create-history.ts";
import type { HistoryDump } from "../history/history-dump.ts";
import { image } from "../history/media.ts";
import { fileSessions } from "./file-sessions.ts";
import { memorySessions } from "./memory-sessions.ts";
import type { SessionStore } from "./session-store.ts";

let folder = "";
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sessions-"));
});
afterAll(() => rm(folder, { recursive: true }));

const newDirectory = (): string => join(folder, `${count++}`);

/** A conversation that says whose it is. */
function dumpOf(text: string): HistoryDump {
  const history = createHistory({ newId: () => "turn" });
  history.add([{ role: "user", content: { text, photo: image("https://x.test/a.png") } }]);
  return history.dump();
}

const isChanged = (error: unknown): boolean =>
  AtomicError.isInstance(error, "EXECUTION") && error.retryable && error.message.includes("was changed");

/** In a promise, whatever the store does. */
const save = async (store: SessionStore, id: string, text: string, revision: number): Promise<void> => {
  await store.save(id, dumpOf(text), { revision });
};

describe.each([
  ["memorySessions", () => memorySessions()],
  ["fileSessions", () => fileSessions({ directory: newDirectory() })],
])("%s", (_, open) => {
  it("gives what was saved, with its revision", async () => {
    const store = open();
    expect(await store.load("a")).toBeUndefined();
    await save(store, "a", "one", 0);
    expect(await store.load("a")).toEqual({ dump: dumpOf("one"), revision: 1 });
    await save(store, "a", "two", 1);
    expect(await store.load("a")).toEqual({ dump: dumpOf("two"), revision: 2 });
  });

  it("refuses to save over what somebody else has saved", async () => {
    const store = open();
    await save(store, "a", "one", 0);
    await expect(save(store, "a", "other", 0)).rejects.toSatisfy(isChanged);
    await save(store, "a", "two", 1);
    await expect(save(store, "a", "other", 1)).rejects.toSatisfy(isChanged);
    expect(await store.load("a")).toEqual({ dump: dumpOf("two"), revision: 2 });
  });

  it("lets one of many win who save the same revision", async () => {
    const store = open();
    const names = Array.from({ length: 20 }, (__, index) => `writer ${index}`);
    const results = await Promise.allSettled(names.map((name) => save(store, "a", name, 0)));
    const winners = names.filter((__, index) => results[index]?.status === "fulfilled");
    expect(winners).toHaveLength(1);
    expect(await store.load("a")).toEqual({ dump: dumpOf(winners[0] ?? ""), revision: 1 });
  });

  it("forgets a session, and then begins anew", async () => {
    const store = open();
    await store.delete("a");
    await save(store, "a", "one", 0);
    await save(store, "b", "other", 0);
    await store.delete("a");
    expect(await store.load("a")).toBeUndefined();
    await save(store, "a", "new", 0);
    expect((await store.load("a"))?.revision).toBe(1);
    expect((await store.load("b"))?.dump).toEqual(dumpOf("other"));
  });

  it("keeps sessions apart, whatever their ids", async () => {
    const awkward = [
      "..",
      ".",
      "../../etc/passwd",
      "a/b",
      "a\\b",
      "C:\\x",
      "CON",
      "con",
      "a",
      "A",
      "é",
      "e\u0301",
      "a\0b",
      "a ",
    ];
    const store = open();
    for (const id of [...awkward, "__proto__", "constructor"]) await save(store, id, id, 0);
    for (const id of [...awkward, "__proto__", "constructor"]) {
      expect((await store.load(id))?.dump).toEqual(dumpOf(id));
    }
    const ids = fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 1 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(ids, async (given) => {
        const other = open();
        for (const id of given) await save(other, id, id, 0);
        for (const id of given) expect((await other.load(id))?.dump).toEqual(dumpOf(id));
      }),
      { numRuns: 20 },
    );
  });
});

describe("memorySessions", () => {
  it("keeps no more sessions than it may: those used least recently go", async () => {
    const store = memorySessions({ maxSessions: 2 });
    await save(store, "a", "a", 0);
    await save(store, "b", "b", 0);
    await store.load("a");
    await save(store, "c", "c", 0);
    expect(await store.load("b")).toBeUndefined();
    expect((await store.load("a"))?.revision).toBe(1);
    // It had to go while it was worked on.
    await save(store, "b", "more", 1);
    expect((await store.load("b"))?.dump).toEqual(dumpOf("more"));
  });

  it("refuses options that make no sense", () => {
    expect(() => memorySessions({ maxSessions: 0 })).toThrow(/maxSessions must be/);
    expect(() => memorySessions({ max: 1 } as object)).toThrow(/max must be one of/);
  });
});

describe("fileSessions", () => {
  it("leaves one file a session, for its owner alone, within its folder", async () => {
    const directory = newDirectory();
    const store = fileSessions({ directory });
    for (let revision = 0; revision < 5; revision++) await save(store, "../../up", "x", revision);
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name)).toEqual(["5.json"]);
    const path = join(files[0]?.parentPath ?? "", "5.json");
    expect((await stat(path)).mode & 0o077).toBe(0);
    expect(path).not.toContain("up");
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(dumpOf("x"));
  });

  it("is shared by those who open the same folder", async () => {
    const directory = newDirectory();
    const [first, second] = [fileSessions({ directory }), fileSessions({ directory })];
    await save(first, "a", "one", 0);
    expect((await second.load("a"))?.revision).toBe(1);
    await save(second, "a", "two", 1);
    await expect(save(first, "a", "late", 1)).rejects.toSatisfy(isChanged);
    await second.delete("a");
    await expect(save(first, "a", "late", 2)).rejects.toSatisfy(isChanged);
    expect(await first.load("a")).toBeUndefined();
  });

  it("takes no notice of what a process has left that ended while it saved", async () => {
    const directory = newDirectory();
    const store = fileSessions({ directory });
    await save(store, "a", "one", 0);
    const [file] = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    const session = file?.parentPath ?? "";
    await writeFile(join(session, "0.json"), "{");
    await writeFile(join(session, "9.json.bak"), "{");
    expect(await store.load("a")).toEqual({ dump: dumpOf("one"), revision: 1 });
    await save(store, "a", "two", 1);
    expect((await store.load("a"))?.dump).toEqual(dumpOf("two"));
  });

  it("removes what processes have left that were killed while they saved, and nothing of those that save", async () => {
    const directory = newDirectory();
    await save(fileSessions({ directory }), "a", "one", 0);
    const unfinished = join(directory, "unfinished");
    expect(await readdir(unfinished)).toEqual([]);
    const nowMs = (await stat(unfinished)).mtimeMs;
    for (const [name, ageMs] of Object.entries({
      "old.part": 700_000,
      "new.part": 60_000,
      "old.txt": 700_000,
    })) {
      await writeFile(join(unfinished, name), "{");
      await utimes(join(unfinished, name), nowMs / 1_000, (nowMs - ageMs) / 1_000);
    }
    const store = fileSessions({ directory });
    await save(store, "b", "one", 0);
    expect((await readdir(unfinished)).toSorted()).toEqual(["new.part", "old.txt"]);
    expect((await store.load("a"))?.dump).toEqual(dumpOf("one"));
  });

  it("saves also when somebody has tidied up more than they should", async () => {
    const directory = newDirectory();
    const store = fileSessions({ directory });
    await save(store, "a", "one", 0);
    await rm(join(directory, "unfinished"), { recursive: true });
    await save(store, "a", "two", 1);
    await rm(directory, { recursive: true });
    await expect(save(store, "a", "three", 2)).rejects.toSatisfy(isChanged);
    await save(store, "a", "anew", 0);
    expect((await store.load("a"))?.dump).toEqual(dumpOf("anew"));
  });

  it("says so when a file is damaged", async () => {
    const directory = newDirectory();
    const store = fileSessions({ directory });
    await save(store, "a", "one", 0);
    const [file] = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    await writeFile(join(file?.parentPath ?? "", "1.json"), '{"format":');
    await expect(store.load("a")).rejects.toMatchObject({ code: "EXECUTION", retryable: false });
  });

  it("never gives half of a conversation, whoever reads and writes at the same time", async () => {
    const store = fileSessions({ directory: newDirectory() });
    const long = "x".repeat(50_000);
    await save(store, "a", `0${long}`, 0);
    let isWriting = true;
    const write = async (): Promise<void> => {
      for (let revision = 1; revision < 60; revision++)
        await save(store, "a", `${revision}${long}`, revision);
      isWriting = false;
    };
    const read = async (): Promise<number> => {
      let reads = 0;
      let latest = 0;
      while (isWriting) {
        const stored = await store.load("a");
        expect(stored?.dump).toEqual(dumpOf(`${(stored?.revision ?? 0) - 1}${long}`));
        expect(stored?.revision).toBeGreaterThanOrEqual(latest);
        latest = stored?.revision ?? 0;
        reads++;
      }
      return reads;
    };
    const [, ...reads] = await Promise.all([write(), read(), read()]);
    expect(Math.min(...reads)).toBeGreaterThan(0);
  });

  it("refuses options that make no sense", () => {
    for (const directory of ["", "a\0b", 3]) {
      expect(() => fileSessions({ directory: directory as string })).toThrow(/directory must be/);
    }
  });
});
