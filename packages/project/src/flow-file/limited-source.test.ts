import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineSource, flow, fromFile, fromIterable, type Source, toArray } from "@atomic-agents/flow";
import { afterAll, describe, expect, it } from "vitest";
import { limitedSource } from "./limited-source.ts";

const folder = mkdtempSync(join(tmpdir(), "limited-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(source: Source<unknown>, limit: number) {
  const got: unknown[] = [];
  const run = flow(limitedSource(source, limit)).start(toArray(got));
  const summary = await run.summary;
  return { got, summary, ratio: run.progress().ratio };
}

describe("limitedSource", () => {
  it.each([
    [1, [1]],
    [2, [1, 2]],
    [3, [1, 2, 3]],
    [9, [1, 2, 3]],
  ])("gives the first %j of an iterable", async (limit, wanted) => {
    const { got, summary, ratio } = await read(fromIterable([1, 2, 3]), limit);
    expect(got).toEqual(wanted);
    expect(summary).toMatchObject({ status: "success", read: wanted.length });
    expect(ratio).toBe(1);
  });

  it("asks for no more than it gives, and closes what it reads", async () => {
    const asked: unknown[] = [];
    const endless = defineSource<number>({
      name: "endless",
      read: async function* () {
        try {
          for (let number = 1; ; number++) {
            asked.push(number);
            yield number;
          }
        } finally {
          asked.push("closed");
        }
      },
    });
    expect((await read(endless, 3)).got).toEqual([1, 2, 3]);
    expect(asked).toEqual([1, 2, 3, "closed"]);
  });

  it("gives the first of a file, over its pages, and counts those that cannot be read", async () => {
    const path = join(folder, "numbers.jsonl");
    const lines = Array.from({ length: 100_000 }, (_, index) => (index === 70_001 ? "oops" : String(index)));
    writeFileSync(path, lines.join("\n"));
    const { got, summary } = await read(fromFile(path), 70_003);
    expect(summary).toMatchObject({ status: "partial", read: 70_003, delivered: 70_002, deadLettered: 1 });
    expect(got.at(-1)).toBe(70_002);
    expect(summary.deadLetters).toMatchObject([{ line: 70_002, record: 70_002 }]);
    expect((await read(fromFile(path), 200_000)).summary.read).toBe(100_000);
  });
});
