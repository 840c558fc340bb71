import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import type { FlowSummary } from "../summary.ts";
import { toDeadLetters } from "../letters/to-dead-letters.ts";
import { toFile } from "./to-file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flow-output-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (path: string, records: Iterable<unknown> = [1]): Promise<FlowSummary> =>
  flow(fromIterable<unknown>(records)).to(toFile(path));

function expectBalance(summary: FlowSummary): void {
  const { read, delivered, filtered, deadLettered, unfinished } = summary;
  expect(read).toBe(delivered + filtered + deadLettered + unfinished);
}

describe("a file that is written", () => {
  it("keeps its mode and owner, and a new one has what the process gives", async () => {
    const path = join(folder, "out.jsonl");
    writeFileSync(path, "");
    chmodSync(path, 0o606);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(path, 12_345, 54_321);
    await write(path);
    expect(statSync(path).mode & 0o7777).toBe(0o606);
    if (isRoot) expect(statSync(path)).toMatchObject({ uid: 12_345, gid: 54_321 });
    const fresh = join(folder, "fresh.jsonl");
    await write(fresh);
    expect(statSync(fresh).mode & 0o7777).toBe(0o666 & ~process.umask());
  });

  it("may be where a link leads, also when nothing is there yet", async () => {
    mkdirSync(join(folder, "there"));
    symlinkSync("there/target.jsonl", join(folder, "second.jsonl"));
    symlinkSync(join(folder, "second.jsonl"), join(folder, "first.jsonl"));
    await write(join(folder, "first.jsonl"));
    expect(lstatSync(join(folder, "first.jsonl")).isSymbolicLink()).toBe(true);
    expect(lstatSync(join(folder, "second.jsonl")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, "there/target.jsonl"), "utf8")).toBe("1\n");
    expect(readdirSync(join(folder, "there"))).toEqual(["target.jsonl"]);
  });

  it("has folders made for it, and may have a long name", async () => {
    const path = join(folder, "a/b/c", `${"é".repeat(124)}.jsonl`);
    expect(await write(path)).toMatchObject({ status: "success" });
    expect(readFileSync(path, "utf8")).toBe("1\n");
  });

  it("cannot be what is no file that may be written", async () => {
    const path = (name: string): string => join(folder, name);
    mkdirSync(path("folder.jsonl"));
    writeFileSync(path("file"), "");
    symlinkSync("circle.jsonl", path("circle.jsonl"));
    const cases: readonly (readonly [path: string, hint: string])[] = [
      [path("folder.jsonl"), "It is a folder."],
      [path("file/out.jsonl"), "A part of its path is a file."],
      [path("circle.jsonl"), "Its links lead in a circle."],
      [path(`${"x".repeat(300)}.jsonl`), "Its name is too long."],
    ];
    for (const [wrong, hint] of cases) {
      const summary = await write(wrong);
      expect(summary).toMatchObject({ status: "failed", read: 0, error: { code: "CONFIG", hint } });
    }
    expect(readdirSync(folder).toSorted()).toEqual(["circle.jsonl", "file", "folder.jsonl"]);
  });

  it.runIf(process.platform === "linux")(
    "is left alone when it or its folder may not be written",
    async () => {
      writeFileSync(join(folder, "kept.jsonl"), "before");
      chmodSync(join(folder, "kept.jsonl"), 0o444);
      mkdirSync(join(folder, "closed"));
      chmodSync(join(folder, "closed"), 0o555);
      chmodSync(folder, 0o777);
      // The superuser may write everything.
      const isRoot = process.getuid?.() === 0;
      if (isRoot) process.seteuid?.(65_534);
      try {
        const error = { code: "CONFIG", hint: "It may not be written." };
        expect(await write(join(folder, "kept.jsonl"))).toMatchObject({ status: "failed", error });
        expect(await write(join(folder, "closed/out.jsonl"))).toMatchObject({ status: "failed", error });
        expect(await write(join(folder, "closed/new/out.jsonl"))).toMatchObject({ status: "failed", error });
      } finally {
        if (isRoot) process.seteuid?.(0);
      }
      expect(readFileSync(join(folder, "kept.jsonl"), "utf8")).toBe("before");
      expect(readdirSync(join(folder, "closed"))).toEqual([]);
    },
  );

  it("is whole, of one of them, when two flows write it", async () => {
    const path = join(folder, "out.jsonl");
    const records = (value: string): string[] => Array.from({ length: 20_000 }, () => value);
    const both = await Promise.all([write(path, records("a")), write(path, records("b"))]);
    expect(both.map(({ status }) => status)).toEqual(["success", "success"]);
    expect(new Set(readFileSync(path, "utf8").trimEnd().split("\n")).size).toBe(1);
    expect(readdirSync(folder)).toEqual(["out.jsonl"]);
  });

  it("is not written by two sinks of a flow", async () => {
    const path = join(folder, "out.jsonl");
    const summary = await flow(fromIterable([1]))
      .tee(toFile(path))
      .to(toFile(path));
    expect(summary).toMatchObject({
      status: "failed",
      error: { code: "CONFIG", hint: "Another sink of the flow writes to it already." },
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** Runs a flow that writes in a process of its own, under a shell's limits; gives its summary. */
function writeUnder(limits: string, path: string, count: number): FlowSummary {
  const child = join(import.meta.dirname, "write-child.ts");
  const command = `${limits} exec "$0" --conditions=@atomic-agents/source "$@"`;
  // The child prints its summary.
  return JSON.parse(
    execFileSync("sh", ["-c", command, process.execPath, child, path, String(count)], { encoding: "utf8" }),
  ) as FlowSummary;
}

describe.runIf(process.platform === "linux")("a disk that is full", () => {
  /** A folder on a disk of 256 KiB; undefined where none can be made. */
  function smallDisk(): string | undefined {
    const path = join(folder, "disk");
    mkdirSync(path);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", path], { stdio: "ignore" });
      return path;
    } catch {
      return undefined;
    }
  }

  for (const name of ["out.jsonl", "out.json", "out.csv", "out.jsonl.gz"]) {
    it(`leaves no part of ${name}, and what was there`, () => {
      const path = join(folder, name);
      writeFileSync(path, "before");
      // No file may have more than 128 blocks of 512 bytes.
      const summary = writeUnder("ulimit -f 128;", path, 200_000);
      expect(summary).toMatchObject({ status: "failed", published: false, error: { code: "EXECUTION" } });
      expect(summary.error?.message).toContain("EFBIG");
      expectBalance(summary);
      expect(summary.unfinished).toBeGreaterThan(0);
      expect(readFileSync(path, "utf8")).toBe("before");
      expect(readdirSync(folder)).toEqual([name]);
    });
  }

  it("is told when it has no room left", async () => {
    const disk = smallDisk();
    if (disk === undefined) {
      // This system mounts nothing: a device that is always full says the same.
      const { error } = await flow(fromIterable([1, 2])).to(toFile("/dev/full", { format: "jsonl" }));
      expect(error?.message).toBe(
        '"/dev/full" could not be written: the disk is full (ENOSPC); nothing was published',
      );
      return;
    }
    try {
      const path = join(disk, "out.jsonl");
      await write(path, [0]);
      const summary = await write(
        path,
        Array.from({ length: 200_000 }, (_, index) => index),
      );
      expect(summary).toMatchObject({ status: "failed", published: false });
      const { delivered } = summary;
      expect(delivered).toBeGreaterThan(0);
      expect(summary.error).toMatchObject({
        code: "EXECUTION",
        message: `${JSON.stringify(path)} could not be written after ${delivered} records: the disk is full (ENOSPC); nothing was published`,
        stage: path,
        agent: undefined,
        retryable: false,
        cause: { code: "ENOSPC" },
      });
      expect(summary.error?.hint).toMatch(/^Make room there/);
      expectBalance(summary);
      expect(readFileSync(path, "utf8")).toBe("0\n");
      expect(readdirSync(disk)).toEqual(["out.jsonl"]);
    } finally {
      execFileSync("umount", [disk]);
    }
  });
});

it.runIf(process.platform === "linux")(
  "may be a pipe, and ends the flow when its reader has gone",
  async () => {
    const path = join(folder, "pipe.jsonl");
    execFileSync("mkfifo", [path]);
    const reader = spawn("head", ["-n", "1", path], { stdio: ["ignore", "pipe", "ignore"] });
    let got = "";
    reader.stdout.on("data", (bytes: Buffer) => {
      got += bytes.toString();
    });
    const summary = await write(
      path,
      Array.from({ length: 500_000 }, (_, index) => index),
    );
    expect(summary).toMatchObject({ status: "failed", published: false });
    expect(summary.error?.message).toMatch(
      /pipe\.jsonl" could not be written( after \d+ records)?: its reader has gone \(EPIPE\); /,
    );
    expectBalance(summary);
    expect(got).toBe("0\n");
    expect(readdirSync(folder)).toEqual(["pipe.jsonl"]);
  },
);

it.runIf(process.platform === "linux")(
  "may be a pipe that nobody reads yet, which holds no thread when the flow is cancelled",
  { timeout: 10_000 },
  async () => {
    const path = join(folder, "pipe.jsonl");
    execFileSync("mkfifo", [path]);
    const begin = () => flow(fromIterable<unknown>([1])).start(toFile(path));
    const runs = Array.from({ length: 5 }, begin);
    // There are four threads for files: if they all wait for a reader, no file can be looked at any more.
    for (let looks = 0; looks < 20; looks++) await stat(folder);
    for (const run of runs) run.cancel();
    for (const { summary } of runs) expect(await summary).toMatchObject({ status: "cancelled", read: 0 });
    const { summary } = begin();
    const reader = spawn("cat", [path], { stdio: ["ignore", "pipe", "ignore"] });
    const got = await text(reader.stdout);
    expect(got).toBe("1\n");
    expect(await summary).toMatchObject({ status: "success", delivered: 1 });
  },
);

it("says what is in the way where a folder is missing and cannot be made", async () => {
  const disk = join(folder, "disk");
  mkdirSync(disk);
  let isMounted = true;
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "ro", "tmpfs", disk], { stdio: "ignore" });
  } catch {
    // This system mounts nothing: a file is in the way.
    isMounted = false;
    writeFileSync(join(disk, "some"), "");
  }
  const hint = isMounted ? "Its file system is read-only." : "A part of its path is a file.";
  try {
    for (const sink of [toFile, toDeadLetters]) {
      const { error } = await flow(fromIterable<never>([])).to(sink(join(disk, "some/folder/out.jsonl")));
      expect(error).toMatchObject({ code: "CONFIG", hint });
    }
  } finally {
    if (isMounted) execFileSync("umount", [disk]);
  }
});

it("is told of by name where its folder goes away, and which others were published before", async () => {
  const gone = join(folder, "gone");
  const summary = await flow(
    fromIterable(
      (function* () {
        yield 1;
        rmSync(gone, { recursive: true });
      })(),
    ),
  )
    .tee(toFile(join(folder, "first.jsonl")))
    .to(toFile(join(gone, "second.jsonl")));
  expect(summary.error?.message).toBe(
    `"${join(gone, "second.jsonl")}" could not be written after 1 record: its folder or its temporary file has gone (ENOENT); published before were "${join(folder, "first.jsonl")}"`,
  );
  expect(summary).toMatchObject({ status: "failed", published: false });
});

it("leaves only a temporary file when the process is killed, which the next run leaves alone", async () => {
  const path = join(folder, "out.jsonl");
  const child = spawn(
    process.execPath,
    ["--conditions=@atomic-agents/source", join(import.meta.dirname, "write-child.ts"), path, "1000000000"],
    { stdio: "ignore" },
  );
  const exit = new Promise((resolve) => child.on("close", resolve));
  const temporaries = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".tmp"));
  // Until something is in the temporary file.
  while (!temporaries().some((name) => statSync(join(folder, name)).size > 0)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  child.kill("SIGKILL");
  await exit;
  const [left] = temporaries();
  expect(left).toMatch(/^\.out\.jsonl\.[\w-]+\.tmp$/);
  expect(existsSync(path)).toBe(false);
  expect(await write(path)).toMatchObject({ status: "success" });
  expect(readdirSync(folder).toSorted()).toEqual([left, "out.jsonl"]);
});
