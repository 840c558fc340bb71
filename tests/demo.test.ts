import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadAddresses } from "../examples/sotu/dataset.ts";
import { groupRecords } from "../examples/sotu/groups.ts";
import { particularKeywords } from "../examples/sotu/particular-keywords.ts";
import { mendedPipeline, sotuPipeline } from "../examples/sotu/pipeline.ts";
import { AddressRecord } from "../examples/sotu/record.ts";
import { AddressTasks } from "../examples/sotu/tasks.ts";
import { groupTable } from "../examples/sotu/summary-table.ts";

const folder = join(import.meta.dirname, "../examples/sotu");

/** The child loads two language models, on a machine that may be busy with other tests. */
const childTimeoutMs = 240_000;

async function runDemo(...args: readonly string[]) {
  const options = ["--conditions=@atomic-agents/source", join(folder, "main.ts"), ...args];
  const child = spawn(process.execPath, options, { stdio: ["ignore", "pipe", "pipe"] });
  const [[code], stdout, stderr] = await Promise.all([
    once(child, "close"),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}

describe("the demo as a program", () => {
  test("writes a record for each address, keeps the poisoned one apart, and does it again when that is mended", {
    timeout: childTimeoutMs,
  }, async () => {
    const { code, stdout, stderr } = await runDemo("--limit", "75");

    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    const lines = readFileSync(join(folder, "out/sotu.jsonl"), "utf8").trimEnd().split("\n");
    const records = lines.map((line) => AddressRecord.parse(JSON.parse(line)));
    expect(new Set(records.map(({ id }) => id)).size).toBe(75);
    expect(records[0]).toMatchObject({ id: "1790-george-washington", party: "no party", language: "en" });
    expect(records.at(-1)).toMatchObject({ id: "1863-abraham-lincoln", year: 1863 });
    for (const record of records) {
      expect(record.chunkWordCounts.reduce((sum, words) => sum + words, 0)).toBe(record.wordCount);
      expect(record.keywords.length).toBeGreaterThan(0);
      expect(record.summary).not.toBe("");
    }
    expect(stdout).toMatch(/dead-lettered +1\n/);
    expect(stdout).toMatch(/read +75 +1 +75\n +delivered +74 +1 +75\n/);
    expect(stdout).toMatch(/1790s +no party +7 /);
    // Per stage: how many, calls, errors, and three durations.
    expect(stdout).toMatch(/^state-of-the-union\/validate +75 +75 +1 VALIDATION_INPUT(?: +[\d.]+ m?s){3}$/m);
    for (const stage of [
      "state-of-the-union/analyze",
      "state-of-the-union/merge",
      "analyze/sentiment",
      "analyze/language",
    ]) {
      expect(stdout).toMatch(new RegExp(`^${stage} +74 +74 +0(?: +[\\d.]+ m?s){3}$`, "m"));
    }
    expect(stderr).not.toContain("\r");
  });

  test("has a model work on a sample, and says that it was simulated", {
    timeout: childTimeoutMs,
  }, async () => {
    const { code, stdout, stderr } = await runDemo("--limit", "4", "--model", "simulated/1");

    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    const lines = readFileSync(join(folder, "out/tasks.jsonl"), "utf8").trimEnd().split("\n");
    const records = lines.map((line) => AddressTasks.parse(JSON.parse(line)));
    expect(records.map(({ year }) => year)).toEqual([1790, 1791, 1792, 1793]);
    for (const { summary, analysis, tasks } of records) {
      expect(analysis.summary).toMatch(/^Simulated/);
      expect(tasks).toHaveLength(Math.min(2, analysis.recommendations.length));
      expect(summary).toMatch(/^\d+ recommendations?, \d tasks?/);
    }
    const calls = records.length + records.flatMap(({ tasks }) => tasks).length;
    expect(stdout).toMatch(new RegExp(`simulated/1: ${calls} calls, .* SIMULATED: no model was asked`));
    expect(stdout).toContain("SIMULATED: no model was asked; the texts are made up");
    for (const way of ["a flow file", "a service", "a remote agent"]) {
      expect(stdout).toContain(`${way}: 3 records, the same\n`);
    }
  });

  test("says before it begins that a model is not known", { timeout: childTimeoutMs }, async () => {
    const { code, stdout, stderr } = await runDemo("--model", "opnai/gpt-5");
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining("opnai/gpt-5")]);
  });

  test("says before it begins that a model is missing", { timeout: childTimeoutMs }, async () => {
    const { code, stdout, stderr } = await runDemo("--model");
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining("--model needs a model")]);
  });

  test("hands wrong arguments to the command, which refuses them with 2", {
    timeout: childTimeoutMs,
  }, async () => {
    const { code, stderr } = await runDemo("--limit", "0");
    expect(code).toBe(2);
    expect(stderr).toContain("--limit");
  });
});

const addresses = loadAddresses();
const [first, second] = addresses;
if (first === undefined || second === undefined) throw new Error("the data set is empty");

describe("the pipeline", () => {
  test("the data set is whole and in order", () => {
    expect(addresses).toHaveLength(233);
    expect(addresses.map(({ year }) => year)).toEqual(
      addresses.map(({ year }) => year).toSorted((a, b) => a - b),
    );
    expect(existsSync(join(folder, "sotu.flow.yaml"))).toBe(true);
  });

  test("takes out and counts what the audience did", { timeout: childTimeoutMs }, async () => {
    const said = "We will succeed. (Applause.) We have worked hard—[laughter]—and we will go on.";
    const record = await sotuPipeline.run({ ...first, text: said });
    expect(record).toMatchObject({ audienceNotes: 2, wordCount: 12 });
    expect(JSON.stringify(record)).not.toMatch(/applause|laughter/i);
  });

  test("refuses what is no address; the mended one reads a year that is a text, and no other", {
    timeout: childTimeoutMs,
  }, async () => {
    const wrong = [
      { ...second, text: " \n" },
      { ...second, year: 1500 },
      { ...second, year: "A.D. 1791" },
    ];
    const codes = async (pipeline: typeof mendedPipeline) =>
      Promise.all(
        wrong.map(async (address) => {
          const result = await pipeline.tryRun(address);
          return result.ok ? result.output.year : `${result.error.code} at ${result.error.stage}`;
        }),
      );
    const refused = "VALIDATION_INPUT at validate";
    // It is given what a module's source may give.
    expect(await codes(sotuPipeline as unknown as typeof mendedPipeline)).toEqual([
      refused,
      refused,
      refused,
    ]);
    expect(await codes(mendedPipeline)).toEqual([refused, refused, 1791]);
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
  });
});
