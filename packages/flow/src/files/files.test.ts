import { spawn } from "node:child_process";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as fc from "fast-check";
import * as z from "zod";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { rmSync } from "node:fs";
import type { TextLine } from "../text/read-text.ts";
import { toArray } from "../to-array.ts";
import { fromFile } from "./from-file.ts";
import { toDeadLetters } from "../letters/to-dead-letters.ts";
import { toFile } from "./to-file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flow-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function written(text: string | Uint8Array, name = "in.jsonl"): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function readAll(path: string, options: { readonly maxRecordBytes?: number } = {}) {
  const records: unknown[] = [];
  const summary = await flow(fromFile(path, options)).to(toArray(records));
  return { records, summary };
}

describe("fromFile", () => {
  it("reads a JSON value a line, whatever the line ends and without blank lines", async () => {
    const { records, summary } = await readAll(written('\ufeff{"a":1}\r\n\n  \n[2]\n"é😀"\nnull\n4'));
    expect(records).toEqual([{ a: 1 }, [2], "é😀", null, 4]);
    expect(summary).toMatchObject({ status: "success", read: 5, delivered: 5 });
  });

  it("refuses what cannot be read, with file, line, column and byte offset", async () => {
    const path = written(
      Buffer.concat([
        Buffer.from('{"ok":1}\n{"é":tru}\n'),
        Buffer.from([0x22, 0x61, 0xff, 0x22, 0x0a]),
        Buffer.from('{"__proto__":{"x":1}}\n{"\\u005f_proto__":1}\n{"a":1,"a":2}\n"__proto__"\n{"cut":'),
      ]),
    );
    const { records, summary } = await readAll(path);
    expect(records).toEqual([{ ok: 1 }, { a: 2 }, "__proto__"]);
    expect(summary).toMatchObject({
      status: "partial",
      read: 8,
      delivered: 3,
      deadLettered: 5,
      unfinished: 0,
    });
    expect(
      summary.deadLetters.map(({ line, column, byteOffset, error }) => [
        line,
        column,
        byteOffset,
        error.message,
      ]),
    ).toEqual([
      [2, 6, 9, `${path}:2:6: not JSON: unexpected "t"`],
      [3, 3, 20, `${path}:3:3: not UTF-8: byte 0xff`],
      [4, undefined, 25, `${path}:4: has the key "__proto__"`],
      [5, undefined, 47, `${path}:5: has the key "__proto__"`],
      [8, 8, 94, `${path}:8:8: not JSON: ends too early, and the file ends without a line end`],
    ]);
    expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
  });

  it("holds no line that is too long, and goes on after it", async () => {
    const long = `"${"x".repeat(3_000_000)}"`;
    const { records, summary } = await readAll(written(`1\n${long}\n2\n${long}`), { maxRecordBytes: 1_000 });
    expect(records).toEqual([1, 2]);
    expect(
      summary.deadLetters.map(({ line, byteOffset, input }) => [line, byteOffset, String(input).length]),
    ).toEqual([
      [2, 2, 200],
      [4, 3_000_007, 200],
    ]);
    expect(summary.deadLetters[0]?.error.message).toContain(":2:1: longer than 1000 bytes (maxRecordBytes)");
  });

  it("refuses what nests too deep", async () => {
    const deep = 1_000_000;
    const path = written(`${"[".repeat(deep)}${"]".repeat(deep)}\n${"[".repeat(500)}${"]".repeat(500)}\n`);
    const { records, summary } = await readAll(path, { maxRecordBytes: 10_000_000 });
    expect(records.length).toBe(1);
    expect(summary.deadLetters[0]).toMatchObject({ line: 1, column: 501 });
  });

  it("reads the same lines however large they are beside the pages", async () => {
    const values = fc.array(fc.string({ unit: "binary", maxLength: 300 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(values, fc.integer({ min: 0, max: 400_000 }), async (texts, padding) => {
        const records = ["p".repeat(padding), ...texts];
        const path = written(records.map((record) => JSON.stringify(record)).join("\n"));
        expect((await readAll(path)).records).toEqual(records);
      }),
      { numRuns: 20 },
    );
  });

  it("gives lines of text, checks records by a schema, and goes by the name's ending", async () => {
    const lines: TextLine[] = [];
    await flow(fromFile(written("a\r\n\nb\n", "in.csv"), { format: "text" })).to(toArray(lines));
    expect(lines).toEqual([
      { line: 1, text: "a" },
      { line: 2, text: "" },
      { line: 3, text: "b" },
    ]);
    const rows: { n: number }[] = [];
    const path = written('{"n":1}\n{"n":"x"}\n');
    const summary = await flow(fromFile(path, { schema: z.object({ n: z.number() }) })).to(toArray(rows));
    expect(rows).toEqual([{ n: 1 }]);
    expect(summary.deadLetters[0]?.error.message).toContain(`${path}:2: n: `);
    expect(() => fromFile("data.bin")).toThrow(expect.objectContaining({ code: "CONFIG" }));
    expect(await flow(fromFile(join(folder, "none.jsonl"))).to(toArray<unknown>([]))).toMatchObject({
      status: "failed",
      read: 0,
    });
  });

  it("fails where a file becomes shorter while it is read, and takes what is added", async () => {
    const lines = '{"text":"some text, so that there are some chunks of them"}\n'.repeat(20_000);
    const path = written(lines);
    const changedBy = async (change: () => void) => {
      let count = 0;
      return flow(fromFile(path))
        .map((record) => {
          if (count++ === 0) change();
          return record;
        })
        .to(toArray<unknown>([]));
    };
    const cut = await changedBy(() => truncateSync(path, 60));
    expect(cut).toMatchObject({ status: "failed", published: false });
    const message = /^.*in\.jsonl: became shorter while it was read: of 1200000 bytes there were \d+$/;
    expect(cut.error?.message).toMatch(message);
    writeFileSync(path, lines);
    const grown = await changedBy(() => appendFileSync(path, lines));
    expect(grown).toMatchObject({ status: "success", read: 40_000 });
  });

  it("knows how far it is", async () => {
    const run = flow(fromFile(written("1\n2\n"))).start(toArray<unknown>([]));
    await run.summary;
    expect(run.progress()).toMatchObject({ bytesRead: 4, ratio: 1 });
  });
});

describe("toFile", () => {
  it("writes a JSON value a line, and what is no JSON to the dead letters", async () => {
    const out = join(folder, "out.jsonl");
    const letters = join(folder, "letters.jsonl");
    const summary = await flow(fromIterable<unknown>([{ a: "é\n" }, 1n, undefined, [2]])).to(toFile(out), {
      deadLetters: toDeadLetters(letters),
    });
    expect(readFileSync(out, "utf8")).toBe('{"a":"é\\n"}\n[2]\n');
    expect(summary).toMatchObject({ status: "partial", delivered: 2, deadLettered: 2, published: true });
    const kept = readFileSync(letters, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(kept).toMatchObject([
      { record: 2, stage: out, inputProblem: expect.stringContaining("BigInt") as string },
      { record: 3, stage: out },
    ]);
    expect(readdirSync(folder).toSorted()).toEqual(["letters.jsonl", "out.jsonl"]);
  });

  it("leaves what was there when the flow fails, and nothing of its own", async () => {
    const out = written("before\n", "out.jsonl");
    const summary = await flow(fromIterable(Array.from({ length: 5_000 }, (_, index) => index)))
      .map((number) => {
        if (number === 4_000) throw new Error("no");
        return number;
      })
      .to(toFile(out));
    expect(summary).toMatchObject({ status: "failed", published: false });
    expect(readFileSync(out, "utf8")).toBe("before\n");
    expect(readdirSync(folder)).toEqual(["out.jsonl"]);
  });

  it("keeps a link, and the rights of the file", async () => {
    const target = written("", "target.jsonl");
    const link = join(folder, "link.jsonl");
    symlinkSync(target, link);
    await flow(fromIterable([1])).to(toFile(link));
    expect(readFileSync(target, "utf8")).toBe("1\n");
    expect(readFileSync(link, "utf8")).toBe("1\n");
  });

  it.runIf(process.platform === "linux")("fails when the disk is full", async () => {
    const summary = await flow(fromIterable([1, 2])).to(toFile("/dev/full", { format: "jsonl" }));
    expect(summary).toMatchObject({
      status: "failed",
      read: 2,
      delivered: 0,
      unfinished: 2,
      published: false,
    });
    expect(summary.error?.message).toContain("ENOSPC");
  });

  it("leaves no part under the final name when the process is killed", async () => {
    const input = written(Array.from({ length: 200_000 }, (_, index) => `{"n":${index}}\n`).join(""));
    const whole = readFileSync(input, "utf8");
    const endings = new Set<boolean>();
    for (const [round, signal] of (
      ["SIGTERM", "SIGINT", "SIGKILL", "SIGTERM", "SIGKILL"] as const
    ).entries()) {
      const out = join(folder, `out-${round}.jsonl`);
      const child = spawn(
        process.execPath,
        ["--conditions=@atomic-agents/source", join(import.meta.dirname, "copy-child.ts"), input, out],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      // The child says when so many records have passed: later each round, the last time after the end.
      let seen = 0;
      child.stdout.on("data", (bytes: Buffer) => {
        seen += bytes.toString().split("\n").length - 1;
        if (seen > round * 10) child.kill(signal);
      });
      await new Promise((resolve) => child.on("close", resolve));
      const isThere = readdirSync(folder).includes(`out-${round}.jsonl`);
      endings.add(isThere);
      if (isThere) expect(readFileSync(out, "utf8")).toBe(whole);
    }
    expect(endings).toContain(false);
  });
});
