import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "@atomic-agents/core";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { DeadLetter } from "../dead-letter.ts";
import { fromFile } from "../files/from-file.ts";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { defineSink } from "../sink.ts";
import { toArray } from "../to-array.ts";
import { fromDeadLetters } from "./from-dead-letters.ts";
import { type DamagedLetter, readDeadLetters } from "./read-dead-letters.ts";
import { toDeadLetters } from "./to-dead-letters.ts";

const root = mkdtempSync(join(tmpdir(), "dead-letters-"));
afterAll(() => rmSync(root, { recursive: true }));
let folder = "";
let count = 0;
beforeEach(() => {
  count++;
  folder = join(root, `${count}`);
});

const numbers = (length: number): readonly number[] => Array.from({ length }, (_, index) => index + 1);

/** Numbers of which the odd ones fail. */
const halves = (length: number) =>
  flow(fromIterable(numbers(length)), { name: "halves" }).map(
    (number) => {
      if (number % 2 === 1) throw new Error(`${number} is odd`);
      return number / 2;
    },
    { onError: "dead-letter" },
  );

async function lettersIn(path: string): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const letter of readDeadLetters(path)) letters.push(letter);
  return letters;
}

describe("a file of dead letters", () => {
  it("has the letters of a flow, in a folder that is made", async () => {
    const path = join(folder, "deep", "letters.jsonl");
    const designed = halves(5);
    const summary = await designed.to(toArray<number>([]), { deadLetters: toDeadLetters(path) });
    expect(summary).toMatchObject({ status: "partial", published: true, deadLettered: 3, letterCount: 3 });
    const letters = await lettersIn(path);
    expect(letters).toMatchObject(
      [1, 3, 5].map((number) => ({
        record: number,
        source: "iterable",
        stage: "map",
        entry: { kind: "stage", id: "map" },
        input: number,
        attempts: 1,
        flow: "halves",
        flowHash: designed.hash,
        runId: summary.runId,
        error: { code: "EXECUTION", stage: "map" },
      })),
    );
    expect(letters.map((letter) => letter.timestamp > 1_000_000_000_000)).toEqual([true, true, true]);
    // What the summary shows is what is written.
    expect(letters.map(({ error: _error, ...rest }) => rest)).toEqual(
      JSON.parse(JSON.stringify(summary.deadLetters.map(({ error: _error, ...rest }) => rest))),
    );
  });

  it("is not there without letters, and does not stay from an earlier run", async () => {
    const path = join(folder, "letters.jsonl");
    const run = (length: number) =>
      halves(length).to(toArray<number>([]), { deadLetters: toDeadLetters(path) });
    await run(0);
    expect(existsSync(path)).toBe(false);
    await run(3);
    expect(await lettersIn(path)).toHaveLength(2);
    await run(0);
    expect(existsSync(path)).toBe(false);
    const target = join(folder, "target.jsonl");
    writeFileSync(target, "old\n");
    symlinkSync(target, path);
    await run(0);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, "utf8")).toBe("");
  });

  it("is there also when the flow fails or is cancelled, but not in the place of another", async () => {
    const lines: string[] = [];
    const log = createLog({ write: (line) => void lines.push(line) });
    const failing = defineSink<number>({
      name: "failing",
      maxRecords: 5,
      open: () => ({
        write: () => {
          throw new Error("disk full");
        },
      }),
    });
    const path = join(folder, "letters.jsonl");
    const run = () => halves(1_000).to(failing, { deadLetters: toDeadLetters(path), run: { log } });
    const summary = await run();
    const { read, delivered, deadLettered, unfinished, sinks } = summary;
    expect(summary).toMatchObject({ status: "failed", published: false, delivered: 0 });
    expect(sinks).toMatchObject([{ published: false }, { name: path, published: true }]);
    expect(deadLettered).toBeGreaterThan(0);
    expect(read).toBe(delivered + deadLettered + unfinished);
    const letters = await lettersIn(path);
    expect(letters).toHaveLength(deadLettered);
    expect(lines).toEqual([]);

    const before = readFileSync(path, "utf8");
    const again = await run();
    expect(again.sinks).toMatchObject([{ published: false }, { published: false }]);
    expect(readFileSync(path, "utf8")).toBe(before);
    expect(lines.join()).toContain("The dead letters of a flow that failed were not kept");

    const cancelled = join(folder, "cancelled.jsonl");
    const endless = flow(
      fromIterable(
        (function* () {
          for (let number = 1; ; number++) yield number;
        })(),
      ),
    ).map(
      (number) => {
        if (number % 3 === 0) throw new Error("a third");
        if (number === 2_000) run2.cancel();
        return number;
      },
      { onError: "dead-letter" },
    );
    const run2 = endless.start(toArray<number>([]), { deadLetters: toDeadLetters(cancelled) });
    const ended = await run2.summary;
    expect(ended.status).toBe("cancelled");
    expect(ended.deadLettered).toBeGreaterThan(100);
    expect(await lettersIn(cancelled)).toHaveLength(ended.deadLettered);
  });

  it("that cannot be written fails the flow before anything is read", async () => {
    writeFileSync(join(root, "file"), "");
    const path = join(root, "file", "letters.jsonl");
    const summary = await halves(3).to(toArray<number>([]), { deadLetters: toDeadLetters(path) });
    expect(summary).toMatchObject({ status: "failed", read: 0 });
    expect(summary.error).toMatchObject({ code: "CONFIG", hint: "A part of its path is a file." });
  });
});

describe("reading dead letters", () => {
  async function written(): Promise<{ readonly path: string; readonly lines: readonly string[] }> {
    const path = join(folder, "letters.jsonl");
    await halves(5).to(toArray<number>([]), { deadLetters: toDeadLetters(path) });
    return { path, lines: readFileSync(path, "utf8").trimEnd().split("\n") };
  }

  it("refuses damaged lines with file, line and column, or tells of them and goes on", async () => {
    const { lines } = await written();
    const [first = "", second = "", third = ""] = lines;
    const bad = join(folder, "bad.jsonl");
    const texts = [first, '{"text":"a record"}', second.slice(0, 50), "", "5", third.slice(0, -1)];
    writeFileSync(bad, texts.join("\n"));
    const reading = lettersIn(bad);
    await expect(reading).rejects.toMatchObject({ code: "VALIDATION_INPUT" });
    await expect(reading).rejects.toThrow(`${bad}:2: no dead letter of version 1: "version" is undefined`);
    const damaged: DamagedLetter[] = [];
    const letters: DeadLetter[] = [];
    for await (const letter of readDeadLetters(bad, { onDamaged: (one) => void damaged.push(one) })) {
      letters.push(letter);
    }
    expect(letters.map(({ record }) => record)).toEqual([1]);
    expect(damaged).toMatchObject([
      { file: bad, line: 2, message: expect.stringContaining("version") as string },
      { file: bad, line: 3, column: 51, message: "not JSON: ends too early" },
      { file: bad, line: 5, message: "no dead letter: the line must be an object" },
      { file: bad, line: 6, message: "not JSON: ends too early, and the file ends without a line end" },
    ]);
    expect(damaged[0]?.raw).toBe('{"text":"a record"}');
    // As a source, they are records that cannot be read.
    const got: DeadLetter[] = [];
    const summary = await flow(fromDeadLetters(bad)).to(toArray(got));
    expect(summary).toMatchObject({ read: 5, delivered: 1, deadLettered: 4 });
  });

  it("reads a whole last line without a line end", async () => {
    const { path } = await written();
    writeFileSync(path, readFileSync(path, "utf8").trimEnd());
    expect(await lettersIn(path)).toHaveLength(3);
  });

  it("can be left at any letter", async () => {
    const { path } = await written();
    for await (const { record } of readDeadLetters(path)) {
      expect(record).toBe(1);
      break;
    }
  });

  it("reads the deepest and the largest records that it has written", async () => {
    const source = join(folder, "in.jsonl");
    const path = join(folder, "letters.jsonl");
    const deepest = `${"[".repeat(499)}1${"]".repeat(499)}`;
    const text = JSON.stringify("\u0001".repeat(174_000));
    await written();
    writeFileSync(source, `${deepest}\n${text}\n${"[".repeat(600)}${"]".repeat(600)}\n`);
    const summary = await flow(fromFile(source))
      .map(
        () => {
          throw new Error("each");
        },
        { onError: "dead-letter" },
      )
      .to(toArray<never>([]), { deadLetters: toDeadLetters(path) });
    expect(summary.deadLettered).toBe(3);
    const letters = await lettersIn(path);
    expect(letters.map(({ stage, line, inputProblem }) => [stage, line, inputProblem !== undefined])).toEqual(
      [
        ["map", 1, false],
        ["map", 2, false],
        [source, 3, true],
      ],
    );
    expect(JSON.stringify(letters.map(({ input }) => input).slice(0, 2))).toBe(`[${deepest},${text}]`);
  });

  it.each([
    ["", "path must be a path"],
    [5, "path must be a path"],
  ])("takes a path, not %j", (path, message) => {
    for (const use of [toDeadLetters, fromDeadLetters, readDeadLetters]) {
      expect(() => use(path as string)).toThrow(message);
    }
  });

  it("takes known options", () => {
    expect(() => readDeadLetters("a.jsonl", { onDamage: () => {} } as object)).toThrow("onDamage");
    expect(() => readDeadLetters("a.jsonl", { onDamaged: 5 } as object)).toThrow(
      "onDamaged must be a function",
    );
  });

  it("says that a file is not there", async () => {
    await expect(lettersIn(join(folder, "none.jsonl"))).rejects.toThrow("none.jsonl");
  });
});
