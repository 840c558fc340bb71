import { defineSource, flow, type FlowSummary, fromIterable, toArray } from "@atomic-agents/flow";
import fc from "fast-check";
import { expect, it } from "vitest";
import { balanceTable } from "./balance-table.ts";
import { type FlowReport, flowReport, letterLine } from "./flow-report.ts";
import { letterPlace, withoutPlace } from "./letter-place.ts";

function reportOf(summary: FlowSummary): FlowReport {
  return {
    name: "tickets",
    status: summary.status,
    durationMs: 2_000,
    counts: summary,
    stages: summary.stages,
    outputs: summary.sinks,
    letters: summary.deadLetters.map((letter) => ({
      place: letterPlace(letter),
      stage: letter.stage === letter.source ? undefined : letter.stage,
      code: letter.error.code,
      message: letter.error.message,
    })),
  };
}

const numbers = fromIterable(
  Array.from({ length: 1_000 }, (_, index) => index),
  { name: "numbers" },
);

it("tells which record ended the flow", async () => {
  const summary = await flow(numbers)
    .map((number) => {
      if (number === 41) throw new Error("no luck");
      return number;
    })
    .to(toArray<number>([]));
  const { stoppedBy } = summary;
  const place = stoppedBy === undefined ? undefined : letterPlace(stoppedBy);
  expect(flowReport({ ...reportOf(summary), stoppedBy: place })).toMatch(
    /\nstopped by {4}record 42 of numbers$/,
  );
});

it("tells what became of the records, by stage, where they are, and what to do about failed ones", async () => {
  const summary = await flow(numbers)
    .filter((number) => number % 10 !== 0, { id: "odd ones out" })
    .map(
      (number) => {
        if (number % 100 === 1) throw new Error(`no luck\nwith ${number}`);
        return number;
      },
      { id: "work", onError: "dead-letter" },
    )
    .to(toArray<number>([]));
  const text = flowReport({
    ...reportOf(summary),
    lettersFile: "letters.jsonl",
    showCommand: "atomic dead-letters show 1",
    redriveCommands: ["atomic redrive 1"],
  });
  expect(text).toBe(`tickets: partial, 1,000 records in 2.00 s (500/s)

read             1,000
  delivered        890
  filtered         100
  dead-lettered     10
  unfinished         0

STAGE         TAKEN  GIVEN  FILTERED  DEAD-LETTERED
odd ones out  1,000    900       100              0
work            900    890         0             10

output        array (890 records)
dead letters  letters.jsonl (10 records)
  record 2 of numbers  EXECUTION Agent "work" at stage "work" threw: no luck with 1
  record 102 of numbers  EXECUTION Agent "work" at stage "work" threw: no luck with 101
  record 202 of numbers  EXECUTION Agent "work" at stage "work" threw: no luck with 201
  record 302 of numbers  EXECUTION Agent "work" at stage "work" threw: no luck with 301
  record 402 of numbers  EXECUTION Agent "work" at stage "work" threw: no luck with 401
  and 5 more: atomic dead-letters show 1
try again     atomic redrive 1`);
});

it("tells of a flow that failed what was not written and not finished", async () => {
  const source = defineSource<number>({
    name: "breaks",
    read: function* () {
      yield 1;
      throw new Error("the disk is gone");
    },
  });
  const summary = await flow(source).to(toArray<number>([]));
  expect(flowReport(reportOf(summary))).toBe(`tickets: failed, 1 record in 2.00 s (0.5/s)

read             1
  delivered      0
  filtered       0
  dead-lettered  0
  unfinished     1

output        array was not written`);
});

it("does not say of what a server took that it was let go", () => {
  const text = flowReport({
    name: "x",
    status: "failed",
    durationMs: 0,
    counts: { read: 3, delivered: 2, filtered: 0, deadLettered: 0, unfinished: 1 },
    stages: [],
    outputs: [
      { name: "https://example.com/in", written: 2, published: false },
      { name: "out/a.jsonl", written: 2, published: false },
    ],
    letters: [],
    isDryRun: false,
  });
  expect(text).toContain("https://example.com/in (2 records)\n");
  expect(text).toContain("out/a.jsonl was not written (2 records let go)");
});

it("tells that a dry run wrote nothing, and marks what stands out", () => {
  const counts = { read: 3, delivered: 1, filtered: 0, deadLettered: 1, unfinished: 1 };
  const text = flowReport(
    {
      name: "x",
      status: "cancelled",
      durationMs: 0,
      counts,
      stages: [],
      outputs: [],
      letters: [],
      isDryRun: true,
    },
    { mark: (text, kind) => `<${kind}>${text}</>` },
  );
  expect(text).toContain("<title>x</>: <bad>cancelled</>, 3 records in 0 ms\n");
  expect(text).toMatch(/<bad> {2}dead-lettered {2}1<\/>\n<warning> {2}unfinished {5}1<\/>/);
  expect(text).toContain("nothing was written: a dry run");
});

it("tells of a record that failed on one line, where it is first", () => {
  const place = letterPlace({ record: 17, source: "s", file: "data/a.jsonl", line: 20, column: 3 });
  expect(place).toBe("data/a.jsonl:20:3");
  const refused = { record: 17, source: "s", file: "data/a.jsonl", line: 20, column: 3 };
  expect(withoutPlace(`${place}: no JSON`, refused)).toBe("no JSON");
  expect(withoutPlace("record: no", { record: 1, source: "s" })).toBe("no");
  expect(withoutPlace("no luck", refused)).toBe("no luck");
  expect(letterLine({ place, code: "VALIDATION_INPUT", message: "no JSON\u001b[31m" })).toBe(
    "data/a.jsonl:20:3  VALIDATION_INPUT no JSON [31m",
  );
  expect(letterPlace({ record: 17, source: "s", file: "a.csv", line: 20 })).toBe("a.csv:20");
  expect(letterPlace({ record: 17, source: "s", file: "a.json" })).toBe("a.json, record 17");
  expect(letterLine({ place, stage: "x", code: "EXECUTION", message: "long ".repeat(100) })).toHaveLength(
    "data/a.jsonl:20:3  x  EXECUTION ".length + 300,
  );
});

it("shows names of files on a line, whatever is in them", async () => {
  const summary = await flow(numbers).to(toArray<number>([]));
  const outputs = [{ name: "out/a\n\u001b[2Jb.jsonl", written: 1, published: true }];
  const report = flowReport({ ...reportOf(summary), outputs, lettersFile: "dead\r.jsonl" });
  expect(report).toContain("output        out/a [2Jb.jsonl (1 record)\ndead letters  dead .jsonl");
});

it("has runs beside one another, and keeps numbers below one another", () => {
  const first = { read: 1_000_000, delivered: 999_000, filtered: 0, deadLettered: 1_000, unfinished: 0 };
  const second = { read: 1_000, delivered: 995, filtered: 0, deadLettered: 5, unfinished: 0 };
  const both = { read: 1_000_000, delivered: 999_995, filtered: 0, deadLettered: 5, unfinished: 0 };
  expect(
    balanceTable([
      { title: "first", counts: first },
      { title: "re-drive", counts: second },
      { title: "together", counts: both },
    ]),
  ).toBe(`                     first  re-drive   together
read             1,000,000     1,000  1,000,000
  delivered        999,000       995    999,995
  filtered               0         0          0
  dead-lettered      1,000         5          5
  unfinished             0         0          0`);
});

it("shows ends that make as many as were read", () => {
  const count = fc.nat(1e9);
  fc.assert(
    fc.property(count, count, count, count, (delivered, filtered, deadLettered, unfinished) => {
      const read = delivered + filtered + deadLettered + unfinished;
      const lines = balanceTable([{ counts: { read, delivered, filtered, deadLettered, unfinished } }]).split(
        "\n",
      );
      const [first, ...ends] = lines.map((line) => Number(/[\d,]+$/.exec(line)?.[0].replaceAll(",", "")));
      expect(ends.reduce((sum, end) => sum + end, 0)).toBe(first);
      expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    }),
  );
});
