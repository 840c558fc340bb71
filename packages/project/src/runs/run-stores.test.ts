import { type ChildProcessByStdio, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { createLog, defineAgent, type RunRecord } from "@atomic-agents/core";
import { createVirtualClock, expectStoreConforms, runStoreBehaviours } from "@atomic-agents/testing";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { type ClosableRunStore, createRunStore } from "./create-run-store.ts";
import { FolderRunStore } from "./folder-run-store.ts";
import { SqliteRunStore } from "./sqlite-run-store.ts";
import type { RunStoreLimits } from "./store-limits.ts";

const root = mkdtempSync(join(tmpdir(), "run-stores-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
let place = "";
beforeEach(() => {
  count++;
  place = join(root, `${count}`);
});

interface Kind {
  readonly make: (limits?: RunStoreLimits, at?: string) => ClosableRunStore;
  /** Puts nonsense in the place of a record. */
  readonly damage: (runId: string) => void;
}

const kinds: Readonly<Record<"folder" | "sqlite", Kind>> = {
  folder: {
    make: (limits = {}, at = place) => new FolderRunStore({ folder: at, ...limits }),
    damage: (runId) => {
      const name = readdirSync(place).find((one) => readFileSync(join(place, one), "utf8").includes(runId));
      writeFileSync(join(place, name ?? ""), '{"version":1,"report"');
    },
  },
  sqlite: {
    make: (limits = {}, at = place) => new SqliteRunStore({ file: `${at}.db`, ...limits }),
    damage: (runId) => {
      const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
      const database = new DatabaseSync(`${place}.db`);
      database.prepare("UPDATE runs SET record = ? WHERE run_id = ?").run('{"version":1,"report"', runId);
      database.close();
    },
  },
};

const recordOf = (runId: string, startedAtMs: number, durationMs = 0, text = ""): RunRecord => ({
  report: { runId, requestId: "r", agent: "a", status: "success", startedAtMs, durationMs, stages: [] },
  events: [{ type: "run-start", runId, atMs: 0, agent: text }],
  droppedEvents: 0,
});

async function idsOf(store: ClosableRunStore): Promise<readonly string[]> {
  return (await store.list({ limit: 10_000 })).map(({ report }) => report.runId);
}

function keptLog() {
  const lines: string[] = [];
  return { lines, log: createLog({ write: (line) => void lines.push(line) }) };
}

/** Saves, lists and deletes runs of one store, and tells what it does: kind of store, path, name and number of runs. */
const program = `
  import { createRunStore } from ${JSON.stringify(join(import.meta.dirname, "create-run-store.ts"))};
  const [, store, path, name, count] = process.argv;
  const runs = createRunStore({ store, path, maxRuns: 1_000 });
  const recordOf = (index, status) => {
    const runId = name + "-" + index;
    const times = { startedAtMs: Date.now(), durationMs: 1 };
    const events = [{ type: "run-start", runId, atMs: 0, agent: "x".repeat(2_000) }];
    return { report: { runId, requestId: "r", agent: name, status, ...times, stages: [] }, events, droppedEvents: 0 };
  };
  process.stdout.write("ready\\n");
  for (let index = 0; index < Number(count); index++) {
    await runs.save(recordOf(index, "running"));
    await runs.save(recordOf(index, "success"));
    process.stdout.write(".");
    if (index % 5 === 4) await runs.delete(name + "-" + index);
    for (const { events } of await runs.list({ limit: 10 })) if (events.length !== 1) throw new Error("half a record");
  }
  runs.close();
  process.stdout.write("\\ndone\\n");
`;

function startProgram(...args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  const flags = ["--conditions=@atomic-agents/source", "--input-type=module", "-e", program, "--"];
  return spawn(process.execPath, [...flags, ...args], { stdio: ["ignore", "pipe", "pipe"] });
}

describe.each(Object.entries(kinds))("the %s store", (kind, { make, damage }) => {
  test.each(runStoreBehaviours)("$title", async ({ id }) => {
    expect(await expectStoreConforms(() => make(), { only: [id] })).toHaveLength(1);
  });

  test("keeps records for the next process, and makes nothing before it has to", async () => {
    const store = make();
    expect(await store.list()).toEqual([]);
    expect(await store.get("a")).toBeUndefined();
    expect(await store.delete("a")).toBe(false);
    expect(existsSync(place) || existsSync(`${place}.db`)).toBe(false);
    await store.save(recordOf("a", Date.now()));
    store.close();
    expect(await idsOf(make())).toEqual(["a"]);
  });

  test("holds so many records, and lets go the run that ended first, but not the one just saved", async () => {
    const clock = createVirtualClock();
    const nowMs = clock.timestamp();
    const store = make({ maxRuns: 3, clock });
    for (const [index, id] of ["a", "b", "c"].entries()) await store.save(recordOf(id, nowMs - index, 10));
    await store.save(recordOf("d", nowMs - 50));
    expect(await idsOf(store)).toEqual(["a", "b", "d"]);
    await store.save(recordOf("e", nowMs + 1));
    expect(await idsOf(store)).toEqual(["e", "a", "b"]);
    // Another process with the same place sees the same, and lets go what the first has saved.
    const other = make({ maxRuns: 2, clock });
    await other.save(recordOf("f", nowMs + 2));
    expect(await idsOf(store)).toEqual(["f", "a"]);
  });

  test("holds no more than so many bytes", async () => {
    const clock = createVirtualClock();
    const nowMs = clock.timestamp();
    const store = make({ maxBytes: 20_000, clock });
    for (let index = 0; index < 50; index++) {
      await store.save(recordOf(`${index}`, nowMs + index, 0, "x".repeat(3_000)));
    }
    expect(await idsOf(store)).toEqual(["49", "48", "47", "46", "45", "44"]);
    await expect((async () => store.save(recordOf("large", nowMs, 0, "x".repeat(30_000))))()).rejects.toThrow(
      /could not save: the record takes 30\d\d\d bytes, more than maxBytes \(20000\) for all/,
    );
    // A run that is saved again takes the room of what it was.
    for (let index = 0; index < 20; index++) {
      await store.save(recordOf("49", nowMs + 49, index, "x".repeat(3_000)));
    }
    expect(await idsOf(store)).toHaveLength(6);
    store.close();
    const bytes = kind === "folder" ? place : `${place}.db`;
    expect(sizeOf(bytes)).toBeLessThan(100_000);
  });

  test("a record stays for seven days after the run's end, and one as long as it is told", async () => {
    for (const [retentionMs, days] of [
      [undefined, 7],
      [1_000, 1_000 / 86_400_000],
      [40 * 86_400_000, 40],
    ] as const) {
      const clock = createVirtualClock({ timestampMs: Date.UTC(2030, 0, 1) });
      const store = make({ clock, retentionMs }, join(place, `${days}`));
      await store.save(recordOf("short", clock.timestamp(), 0));
      await store.save(recordOf("long", clock.timestamp(), 500));
      await clock.advance(days * 86_400_000);
      expect(await idsOf(store)).toEqual(["short", "long"]);
      await clock.advance(1);
      expect(await store.get("short")).toBeUndefined();
      expect(await idsOf(store)).toEqual(["long"]);
      await clock.advance(500);
      expect(await idsOf(store)).toEqual([]);
      // What was too old when it was saved is not kept, and the old ones go.
      await store.save(recordOf("old", clock.timestamp() - days * 86_400_000 - 10, 5));
      await store.save(recordOf("new", clock.timestamp()));
      store.close();
      expect(await idsOf(make({ clock, retentionMs: 400 * 86_400_000 }, join(place, `${days}`)))).toEqual([
        "new",
      ]);
    }
  });

  test("leaves out what is damaged, and says so once", async () => {
    const { lines, log } = keptLog();
    const store = make({ log });
    const nowMs = Date.now();
    for (const [index, id] of ["whole", "damaged", "another"].entries()) {
      await store.save(recordOf(id, nowMs - index));
    }
    store.close();
    damage("damaged");
    const again = make({ log });
    expect(await idsOf(again)).toEqual(["whole", "another"]);
    expect(await again.get("damaged")).toBeUndefined();
    expect(lines.length).toBeGreaterThan(0);
    expect(lines[0]).toContain("The record of a run is damaged and left out");
    await again.save(recordOf("damaged", nowMs));
    expect(await idsOf(again)).toHaveLength(3);
  });

  test("a store that is closed, or was removed, is found so", async () => {
    const store = make();
    await store.save(recordOf("a", Date.now()));
    rmSync(kind === "folder" ? place : `${place}.db`, { recursive: true });
    expect(await store.list()).toEqual([]);
    await store.save(recordOf("b", Date.now()));
    expect(await idsOf(make())).toEqual(["b"]);
    store.close();
  });

  test("several processes save, list and delete at a time, and lose nothing", async () => {
    const names = ["red", "green", "blue"];
    const runs = 25;
    const children = names.map((name) => startProgram(kind, place, name, String(runs)));
    const texts = children.map(async (child) => {
      let text = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (part) => void (text += String(part)));
      const [code] = (await once(child, "close")) as [number | null];
      return { code, text };
    });
    const text = `ready\n${".".repeat(runs)}\ndone\n`;
    expect(await Promise.all(texts)).toEqual(names.map(() => ({ code: 0, text })));
    const store = make();
    const kept = await store.list({ limit: 1_000 });
    expect(kept.every(({ report }) => report.status === "success")).toBe(true);
    const expected = names.flatMap((name) =>
      Array.from({ length: runs }, (_, index) => `${name}-${index}`).filter((_id, index) => index % 5 !== 4),
    );
    expect(kept.map(({ report }) => report.runId).toSorted()).toEqual(expected.toSorted());
    if (kind === "folder") expect(readdirSync(place).every((name) => name.endsWith(".json"))).toBe(true);
  });

  test("is whole after its process was killed at any moment", async () => {
    for (const saves of [0, 1, 2, 5, 9]) {
      const child = startProgram(kind, place, `run${saves}`, "100000");
      let text = "";
      child.stdout.on("data", (part) => {
        text += String(part);
        if (text.length >= "ready\n".length + saves) child.kill("SIGKILL");
      });
      await once(child, "close");
      const { lines, log } = keptLog();
      const store = make({ log });
      for (const { events } of await store.list({ limit: 1_000 })) expect(events).toHaveLength(1);
      expect((await store.list({ limit: 1_000 })).length).toBeGreaterThanOrEqual(saves - 1);
      await store.save(recordOf(`after ${saves}`, Date.now()));
      expect(await store.get(`after ${saves}`)).toBeDefined();
      expect(lines).toEqual([]);
      store.close();
    }
  });
});

/** How much is in a file, or in the files of a folder. */
function sizeOf(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}

const same = defineAgent({
  name: "same",
  description: "Gives back what it gets.",
  input: z.number(),
  output: z.number(),
  execute: (number) => number,
});

describe.each(Object.entries(kinds))("a place where the %s store cannot write", (kind, { make }) => {
  async function failure(store: ClosableRunStore): Promise<string> {
    const { lines, log } = keptLog();
    // The run itself does not care.
    expect(await same.run(5, { store, log })).toBe(5);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("A run could not be saved");
    return lines[0] ?? "";
  }

  test("because a file is in the way", async () => {
    writeFileSync(place, "");
    const store = make({}, join(place, "runs"));
    expect(await failure(store)).toMatch(/a part of the path is no folder|a file is in the place/);
  });

  test.skipIf(process.getuid?.() === 0)("because it is read-only", async () => {
    mkdirSync(place);
    chmodSync(place, 0o500);
    const store = make({}, join(place, "runs"));
    expect(await failure(store)).toMatch(/permission denied/);
  });

  test.skipIf(!mayMount())("because the disk is full, or the file system read-only", async () => {
    mkdirSync(place);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", place]);
    try {
      const first = make({}, join(place, "runs"));
      await first.save(recordOf("first", Date.now()));
      first.close();
      // As much as there is room for.
      expect(() => writeFileSync(join(place, "ballast"), Buffer.alloc(300_000))).toThrow("ENOSPC");
      const store = make({}, join(place, "runs"));
      const large = recordOf("large", Date.now(), 0, "x".repeat(100_000));
      await expect((async () => store.save(large))()).rejects.toThrow("the disk is full");
      if (kind === "folder") {
        // What was there is still there. SQLite needs some room to read as well.
        expect(await idsOf(store)).toEqual(["first"]);
        expect(readdirSync(join(place, "runs")).every((name) => name.endsWith(".json"))).toBe(true);
      }
      rmSync(join(place, "ballast"));
      expect(await idsOf(store)).toEqual(["first"]);
      store.close();
      execFileSync("mount", ["-o", "remount,ro", place]);
      const readOnly = make({}, join(place, "runs"));
      expect(await failure(readOnly)).toMatch(/read-only|may only be read|cannot be opened/);
      if (kind === "folder") expect(await idsOf(readOnly)).toEqual(["first"]);
      readOnly.close();
    } finally {
      execFileSync("umount", [place]);
    }
  });
});

function mayMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), "mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" });
    execFileSync("umount", [folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("the folder store", () => {
  test("leaves other files alone, and removes what a process left that ended while it wrote", async () => {
    const clock = createVirtualClock({ timestampMs: Date.now() + 2 * 3_600_000 });
    const store = new FolderRunStore({ folder: place, clock });
    await store.save(recordOf("a", clock.timestamp()));
    const [name = ""] = readdirSync(place);
    const leftover = `${name}.${"0".repeat(36)}.part`;
    const others = ["notes.txt", "atomic.json", `${name}.old`, "2020.json"];
    for (const other of [...others, leftover]) writeFileSync(join(place, other), "mine");
    await store.save(recordOf("b", clock.timestamp()));
    expect(await idsOf(store)).toEqual(["b", "a"]);
    const left = readdirSync(place);
    expect(left).not.toContain(leftover);
    for (const other of others) expect(left).toContain(other);
  });

  test("a run that is in two files, because a process was killed between them, is there once: the later one", async () => {
    const store = new FolderRunStore({ folder: place });
    const nowMs = Date.now();
    await store.save(recordOf("a", nowMs, 1));
    const [name = ""] = readdirSync(place);
    const before = readFileSync(join(place, name));
    await store.save(recordOf("a", nowMs - 5_000, 6_000));
    writeFileSync(join(place, name), before);
    const { utimesSync } = process.getBuiltinModule("node:fs");
    utimesSync(join(place, name), (nowMs + 1) / 1_000, (nowMs + 1) / 1_000);
    const again = new FolderRunStore({ folder: place });
    expect((await again.get("a"))?.report.durationMs).toBe(6_000);
    expect((await again.list()).map(({ report }) => report.durationMs)).toEqual([6_000]);
  });

  test("a record under the name of another counts as damaged", async () => {
    const { lines, log } = keptLog();
    const store = new FolderRunStore({ folder: place, log });
    await store.save(recordOf("a", Date.now()));
    const [name = ""] = readdirSync(place);
    const text = readFileSync(join(place, name), "utf8").replaceAll('"a"', '"b"');
    writeFileSync(join(place, name), text);
    expect(await store.list()).toEqual([]);
    expect(lines.join()).toContain("it is of another run than its name says");
  });

  test("files are for their owner alone, with names that any file system takes", async () => {
    const store = new FolderRunStore({ folder: place });
    await store.save(recordOf("../a:b", Date.UTC(2026, 0, 2, 3, 4, 5, 678), 1e12));
    const [name = ""] = readdirSync(place);
    expect(name).toMatch(/^2026-01-02T03-04-05\.678Z-[0-9a-f]{32}\.json$/);
    expect(statSync(join(place, name)).mode & 0o777).toBe(0o600);
    expect(statSync(place).mode & 0o777).toBe(0o700);
  });
});

describe("the SQLite store", () => {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");

  test("refuses what is no database, and one of something else or of another version", () => {
    const file = `${place}.db`;
    const store = new SqliteRunStore({ file });
    writeFileSync(
      file,
      "no database at all, but long enough to have a header of one hundred bytes".repeat(3),
    );
    expect(() => store.list()).toThrow("could not read: it is no SQLite database");
    expect(() => store.list()).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("runs.path") }),
    );
    expect(() => store.save(recordOf("a", Date.now()))).toThrow("could not save: it is no SQLite database");
    rmSync(file);
    const other = new DatabaseSync(file);
    other.exec("CREATE TABLE customers (name TEXT)");
    expect(() => store.save(recordOf("a", Date.now()))).toThrow("it is a database of something else");
    other.exec("DROP TABLE customers; PRAGMA application_id = 1096044365; PRAGMA user_version = 2");
    other.close();
    expect(() => store.save(recordOf("a", Date.now()))).toThrow(
      "its tables have version 2, and this one knows version 1",
    );
  });

  test("says that others write all the time", () => {
    const file = `${place}.db`;
    const store = new SqliteRunStore({ file, busyTimeoutMs: 10 });
    store.save(recordOf("a", Date.now()));
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    expect(() => store.save(recordOf("b", Date.now()))).toThrow("another process writes to it all the time");
    // Reading goes on meanwhile.
    expect(store.list()).toHaveLength(1);
    other.exec("COMMIT");
    other.close();
    store.save(recordOf("b", Date.now()));
    expect(store.list()).toHaveLength(2);
    store.close();
    expect(() => store.list()).toThrow("the store was closed");
  });

  test("gives room back, and makes its file for the owner alone", () => {
    const file = join(place, "runs.db");
    const store = new SqliteRunStore({ file });
    for (let index = 0; index < 100; index++) {
      store.save(recordOf(`${index}`, Date.now() + index, 0, "x".repeat(10_000)));
    }
    store.close();
    const large = statSync(file).size;
    const small = new SqliteRunStore({ file, maxRuns: 2 });
    small.save(recordOf("last", Date.now()));
    small.close();
    expect(statSync(file).size).toBeLessThan(large / 5);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(place).mode & 0o777).toBe(0o700);
  });

  test("says nothing on standard error, and lets other warnings through", () => {
    const saving = `
      import { SqliteRunStore } from ${JSON.stringify(join(import.meta.dirname, "sqlite-run-store.ts"))};
      const store = new SqliteRunStore({ file: ${JSON.stringify(`${place}.db`)} });
      store.save({ report: { runId: "a", requestId: "r", agent: "a", status: "success", startedAtMs: Date.now(), durationMs: 0, stages: [] }, events: [], droppedEvents: 0 });
      process.emitWarning("mine", "ExperimentalWarning");
    `;
    const flags = ["--conditions=@atomic-agents/source", "--input-type=module"];
    const child = spawnSync(process.execPath, [...flags, "-e", saving], { encoding: "utf8" });
    expect(child.status).toBe(0);
    expect(child.stderr.split("\n")[0]).toMatch(/ExperimentalWarning: mine$/);
    expect(child.stderr).not.toContain("SQLite");
  });
});

describe("createRunStore", () => {
  test("makes the store that settings describe, relative to the project", async () => {
    const settings = { path: "kept/runs", retentionDays: 1.5, maxBytes: 1_000_000, maxRuns: 5 } as const;
    for (const [store, made] of [
      ["folder", "kept/runs"],
      ["sqlite", "kept/runs.db"],
    ] as const) {
      const one = createRunStore({ store, ...settings }, { directory: place });
      await one.save(recordOf("a", Date.now()));
      await one.save(recordOf("old", Date.now() - 1.6 * 86_400_000));
      expect(existsSync(join(place, made))).toBe(true);
      expect(await idsOf(one)).toEqual(["a"]);
      one.close();
    }
    const named = createRunStore({ store: "sqlite", path: "other.sqlite" }, { directory: place });
    await named.save(recordOf("a", Date.now()));
    named.close();
    expect(existsSync(join(place, "other.sqlite"))).toBe(true);
  });

  test.each([
    [{ store: "redis", path: "a" }, "store"],
    [{ store: "folder", path: "" }, "path"],
    [{ store: "folder", path: "a\0b" }, "path"],
    [{ store: "folder" }, "path"],
    [{ store: "folder", path: "a", retentionDays: -1 }, "retentionDays"],
    [{ store: "folder", path: "a", retentionDays: Number.NaN }, "retentionDays"],
    [{ store: "folder", path: "a", maxBytes: 0 }, "maxBytes"],
    [{ store: "sqlite", path: "a", maxRuns: 1.5 }, "maxRuns"],
    [{ store: "sqlite", path: "a", days: 5 }, "days"],
    [null, "options"],
  ])("refuses %j", (settings, path) => {
    expect(() => createRunStore(settings as Parameters<typeof createRunStore>[0])).toThrow(
      expect.objectContaining({ code: "CONFIG", details: expect.objectContaining({ path }) as unknown }),
    );
  });

  test("refuses a wait that is none", () => {
    expect(() => new SqliteRunStore({ file: "a.db", busyTimeoutMs: -1 })).toThrow("busyTimeoutMs");
    expect(() => new FolderRunStore({ folder: "a", retentionMs: Number.NaN })).toThrow("retentionMs");
    expect(() => new FolderRunStore({ folder: "a", clock: {} as never })).toThrow("clock must be a Clock");
  });
});
