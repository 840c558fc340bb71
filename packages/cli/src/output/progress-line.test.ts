import type { FlowProgress } from "@atomic-agents/flow";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { progressLine, progressText, type ProgressView, waitText } from "./progress-line.ts";
import { textWidth } from "./text-width.ts";

const progress: FlowProgress = {
  status: "running",
  read: 1_234_567,
  delivered: 1_230_000,
  filtered: 4_000,
  deadLettered: 567,
  unfinished: 0,
  bytesRead: 62,
  ratio: 0.625,
};
const view: ProgressView = { progress, perSecond: 45_210, msLeft: 12_000, elapsedMs: 20_000 };
const { ratio: _ratio, ...unsized } = progress;

describe("progressLine", () => {
  it("shows a bar, percent, records, how many a second, what is left and what became of them", () => {
    expect(progressLine(view, { width: 140, ascii: false })).toBe(
      "███████████████░░░░░░░░░   62 %  1,234,567 records  45,210/s  12 s left  1,230,000 delivered  4,000 filtered  567 dead-lettered",
    );
  });

  it("needs no more than ASCII", () => {
    const line = progressLine(view, { width: 140, ascii: true });
    expect(line).toMatch(/^\[#{13}\.{9}\] {3}62 % {2}1,234,567 records/);
    expect(line).toMatch(/^[\x20-\x7e]*$/);
  });

  it("leaves out what has no room, the least important first", () => {
    const at = (width: number) => progressLine(view, { width, ascii: false });
    expect(at(90)).toBe(
      "███████████████░░░░░░░░░   62 %  1,234,567 records  45,210/s  12 s left  567 dead-lettered",
    );
    expect(at(97)).toBe(
      "██████▎░░░   62 %  1,234,567 records  45,210/s  12 s left  1,230,000 delivered  567 dead-lettered",
    );
    expect(at(79)).toBe("████████▏░░░░   62 %  1,234,567 records  45,210/s  12 s left  567 dead-lettered");
    expect(at(72)).toBe(" 62 %  1,234,567 records  45,210/s  12 s left  567 dead-lettered");
    expect(at(45)).toBe(" 62 %  1,234,567 records  12 s left  567 dead");
    expect(at(24)).toBe(" 62 %  1,234,567 records");
    expect(at(20)).toBe(" 62 %  1,234,567");
    expect(at(3)).toBe("");
  });

  it("shows neither bar nor percent where the size is not known, but for how long it has been at work", () => {
    expect(
      progressLine({ ...view, progress: unsized, msLeft: undefined }, { width: 120, ascii: false }),
    ).toBe("1,234,567 records  45,210/s  20 s  1,230,000 delivered  4,000 filtered  567 dead-lettered");
  });

  it("marks its parts without becoming wider", () => {
    const line = progressLine(view, { width: 140, ascii: true, mark: (text, kind) => `<${kind}>${text}</>` });
    expect(line).toContain("[<bar>#############</><rest>.........</>]");
    expect(line).toContain("<dead-lettered>567 dead-lettered</>");
    expect(line.replace(/<[^>]*>/g, "")).toBe(progressLine(view, { width: 140, ascii: true }));
  });

  it("says 100 % only of all, and when all has ended", () => {
    const at = (ratio: number, status: FlowProgress["status"] = "running") =>
      progressLine({ ...view, progress: { ...progress, ratio, status } }, { width: 6, ascii: true });
    const shown = [at(0), at(0.009), at(0.295), at(0.9999), at(1), at(1, "success")];
    expect(shown).toEqual(["  0 %", "  0 %", " 29 %", " 99 %", " 99 %", "100 %"]);
  });

  it("is never wider than it may be", () => {
    const count = fc.nat(2 ** 31);
    const views = fc.record({
      progress: fc.record(
        {
          status: fc.constant("running" as const),
          read: count,
          delivered: count,
          filtered: count,
          deadLettered: count,
          unfinished: count,
          bytesRead: count,
          ratio: fc.double({ min: 0, max: 1, noNaN: true }),
        },
        {
          requiredKeys: [
            "status",
            "read",
            "delivered",
            "filtered",
            "deadLettered",
            "unfinished",
            "bytesRead",
          ],
        },
      ),
      perSecond: fc.double({ min: 0, max: 1e9, noNaN: true }),
      msLeft: fc.option(fc.nat(1e9), { nil: undefined }),
      elapsedMs: fc.nat(1e9),
    });
    fc.assert(
      fc.property(views, fc.integer({ min: 1, max: 200 }), fc.boolean(), (some, width, ascii) => {
        expect(textWidth(progressLine(some, { width, ascii }))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe("progressText", () => {
  it("says all on a line that stays", () => {
    expect(progressText(view)).toBe(
      " 62 %  1,234,567 records  45,210/s  12 s left  1,230,000 delivered  4,000 filtered  567 dead-lettered",
    );
    const first = { ...unsized, read: 1, delivered: 1, filtered: 0, deadLettered: 0 };
    expect(progressText({ progress: first, perSecond: 0.5, msLeft: undefined, elapsedMs: 2_000 })).toBe(
      "1 record  0.5/s  2 s  1 delivered",
    );
  });
});

describe("waitText", () => {
  it.each([
    [499, "0 s"],
    [59_000, "59 s"],
    [59_500, "1 min 00 s"],
    [61_000, "1 min 01 s"],
    [3_600_000, "1 h 00 min"],
    [86_399_000, "23 h 59 min"],
    [90_000_000, "1 d 01 h"],
  ])("of %i ms", (ms, expected) => {
    expect(waitText(ms)).toBe(expected);
  });
});
