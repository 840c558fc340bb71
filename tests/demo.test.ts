import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { loadAddresses } from "../examples/sotu/dataset.ts";
import { groupRecords } from "../examples/sotu/groups.ts";
import { readCommand } from "../examples/sotu/options.ts";
import { particularKeywords } from "../examples/sotu/particular-keywords.ts";
import { processAddresses, type ProcessedAddress } from "../examples/sotu/process-addresses.ts";
import { Progress } from "../examples/sotu/progress.ts";
import { AddressRecord } from "../examples/sotu/record.ts";
import { percentile, StageStatistics } from "../examples/sotu/stage-figures.ts";
import { groupTable, stageTable } from "../examples/sotu/summary-table.ts";

const main = join(import.meta.dirname, "../examples/sotu/main.ts");
const folder = mkdtempSync(join(tmpdir(), "sotu-demo-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The child loads two language models, on a machine that may be busy with other tests. */
const childTimeoutMs = 120_000;

function startDemo(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ["--conditions=@atomic-agents/source", main, ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function runDemo(...args: readonly string[]) {
  const child = startDemo(...args);
  const [[code], stdout, stderr] = await Promise.all([
    once(child, "close"),
    textOf(child.stdout),
    textOf(child.stderr),
  ]);
  return { code, stdout, stderr };
}

function textOf(stream: ChildProcess["stdout"]): Promise<string> {
  if (stream === null) throw new Error("the child's output is not piped");
  return text(stream);
}

describe("the demo as a program", () => {
  test("writes a record for each address and shows what they come to", {
    timeout: childTimeoutMs,
  }, async () => {
    const { code, stdout, stderr } = await runDemo("--limit", "12", "--output", "records.jsonl");

    expect(code).toBe(0);
    const lines = readFileSync(join(folder, "records.jsonl"), "utf8").trimEnd().split("\n");
    const records = lines.map((line) => AddressRecord.parse(JSON.parse(line)));
    expect(records).toHaveLength(12);
    expect(new Set(records.map(({ id }) => id)).size).toBe(12);
    expect(records[0]).toMatchObject({ id: "1790-george-washington", party: "no party", language: "en" });
    for (const record of records) {
      expect(record.chunkWordCounts.reduce((sum, words) => sum + words, 0)).toBe(record.wordCount);
      expect(record.keywords.length).toBeGreaterThan(0);
      expect(record.summary).not.toBe("");
    }
    expect(stdout).toMatch(/1790s +no party +7 /);
    expect(stdout).toMatch(/ analyze +12 +[\d.]+ ms +[\d.]+ ms +0\n/);
    expect(stdout).toContain("12 records in records.jsonl; 0 of 12 addresses failed.");
    expect(stderr).toMatch(/^0\/12 addresses · 0 %\n/);
    expect(stderr).toContain("12/12 addresses · 100 %");
    expect(stderr).not.toContain("\r");
  });

  test("refuses wrong arguments with 2", { timeout: childTimeoutMs }, async () => {
    const { code, stdout, stderr } = await runDemo("--limit", "0");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe('--limit must be a whole number from 1, got "0"\nTry: npm run demo -- --help\n');
  });

  test("says before the work that the file cannot be written", { timeout: childTimeoutMs }, async () => {
    const { code, stderr } = await runDemo("--output", "no/such/folder.jsonl");
    expect(code).toBe(1);
    expect(stderr).toContain("ENOENT");
    expect(stderr).not.toContain("addresses");
  });

  test("Ctrl-C ends it with 130 and leaves the folder as it was", { timeout: childTimeoutMs }, async () => {
    writeFileSync(join(folder, "older.jsonl"), "older\n");
    const before = readdirSync(folder);
    const child = startDemo("--output", "older.jsonl");
    const [ended, stderr] = [once(child, "close"), textOf(child.stderr)];
    child.stderr?.once("data", () => child.kill("SIGINT"));

    expect(await ended).toEqual([130, null]);
    expect(await stderr).toContain("Cancelled; older.jsonl was not written.");
    expect(readFileSync(join(folder, "older.jsonl"), "utf8")).toBe("older\n");
    expect(readdirSync(folder)).toEqual(before);
    expect(existsSync(join(folder, "out"))).toBe(false);
  });
});

describe("the command line", () => {
  test.each([
    [["--limit", "1e2"], '--limit must be a whole number from 1, got "1e2"'],
    [["--limit=-1"], '--limit must be a whole number from 1, got "-1"'],
    [["--concurrency", "65"], '--concurrency must be a whole number from 1 to 64, got "65"'],
    [["--output"], "Option '--output <value>' argument missing"],
    [["--output="], "--output must be a file, got nothing"],
    [["--verbose"], "Unknown option '--verbose'"],
    [["more"], "Unexpected argument 'more'. This command does not take positional arguments"],
  ])("refuses %j", (args, message) => {
    expect(readCommand(args)).toEqual({ kind: "mistake", message });
  });

  test("takes what it knows", () => {
    expect(readCommand([])).toEqual({
      kind: "run",
      options: { output: "out/sotu.jsonl", limit: undefined, concurrency: 1 },
    });
    expect(readCommand(["--limit=12", "--concurrency", "4", "--output", "a.jsonl"])).toEqual({
      kind: "run",
      options: { output: "a.jsonl", limit: 12, concurrency: 4 },
    });
    expect(readCommand(["--help"])).toEqual({ kind: "help" });
  });
});

const addresses = loadAddresses();
const [first, second, third] = addresses;
if (first === undefined || second === undefined || third === undefined)
  throw new Error("the data set is empty");
const never = new AbortController().signal;

describe("processing", () => {
  test("the data set is whole and in order", () => {
    expect(addresses).toHaveLength(233);
    expect(addresses.map(({ year }) => year)).toEqual(
      addresses.map(({ year }) => year).toSorted((a, b) => a - b),
    );
  });

  test("an address that fails is told, in its place, and the others go on", {
    timeout: childTimeoutMs,
  }, async () => {
    const processed: ProcessedAddress[] = [];
    const given = [first, { ...second, text: " \n" }, { ...second, year: 1500 }, third];
    await processAddresses(given, { concurrency: 4, signal: never }, async (one) => void processed.push(one));

    expect(processed.map(({ address }) => address)).toEqual(given);
    expect(
      processed.map(({ result }) => (result.ok ? "ok" : `${result.error.code} at ${result.error.stage}`)),
    ).toEqual(["ok", "VALIDATION_INPUT at validate", "VALIDATION_INPUT at validate", "ok"]);
    const statistics = new StageStatistics();
    for (const { report } of processed.toReversed()) statistics.add(report);
    expect(
      statistics.figures().map(({ name, depth, count, errors }) => [name, depth, count, errors]),
    ).toEqual([
      ["whole pipeline", 0, 4, 2],
      ["validate", 1, 4, 2],
      ["clean", 1, 2, 0],
      ["split", 1, 2, 0],
      ["analyze", 1, 2, 0],
      ["facts", 2, 2, 0],
      ["sentiment", 2, 2, 0],
      ["keywords", 2, 2, 0],
      ["summary", 2, 2, 0],
      ["language", 2, 2, 0],
      ["merge", 1, 2, 0],
    ]);
  });

  test("takes out and counts what the audience did", { timeout: childTimeoutMs }, async () => {
    const text = "We will succeed. (Applause.) We have worked hard—[laughter]—and we will go on.";
    const processed: ProcessedAddress[] = [];
    await processAddresses(
      [{ ...first, text }],
      { concurrency: 1, signal: never },
      async (one) => void processed.push(one),
    );
    const [result] = processed.map((one) => one.result);
    expect(result?.ok === true && result.output).toMatchObject({ audienceNotes: 2, wordCount: 12 });
    expect(JSON.stringify(result)).not.toMatch(/applause|laughter/i);
  });

  test("begins and tells nothing more once it is cancelled", { timeout: childTimeoutMs }, async () => {
    const cancellation = new AbortController();
    let told = 0;
    const processing = processAddresses(
      addresses,
      { concurrency: 2, signal: cancellation.signal },
      async () => {
        if (++told === 2) cancellation.abort(new Error("enough"));
      },
    );
    await expect(processing).rejects.toThrow("enough");
    expect(told).toBe(2);
  });
});

const party = fc.constantFrom("Whig", "Democratic", "Republican", "Democratic-Republican");
const keyword = fc.constantFrom(
  "bank",
  "war",
  "peace",
  "tariff",
  "the Louisiana Purchase",
  "United States",
  "canal",
);

function recordOf(
  about: Pick<AddressRecord, "year" | "party">,
  keywords: readonly string[],
  score = 0,
): AddressRecord {
  return {
    ...about,
    id: `${about.year}`,
    president: "A President",
    wordCount: 0,
    audienceNotes: 0,
    chunkWordCounts: [],
    sentiment: { label: "neutral", score, confidence: 0 },
    keywords: keywords.map((word) => ({ text: word, score: 1, count: 3 })),
    summary: "",
    language: "en",
  };
}

const anyRecord = fc
  .tuple(
    fc.record({ year: fc.integer({ min: 1790, max: 2020 }), party }),
    fc.uniqueArray(keyword),
    fc.double({ min: -1, max: 1, noNaN: true }),
  )
  .map((parts) => recordOf(...parts));

describe("figures", () => {
  test("the nearest rank is one of the values, and the smallest that covers so many per cent", () => {
    expect(percentile([], 50)).toBe(0);
    expect(percentile([4, 1, 3, 2], 50)).toBe(2);
    expect(percentile([1, 2, 3], 95)).toBe(3);
    fc.assert(
      fc.property(
        fc.array(fc.nat(100), { minLength: 1 }),
        fc.integer({ min: 1, max: 100 }),
        (values, percent) => {
          const value = percentile(values, percent);
          const needed = (percent * values.length) / 100;
          expect(values).toContain(value);
          expect(values.filter((other) => other <= value).length).toBeGreaterThanOrEqual(needed);
          expect(values.filter((other) => other < value).length).toBeLessThan(needed);
        },
      ),
    );
  });

  test("each record is in one decade, in one party over all decades, and in the whole", () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 60 }), (records) => {
        const groups = groupRecords(records);
        const inDecades = groups.filter(({ decade }) => decade !== "all");
        const inParties = groups.filter((group) => group.decade === "all" && group.party !== "all");
        expect(new Set(inDecades.flatMap((group) => group.records))).toEqual(new Set(records));
        for (const parts of [inDecades, inParties]) {
          expect(parts.reduce((sum, group) => sum + group.records.length, 0)).toBe(records.length);
        }
      }),
    );
  });

  test("a group's keywords are those it has more than others, without what all have", () => {
    const [then, now] = [
      { year: 1796, party: "Federalist" },
      { year: 1979, party: "Democratic" },
    ];
    const early = [
      recordOf(then, ["treaty", "bank", "Congress"]),
      recordOf(then, ["treaty", "Fiscal year", "national bank"]),
    ];
    const late = [recordOf(now, ["bank", "inflation"]), recordOf(now, ["bank", "inflation"])];
    const keywordsOf = particularKeywords([...early, ...late]);
    expect(keywordsOf(early)).toEqual(["treaty", "national bank"]);
    expect(keywordsOf(late)[0]).toBe("inflation");
  });

  test("tables keep within 110 columns", () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 60 }), (records) => {
        for (const line of groupTable(records).split("\n")) expect(line.length).toBeLessThanOrEqual(110);
      }),
    );
    const slow = { name: "slow", depth: 2, count: 233, p50Ms: 12.34, p95Ms: 1234.5, errors: 1 };
    expect(stageTable([slow])).toContain("    slow   233  12.3 ms  1234.5 ms       1");
  });
});

describe("progress", () => {
  function follow(isTTY: boolean) {
    const written: string[] = [];
    let nowMs = 0;
    const progress = new Progress({
      total: 4,
      totalSize: 100,
      stream: { isTTY, columns: 60, write: (line) => written.push(line) },
      now: () => nowMs,
    });
    const passMs = (durationMs: number) => {
      nowMs += durationMs;
    };
    return { progress, written, passMs };
  }

  test("a line every five seconds where there is no terminal, and always the last", () => {
    const { progress, written, passMs } = follow(false);
    passMs(2_000);
    progress.advance(10);
    passMs(3_000);
    progress.advance(40);
    progress.note("1901 failed");
    progress.advance(25);
    passMs(75_000);
    progress.advance(25);
    progress.end();
    expect(written).toEqual([
      "0/4 addresses · 0 %\n",
      "2/4 addresses · 50 % · 0.4/s · 4 s left\n",
      "1901 failed\n",
      "4/4 addresses · 100 % · 0.1/s · 1 min 20 s in all\n",
    ]);
  });

  test("one line that is drawn over on a terminal, and never wraps", () => {
    const { progress, written, passMs } = follow(true);
    passMs(1_000);
    progress.advance(50);
    progress.advance(1);
    progress.note("1901 failed");
    progress.end();
    for (const line of written) expect(line.replace("\r\u001b[K", "").trimEnd().length).toBeLessThan(60);
    expect(written).toHaveLength(5);
    expect(
      written[1]?.startsWith(`\r\u001b[K${"█".repeat(12)}${"░".repeat(12)} 1/4 addresses · 50 % · 1.0/s`),
    ).toBe(true);
    expect(written[2]).toBe("\r\u001b[K1901 failed\n");
    expect(written[4]).toBe("\n");
  });
});
