import fc from "fast-check";
import { expect, test } from "vitest";
import { type Line, LineSplitter } from "./line-splitter.ts";

/** All lines of chunks, as text. */
function linesOf(chunks: readonly (string | Uint8Array)[], maxBytes = 100): string[] {
  const splitter = new LineSplitter(maxBytes);
  const lines: string[] = [];
  const note = (line: Line): void => void lines.push(line === "too-long" ? "TOO LONG" : line.toString());
  for (const chunk of chunks) {
    splitter.push(Buffer.from(chunk));
    for (let line = splitter.next(); line !== undefined; line = splitter.next()) note(line);
  }
  const last = splitter.end();
  if (last !== undefined) note(last);
  return lines;
}

test("cuts at line feeds, wherever the chunks end", () => {
  expect(linesOf(["1\n22\n333"])).toEqual(["1", "22", "333"]);
  expect(linesOf(["1", "\n2", "2\n3", "3", "3", "\n"])).toEqual(["1", "22", "333"]);
  expect(linesOf([])).toEqual([]);
  expect(linesOf(["", "\n", ""])).toEqual([]);
});

test("leaves out lines of white space", () => {
  expect(linesOf(["\n\n1\r\n  \n\t\r\n2\n \n"])).toEqual(["1\r", "2"]);
});

test("a line of too many bytes is told of once, and those around it are whole", () => {
  const long = "x".repeat(101);
  const whole = "y".repeat(100);
  expect(linesOf([`1\n${long}\n${whole}\n3\n`])).toEqual(["1", "TOO LONG", whole, "3"]);
  expect(linesOf(["1\n", ...long, "\n", ...whole, "\n3"])).toEqual(["1", "TOO LONG", whole, "3"]);
  expect(linesOf([long])).toEqual(["TOO LONG"]);
  expect(linesOf([long, "\n"])).toEqual(["TOO LONG"]);
});

test("gives what was in one text, however it was cut", () => {
  const anyLine = fc.string({ unit: fc.constantFrom("a", "é", "😀", " ", "\r", "\0"), maxLength: 60 });
  fc.assert(
    fc.property(
      fc.array(anyLine, { maxLength: 20 }),
      fc.array(fc.nat(2_000)),
      fc.boolean(),
      (lines, cuts, ends) => {
        const bytes = Buffer.from(lines.join("\n") + (ends ? "\n" : ""));
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        const expected = lines
          .filter((line) => /[^\t\r ]/u.test(line))
          .map((line) => (Buffer.byteLength(line) > 100 ? "TOO LONG" : line));
        expect(linesOf(chunks)).toEqual(expected);
      },
    ),
  );
});

test("holds no more than a line's bytes, also of a line of bytes that come one by one", () => {
  const splitter = new LineSplitter(1_000_000);
  const one = Buffer.from("x");
  globalThis.gc?.();
  const before = process.memoryUsage();
  for (let count = 0; count < 1_000_000; count++) {
    splitter.push(one);
    splitter.next();
  }
  const after = process.memoryUsage();
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(4_000_000);
  expect(splitter.end()).toHaveLength(1_000_000);
});
