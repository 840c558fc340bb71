import { AtomicError, type RunReport, type StageReport } from "@atomic-agents/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textWidth } from "./text-width.ts";
import { waterfall } from "./waterfall.ts";

const stage = (
  id: string,
  atMs: number,
  durationMs: number,
  more: Partial<StageReport> = {},
): StageReport => ({
  id,
  agent: id,
  status: "success",
  attempts: 1,
  atMs,
  durationMs,
  ...more,
});
const report = (stages: readonly StageReport[], more: Partial<RunReport> = {}): RunReport => ({
  runId: "run-1",
  requestId: "run-1",
  agent: "triage",
  status: "success",
  startedAtMs: 0,
  durationMs: 100,
  stages,
  ...more,
});
const error = new AtomicError("EXECUTION", "no luck", { details: { thrown: "no luck" } });
const skipped = { status: "skipped", attempts: 0 } as const;

describe("a waterfall", () => {
  it("shows when each stage ran, one line each", () => {
    const drawn = waterfall(
      report([
        stage("clean", 0, 25),
        stage("both", 25, 50, { stages: [stage("left", 25, 25), stage("right", 25, 50)] }),
        stage("last", 75, 25),
      ]),
      { width: 46 },
    );
    expect(drawn.split("\n")).toEqual([
      "triage     ████████████████  100.0 ms  success",
      "  clean    ████               25.0 ms  success",
      "  both         ████████       50.0 ms  success",
      "    left       ████           25.0 ms  success",
      "    right      ████████       50.0 ms  success",
      "  last                 ████   25.0 ms  success",
    ]);
  });

  it("says what went wrong, what was tried again, what was undone and what was never reached", () => {
    const undone = { undone: true } as const;
    const drawn = waterfall(
      report(
        [
          stage("reserve", 0, 10, undone),
          stage("notify", 10, 0, { undoError: error }),
          stage("flaky", 10, 40, { attempts: 3 }),
          stage("shaky", 50, 10, { status: "passed", error }),
          stage("charge", 60, 40, { status: "failed", error }),
          stage("ship", 0, 0, skipped),
        ],
        { status: "failed", error },
      ),
      { width: 62 },
    );
    expect(drawn.split("\n")).toEqual([
      "triage     ████████████████  100.0 ms      failed EXECUTION",
      "  reserve  ██                 10.0 ms      success, undone",
      "  notify    ▏                    0 ms      success, not undone",
      "  flaky     ███████           40.0 ms  ×3  success",
      "  shaky            ██         10.0 ms      passed EXECUTION",
      "  charge            ███████   40.0 ms      failed EXECUTION",
      "  ship                                     skipped",
    ]);
  });

  it("keeps columns in line whatever characters names are of", () => {
    const names = [
      "日本語",
      "👩‍👩‍👧 family",
      "한국어 이름",
      "naïve",
      "line\nbreak\u001b[2J",
      "a".repeat(99),
      "長".repeat(99),
    ];
    const stages = names.map((name, index) => stage(name, index * 10, 10));
    const lines = waterfall(report(stages), { width: 60 }).split("\n");
    // Bars are as long as a tenth of the run, one after the other; all else is in line.
    expect(lines.map((line) => textWidth(line))).toEqual(lines.map(() => 60));
    const begins = lines.slice(1).map((line) => textWidth(line.slice(0, line.search(/[█▏]/u))));
    const [first = 0] = begins;
    expect(begins.map((begin) => begin - first)).toEqual([0, 2, 4, 6, 8, 10, 12]);
    expect(lines.join("")).not.toMatch(/\p{Cc}/u);
  });

  it("has a thin bar for what is too short for a character, also at the very end", () => {
    const lines = waterfall(report([stage("a", 0, 0.1), stage("b", 100, 0)]), { width: 40 }).split("\n");
    expect(lines).toEqual([
      "triage  █████████████  100.0 ms  success",
      "  a     ▏               0.10 ms  success",
      "  b                 ▏      0 ms  success",
    ]);
  });

  it("of a run that took no time is one all the same", () => {
    expect(waterfall(report([stage("a", 0, 0)], { durationMs: 0 }), { width: 40 })).toMatch(
      /^triage {2}▏ +0 ms {2}success\n {2}a {5}▏ +0 ms {2}success$/,
    );
  });

  it("leaves the bars out where there is no room for any", () => {
    expect(waterfall(report([stage("a-long-name", 0, 50)]), { width: 30 }).split("\n")).toEqual([
      "triage    100.0 ms  success",
      "  a-lon…   50.0 ms  success",
    ]);
  });

  it("shows 200 stages and says how many more there are", () => {
    const lines = waterfall(report(Array.from({ length: 512 }, (_, index) => stage(`s${index}`, 0, 1))), {
      width: 80,
    }).split("\n");
    expect(lines).toHaveLength(202);
    expect(lines.at(-1)).toBe("  … and 312 more");
  });

  it("marks bars and outcomes by status, which moves nothing", () => {
    const given = report([stage("a", 0, 50, { status: "failed", error }), stage("b", 0, 0, skipped)]);
    const marked = waterfall(given, { width: 60, mark: (text, status) => `<${status}>${text}</>` });
    expect(
      marked
        .replaceAll(/<\/?[a-z]*>/g, "")
        .split("\n")
        .map((line) => line.trimEnd()),
    ).toEqual(waterfall(given, { width: 60 }).split("\n"));
    expect(marked).toMatch(/<failed>█+ +<\/> .* <failed>failed EXECUTION<\/>/);
  });

  it("is never wider than it may be, and has a line for each stage, whatever the report", () => {
    const status = fc.constantFrom("success", "passed", "failed", "cancelled", "skipped", "running");
    const { tree } = fc.letrec<{ tree: StageReport }>((tie) => ({
      tree: fc.record({
        id: fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
        agent: fc.constant("agent"),
        status,
        attempts: fc.nat(12),
        atMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
        durationMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
        stages: fc.oneof(
          { depthSize: "small", maxDepth: 9 },
          fc.constant([]),
          fc.array(tie("tree"), { minLength: 1, maxLength: 3 }),
        ),
      }),
    }));
    const count = (stages: readonly StageReport[] = []): number =>
      stages.reduce((sum, { stages: inner }) => sum + 1 + count(inner), 0);
    const run = fc.array(tree, { maxLength: 5 });
    fc.assert(
      fc.property(
        run,
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        fc.integer({ min: 60, max: 200 }),
        (stages, durationMs, width) => {
          const lines = waterfall(report(stages, { durationMs }), { width }).split("\n");
          const stageCount = count(stages);
          expect(lines).toHaveLength(1 + Math.min(stageCount, 200) + (stageCount > 200 ? 1 : 0));
          for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});
