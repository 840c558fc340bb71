import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { toArray } from "../to-array.ts";
import { fromFile, type FromFileOptions } from "./from-file.ts";
import { toFile, type ToFileOptions } from "./to-file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flow-formats-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function write(name: string, records: readonly unknown[], options?: ToFileOptions) {
  return flow(fromIterable<unknown>(records)).to(toFile(join(folder, name), options));
}

async function read(name: string, options: FromFileOptions = {}) {
  const records: unknown[] = [];
  const run = flow(fromFile(name, { directory: folder, ...options })).start(toArray(records));
  return { records, summary: await run.summary, progress: run.progress() };
}

function textOf(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

describe("toFile", () => {
  it("writes each format as it is by its name", async () => {
    const records = [
      { id: 1, text: "a" },
      { id: 2, text: 'say "é, \n😀"' },
    ];
    for (const [name, text] of [
      ["a.jsonl", '{"id":1,"text":"a"}\n{"id":2,"text":"say \\"é, \\n😀\\""}\n'],
      ["a.ndjson", '{"id":1,"text":"a"}\n{"id":2,"text":"say \\"é, \\n😀\\""}\n'],
      ["a.json", '[\n{"id":1,"text":"a"},\n{"id":2,"text":"say \\"é, \\n😀\\""}\n]\n'],
      ["a.csv", 'id,text\n1,a\n2,"say ""é, \n😀"""\n'],
      ["A.TSV", 'id\ttext\n1\ta\n2\t"say ""é, \n😀"""\n'],
    ] as const) {
      expect(await write(name, records)).toMatchObject({ status: "success", delivered: 2 });
      expect(textOf(name)).toBe(text);
      await write(`${name}.gz`, records);
      expect(gunzipSync(readFileSync(join(folder, `${name}.gz`))).toString()).toBe(text);
    }
    await write("a.txt", ["a", { text: "b", line: 9 }, ""]);
    expect(textOf("a.txt")).toBe("a\nb\n\n");
    await write("plain", records.slice(0, 1), { format: "csv", compression: "gzip", delimiter: ";" });
    expect(gunzipSync(readFileSync(join(folder, "plain"))).toString()).toBe("id;text\n1;a\n");
  });

  it("writes what is right for no records", async () => {
    for (const [name, text, options] of [
      ["a.jsonl", ""],
      ["a.json", "[]\n"],
      ["a.csv", ""],
      ["b.csv", "x,y\n", { columns: ["x", "y"] }],
      ["a.txt", ""],
    ] as const) {
      expect(await write(name, [], options)).toMatchObject({ status: "success", published: true });
      expect(textOf(name)).toBe(text);
    }
    await write("a.jsonl.gz", []);
    expect(gunzipSync(readFileSync(join(folder, "a.jsonl.gz"))).toString()).toBe("");
    expect((await read("a.jsonl.gz")).summary).toMatchObject({ status: "success", read: 0 });
  });

  it("makes rows of the keys of the first record, and dead letters of what has others", async () => {
    const records = [
      { b: "x", a: undefined, n: -0.5, when: new Date(0) },
      { n: 1e21, a: [1, { c: "," }], b: null },
      { b: 10n, n: Number.NaN, a: true },
      { b: 1, other: 2 },
      [1],
      "text",
      { b: () => 1 },
      { b: "\ud800" },
      { b: "\0" },
      { a: "last\r" },
    ];
    const summary = await write("a.csv", records);
    expect(textOf("a.csv")).toBe(
      'b,a,n,when\nx,,-0.5,1970-01-01T00:00:00.000Z\n,"[1,{""c"":"",""}]",1e+21,\n10,true,,\n,"last\r",,\n',
    );
    expect(summary.deadLetters[0]?.error.message).toMatch(/^Sink "[^"]*a\.csv" cannot write this record: /);
    expect(
      summary.deadLetters.map(({ record, error }) => [record, error.message.split("this record: ")[1]]),
    ).toEqual([
      [
        4,
        'there is no column "other"; the columns are b, a, n, when, the keys of the first record; give the sink its columns',
      ],
      [5, "a row is made of an object, not of an array"],
      [6, "a row is made of an object, not of a value of type string"],
      [7, "a value of type function cannot be written"],
      [8, "half of a surrogate pair cannot be written as UTF-8"],
      [9, "a text with a NUL cannot be written"],
    ]);
    await write("b.csv", [
      {},
      JSON.parse('{"__proto__":1}'),
      { b: Symbol("no") },
      { c: 1 },
      { b: "" },
      { c: "" },
    ]);
    expect(textOf("b.csv")).toBe('c\n1\n""\n');
    await write("c.csv", [{ y: 1, x: 2 }, { x: 3 }], { columns: ["x", "y"] });
    expect(textOf("c.csv")).toBe("x,y\n2,1\n3,\n");
  });

  it("begins anew when the same sink is used again", async () => {
    const sink = toFile(join(folder, "a.csv"));
    await flow(fromIterable([{ a: 1 }])).to(sink);
    await flow(fromIterable([{ b: 2 }])).to(sink);
    expect(textOf("a.csv")).toBe("b\n2\n");
  });
});

describe("what toFile writes and fromFile reads", () => {
  const packed = fc.constantFrom("", ".gz");

  it("is the same as JSON", async () => {
    const values = fc.array(fc.jsonValue(), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        values,
        fc.constantFrom("a.jsonl", "a.json"),
        packed,
        async (records, name, ending) => {
          fc.pre(!JSON.stringify(records).includes("__proto__"));
          await write(`${name}${ending}`, records);
          const got = await read(`${name}${ending}`);
          expect(got.records).toEqual(JSON.parse(JSON.stringify(records)));
          expect(got.summary.status).toBe("success");
        },
      ),
    );
  });

  it("is the same as CSV", async () => {
    const text = fc.string({
      unit: fc.constantFrom('"', ",", ";", "\t", "\n", "\r", "a", " ", "é", "😀", "\ufeff", "'"),
    });
    const name = fc.string({
      unit: fc.constantFrom('"', ",", "\n", "a", "b", "é", "\ufeff", " ", "1"),
      maxLength: 4,
    });
    const table = fc
      .tuple(fc.uniqueArray(name, { minLength: 1, maxLength: 4 }), fc.nat(20))
      .chain(([names, count]) =>
        fc.array(fc.record(Object.fromEntries(names.map((key) => [key, text]))), { maxLength: count }),
      );
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom(",", ";", "\t"), packed, async (records, delimiter, ending) => {
        await write(`a.csv${ending}`, records, { delimiter });
        const got = await read(`a.csv${ending}`, { delimiter });
        expect(got.records).toEqual(records);
      }),
    );
  });

  it("is the same as typed CSV", async () => {
    const record = fc.record({
      number: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      integer: fc.maxSafeInteger(),
      boolean: fc.boolean(),
      json: fc.oneof(fc.array(fc.string()), fc.constant(null)),
      text: fc.string(),
    });
    const types = { number: "number", integer: "integer", boolean: "boolean", json: "json" } as const;
    await fc.assert(
      fc.asyncProperty(fc.array(record), async (records) => {
        fc.pre(!JSON.stringify(records).includes("\\u0000"));
        await write("a.csv", records);
        expect((await read("a.csv", { types })).records).toEqual(records);
      }),
    );
  });

  it("is the same as lines of text", async () => {
    const line = fc.string({ unit: fc.constantFrom("a", " ", "é", "😀", "\t", "\u2028", '"') });
    await fc.assert(
      fc.asyncProperty(fc.array(line), packed, async (lines, ending) => {
        await write(`a.txt${ending}`, lines);
        const got = await read(`a.txt${ending}`);
        expect(got.records).toEqual(lines.map((text, index) => ({ line: index + 1, text })));
      }),
    );
  });
});

describe("fromFile", () => {
  it("reads all files that a pattern finds, in the order of their names, whatever their formats", async () => {
    writeFileSync(join(folder, "b.csv"), "n\n1\nx,y\n");
    writeFileSync(join(folder, "a.jsonl.gz"), gzipSync('{"n":0}\nno'));
    writeFileSync(join(folder, "c.json"), '[{"n":2}]');
    writeFileSync(join(folder, ".d.jsonl.run.tmp"), "no");
    const { records, summary, progress } = await read("*");
    expect(records).toEqual([{ n: 0 }, { n: "1" }, { n: 2 }]);
    expect(summary.deadLetters.map(({ file, line, source }) => [source, file, line])).toEqual([
      ["*", "a.jsonl.gz", 2],
      ["*", "b.csv", 3],
    ]);
    // The bytes of the packed file, not those that were in it.
    expect(progress).toMatchObject({ bytesRead: gzipSync('{"n":0}\nno').length + 17, ratio: 1 });
  });

  it("takes a name that looks like a pattern for what it is when there is such a file", async () => {
    writeFileSync(join(folder, "[1].jsonl"), "1");
    writeFileSync(join(folder, "1.jsonl"), "2");
    expect((await read("[1].jsonl")).records).toEqual([1]);
    rmSync(join(folder, "[1].jsonl"));
    expect((await read("[1].jsonl")).records).toEqual([2]);
    expect((await read("{1,2}.jsonl")).records).toEqual([2]);
  });

  it("says clearly what cannot be read", async () => {
    const cases: readonly (readonly [path: string, message: string, hint: string])[] = [
      ["none.jsonl", "must be the name of a file that exists and can be read", "There is no such file"],
      ["*.jsonl", "must be a pattern that finds files", folder],
      ["nowhere/**/*.jsonl", "must be a pattern that finds files", folder],
      [
        "x.jsonl/../y.jsonl",
        "must be the name of a file that exists and can be read",
        "There is no such file",
      ],
      ["dir.jsonl", "must be the name of a file, not of a folder", "folder/*"],
    ];
    await write("dir.jsonl/file.bin", [], { format: "jsonl" });
    for (const [path, message, hint] of cases) {
      const { summary } = await read(path);
      expect(summary).toMatchObject({ status: "failed", read: 0, error: { code: "CONFIG" } });
      expect(summary.error?.message).toContain(message);
      expect(summary.error?.hint).toContain(hint);
    }
    expect((await read("dir.jsonl/*")).summary.error?.message).toContain(
      "a name that ends in one of .jsonl, .ndjson",
    );
  });

  it("refuses options that do not fit together", () => {
    const refused: readonly (readonly [path: string, options: object, path: string])[] = [
      ["data.bin", {}, "path"],
      ["data", {}, "path"],
      ["data.gz", {}, "path"],
      ["data/*.bin", {}, "path"],
      ["a.jsonl", { format: "lines" }, "format"],
      ["a.jsonl", { compression: "zip" }, "compression"],
      ["a.jsonl", { maxRecordBytes: 0 }, "maxRecordBytes"],
      ["a.jsonl", { delimiter: ";" }, "delimiter"],
      ["a.csv", { delimiter: ";;" }, "delimiter"],
      ["a.csv", { delimiter: '"' }, "delimiter"],
      ["a.csv", { delimiter: "\n" }, "delimiter"],
      ["a.csv", { columns: [] }, "columns"],
      ["a.csv", { columns: ["a", "a"] }, "columns"],
      ["a.csv", { columns: ["__proto__"] }, "columns"],
      ["a.csv", { types: { a: "date" } }, "types.a"],
      ["a.csv", { types: { a: "text" }, columns: ["b"] }, "types"],
      ["a.csv", { directory: 1 }, "directory"],
      ["a.csv", { maxLineBytes: 1 }, "maxLineBytes"],
      ["", {}, "path"],
    ];
    for (const [path, options, wrong] of refused) {
      // What is tried here, types refuse.
      expect(() => fromFile(path, options as FromFileOptions)).toThrow(
        expect.objectContaining({
          code: "CONFIG",
          details: expect.objectContaining({ path: wrong }) as unknown,
        }),
      );
    }
    expect(() => toFile("a.bin")).toThrow(expect.objectContaining({ code: "CONFIG" }));
    expect(() => toFile("a.json", { columns: ["a"] })).toThrow(expect.objectContaining({ code: "CONFIG" }));
    expect(() => toFile("a.csv", { types: {} } as ToFileOptions)).toThrow(
      expect.objectContaining({ code: "CONFIG" }),
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
