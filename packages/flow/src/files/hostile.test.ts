import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGzip } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FlowSummary } from "../summary.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flow-hostile-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mib = 1_048_576;

/** Parts of a file: texts, and how often they stand there. */
type Parts = readonly (readonly [text: string, times: number])[];

/** Writes a file of parts, in pieces, so that the test needs no memory for it either. */
async function written(name: string, parts: Parts): Promise<string> {
  const path = join(folder, name);
  const file = openSync(path, "w");
  const gzip = name.endsWith(".gz") ? createGzip({ level: 1 }) : undefined;
  gzip?.on("data", (bytes: Buffer) => writeSync(file, bytes));
  for (const [text, times] of parts) {
    const pieceTimes = Math.max(1, Math.min(times, Math.floor(mib / text.length)));
    const piece = Buffer.from(text.repeat(pieceTimes));
    for (let left = times; left > 0; left -= pieceTimes) {
      const bytes = left >= pieceTimes ? piece : Buffer.from(text.repeat(left));
      if (gzip === undefined) writeSync(file, bytes);
      else await new Promise((resolve) => gzip.write(bytes, resolve));
    }
  }
  if (gzip !== undefined) {
    await new Promise((resolve) => {
      gzip.on("end", resolve);
      gzip.end();
    });
  }
  closeSync(file);
  return path;
}

type Told = FlowSummary & { readonly memoryBytes: number };

/** Reads a file in a process with little memory. */
function read(path: string): Told {
  const flags = ["--max-old-space-size=48", "--conditions=@atomic-agents/source"];
  const child = join(import.meta.dirname, "read-child.ts");
  // The child prints what `Told` says.
  const told = JSON.parse(
    execFileSync(process.execPath, [...flags, child, path], { encoding: "utf8" }),
  ) as Told;
  expect(told.read).toBe(told.delivered + told.filtered + told.deadLettered + told.unfinished);
  return told;
}

describe("a file made to do harm", () => {
  /** What reading a small file takes. */
  let usualBytes = 0;
  beforeAll(async () => {
    usualBytes = read(await written("usual.jsonl", [["{}\n", 10]])).memoryBytes;
  });

  const long: Parts = [["x", 100 * mib]];
  const cases: readonly (readonly [name: string, parts: Parts, expected: object, message?: string])[] = [
    [
      "line.jsonl",
      [["1\n", 1], ...long, ["\n2\n", 1]],
      { delivered: 2, deadLettered: 1 },
      ":2:1: longer than 1048576 bytes (maxRecordBytes)",
    ],
    [
      "bomb.jsonl.gz",
      [
        ["1\n", 1],
        ["\0", 400 * mib],
        ["\n2\n", 1],
      ],
      { delivered: 2, deadLettered: 1 },
      ":2:1: longer",
    ],
    [
      "blank.jsonl.gz",
      [
        ["\n", 10 * mib],
        ["1", 1],
      ],
      { delivered: 1, deadLettered: 0 },
    ],
    [
      "line.txt.gz",
      [["1\n", 1], ...long, ["\n2\n", 1]],
      { delivered: 2, deadLettered: 1 },
      ":2:1: longer than 1048576 bytes (maxRecordBytes)",
    ],
    [
      "string.json.gz",
      [['[1,\n"', 1], ...long, ['",2]', 1]],
      { delivered: 2, deadLettered: 1 },
      ":2:1: longer than 1048576 bytes (maxRecordBytes), in element [1]",
    ],
    [
      "deep.json.gz",
      [
        ["[1,", 1],
        ["[", 20 * mib],
        ["]", 20 * mib],
        [",2]", 1],
      ],
      { delivered: 2, deadLettered: 1 },
      ":1:4: longer than 1048576 bytes (maxRecordBytes), in element [1]",
    ],
    [
      "deep.jsonl",
      [
        ["[", 500_000],
        ["]", 500_000],
        ["\n1", 1],
      ],
      { delivered: 1, deadLettered: 1 },
      ":1:501: nests deeper than 500",
    ],
    [
      "space.json.gz",
      [
        ["[1,", 1],
        [" ", 100 * mib],
        ["2]", 1],
      ],
      { delivered: 2, deadLettered: 0 },
    ],
    [
      "cut.json.gz",
      [
        ["[1,", 1],
        ["[", 50 * mib],
      ],
      { status: "failed", unfinished: 0 },
    ],
    [
      "field.csv.gz",
      [["a,b\n1,1\n", 1], ...long, [",1\n2,2\n", 1]],
      { delivered: 2, deadLettered: 1 },
      ":3:1: longer than 1048576 bytes (maxRecordBytes)",
    ],
    [
      "quoted.csv.gz",
      [['a,b\n1,1\n"', 1], ...long, ['",1\n2,2\n', 1]],
      { delivered: 2, deadLettered: 1 },
      ":3:1: longer than 1048576 bytes (maxRecordBytes)",
    ],
    [
      "quotes.csv.gz",
      [
        ['a,b\n1,1\n"', 1],
        ['""', 50 * mib],
        ['",1\n2,2\n', 1],
      ],
      { delivered: 2, deadLettered: 1 },
      ":3:1: longer than 1048576 bytes (maxRecordBytes)",
    ],
    // Of a quoted field that does not end in time the lines are read as rows.
    [
      "open.csv.gz",
      [
        ['a,b\n1,1\n"', 1],
        ["x,x\n", mib],
        ["2,2\n", 1],
      ],
      { delivered: mib + 1, deadLettered: 1 },
      ":3:1: wrong quotes: a field is not closed within",
    ],
    [
      "faults.csv.gz",
      [
        ["a\n", 1],
        ['x"y\n', 200_000],
      ],
      { delivered: 0, deadLettered: 200_000 },
    ],
    [
      "commas.csv.gz",
      [
        ["a,b\n", 1],
        [",", 100 * mib],
        ["\n1,2\n", 1],
      ],
      { delivered: 1, deadLettered: 1 },
    ],
    ["names.csv.gz", [...long], { status: "failed", read: 0 }],
  ];
  for (const [name, parts, expected, message] of cases) {
    it(`is read without holding it: ${name}`, { timeout: 120_000 }, async () => {
      const path = await written(name, parts);
      const told = read(path);
      rmSync(path);
      expect(told).toMatchObject(expected);
      if (message !== undefined) expect(told.deadLetters[0]?.error.message).toContain(message);
      // Many errors make work for the collector, which then takes what it may have.
      const spareBytes = (told.deadLettered > 1_000 ? 192 : 64) * mib;
      expect(told.memoryBytes).toBeLessThan(usualBytes + spareBytes);
    });
  }
});
