import { isUtf8 } from "node:buffer";
import { gzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flow } from "../flow.ts";
import { definePagedSource } from "../source.ts";
import type { ByteStream } from "../streams/byte-stream.ts";
import type { FlowSummary } from "../summary.ts";
import { toArray } from "../to-array.ts";
import { type FileFormat, kindOf } from "./file-format.ts";
import { type ReadOptions, readSettings } from "./read-options.ts";
import { recordPages } from "./record-pages.ts";

/** Gives bytes in pieces, each in the same buffer: what is kept of one must be a copy. */
function inPieces(bytes: Buffer, sizes: readonly number[]): ByteStream {
  const buffer = Buffer.alloc(Math.max(1, ...sizes));
  let at = 0;
  let turn = 0;
  return {
    read: async () => {
      if (at >= bytes.length) return undefined;
      const size = sizes[turn++ % sizes.length] ?? 1;
      const length = bytes.copy(buffer, 0, at, at + size);
      buffer.fill(0x7e, length);
      at += length;
      return buffer.subarray(0, length);
    },
    close: async () => {},
  };
}

interface ReadAll {
  readonly records: readonly unknown[];
  /** Of what was refused: line, column, byte offset and message. */
  readonly refused: readonly (readonly (number | string | undefined)[])[];
  readonly summary: FlowSummary;
}

async function readAll(
  format: FileFormat,
  text: string | Buffer,
  options: ReadOptions = {},
  sizes: readonly number[] = [1_000_000],
): Promise<ReadAll> {
  const bytes = Buffer.from(text);
  const settings = readSettings("test", kindOf("test", "name", "f", { ...options, format }), options);
  const source = definePagedSource<unknown>("f", undefined, (reader) =>
    recordPages("test", "f", inPieces(bytes, sizes), reader, settings),
  );
  const records: unknown[] = [];
  const summary = await flow(source).to(toArray(records));
  const { read, delivered, filtered, deadLettered, unfinished } = summary;
  expect(read).toBe(delivered + filtered + deadLettered + unfinished);
  const refused = summary.deadLetters.map(
    ({ line, column, byteOffset, error }) => [line, column, byteOffset, error.message] as const,
  );
  return { records, refused, summary };
}

const tiny: fc.Arbitrary<readonly number[]> = fc.array(fc.integer({ min: 1, max: 40 }), {
  minLength: 1,
  maxLength: 5,
});

/** A text with something in it that may not belong there. */
function bentOf(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const put = fc.constantFrom(
    "",
    ",",
    "}",
    "]",
    '"',
    "\\",
    "{",
    "[",
    ":",
    "\n",
    "\r",
    "é",
    "\u0000",
    "1",
    "t",
    " ",
  );
  return fc.tuple(text, fc.nat(), put, fc.nat(2)).map(([whole, at, what, gone]) => {
    const place = at % (whole.length + 1);
    return whole.slice(0, place) + what + whole.slice(place + gone);
  });
}

/** What JSON.parse makes of a text; undefined where it refuses it. */
function parsed(text: string): unknown {
  try {
    // It gives anything.
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Bytes that begin like these are refused as a whole, or lose them. */
const strangers = ["\xff\xfe", "\xfe\xff", "\x1f\x8b", "\xef\xbb\xbf"];

describe("JSON lines", () => {
  it("takes of each line what JSON.parse takes, and refuses the others", async () => {
    const lines = fc.array(bentOf(fc.json({ maxDepth: 2 })), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(lines, fc.constantFrom("\n", "\r\n"), tiny, async (texts, lineEnd, sizes) => {
        const text = texts.join(lineEnd);
        fc.pre(!text.includes("__proto__"));
        const all = text.split("\n").filter((line) => line.trim() !== "");
        const values = all.map(parsed);
        const { records, summary } = await readAll("jsonl", text, {}, sizes);
        expect(records).toEqual(values.filter((value) => value !== undefined));
        expect(summary).toMatchObject({ read: all.length, unfinished: 0 });
      }),
    );
  });

  it("takes no line that is not UTF-8, wherever it is cut", async () => {
    const line = fc.oneof(
      fc.string().map((text) => Buffer.from(JSON.stringify(text))),
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line), tiny, async (pieces, sizes) => {
        const bytes = Buffer.from(Buffer.concat(pieces.flatMap((piece) => [piece, Buffer.from("\n")])));
        // What looks like something else is refused as a whole.
        fc.pre(!strangers.some((beginning) => bytes.toString("latin1").startsWith(beginning)));
        const lines = bytes
          .toString("latin1")
          .split("\n")
          .map((text) => Buffer.from(text, "latin1"));
        const good = lines.filter((each) => isUtf8(each) && parsed(each.toString()) !== undefined);
        const { records } = await readAll("jsonl", bytes, {}, sizes);
        expect(records).toEqual(good.map((each) => parsed(each.toString())));
      }),
    );
  });

  it("refuses halves of surrogate pairs that are written as bytes, and takes those that are written as escapes", async () => {
    const text = Buffer.concat([
      Buffer.from('"\\ud800"\n"'),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from('"\n'),
    ]);
    const { records, refused } = await readAll("jsonl", text);
    expect(records).toEqual(["\ud800"]);
    expect(refused).toEqual([[2, 2, 9, "f:2:2: not UTF-8: byte 0xed"]]);
  });
});

describe("JSON", () => {
  it("reads the elements of an array, and what is no array as one record", async () => {
    expect(
      (await readAll("json", '\ufeff [ {"a":[1,{"b":"]},[\\""}]} , "é😀" ,3\n,null,[] ]\n')).records,
    ).toEqual([{ a: [1, { b: ']},["' }] }, "é😀", 3, null, []]);
    expect((await readAll("json", "[]")).summary).toMatchObject({ status: "success", read: 0 });
    expect((await readAll("json", '\n{"a":\n1}\n')).records).toEqual([{ a: 1 }]);
    expect((await readAll("json", "42")).records).toEqual([42]);
    expect((await readAll("json", '"]"')).records).toEqual(["]"]);
  });

  it("refuses elements that are no JSON, and goes on after them", async () => {
    const text = Buffer.concat([
      Buffer.from('[1,\n  {"é":tru}, {"a":1}{"b":2},\n {\n  "a": 1,\n  "b" 2 },, "'),
      Buffer.from([0x61, 0xff]),
      Buffer.from('", {"__proto__": 1}, {"a":1,"a":2}, "a\nb", "\u0000", 01, ]'),
    ]);
    const { records, refused, summary } = await readAll("json", text);
    expect(records).toEqual([1, { a: 2 }]);
    expect(refused).toEqual([
      [2, 8, 6, 'f:2:8: not JSON: unexpected "t", in element [1]'],
      [2, 21, 18, 'f:2:21: not JSON: unexpected "{", in element [2]'],
      [5, 7, 35, 'f:5:7: not JSON: unexpected "2", in element [3]'],
      [5, 11, 57, "f:5:11: an element is missing, in element [4]"],
      [5, 15, 59, "f:5:15: not UTF-8: byte 0xff, in element [5]"],
      [5, undefined, 65, 'f:5: has the key "__proto__", in element [6]'],
      [5, 54, 98, 'f:5:54: not JSON: unexpected "\\n", in element [8]'],
      [6, 6, 105, 'f:6:6: not JSON: unexpected "\\u0000", in element [9]'],
      [6, 11, 110, 'f:6:11: not JSON: unexpected "1", in element [10]'],
      [6, 14, 114, "f:6:14: an element is missing, in element [11]"],
    ]);
    expect(summary).toMatchObject({ status: "partial", read: 12, delivered: 2, deadLettered: 10 });
  });

  it("ends the flow where no further element can be found", async () => {
    const cases: readonly (readonly [text: string, message: string])[] = [
      ["", "f:1:1: is empty"],
      [" \n ", "f:2:2: is empty"],
      ["[", "f:1:2: the array is cut: it ends after 0 elements"],
      ["[1,", "f:1:4: the array is cut: it ends after 1 elements"],
      ['[1,\n{"a":', "f:2:6: the array is cut: it ends in element [1], which begins in line 2"],
      ['[1,{"a":"', "f:1:10: the array is cut: it ends in element [1], which begins in line 1"],
      [
        '[{"é":1]]',
        'f:1:8: not JSON: unexpected "]" in element [0]; where the next element begins cannot be told',
      ],
      ["[1}", 'f:1:3: not JSON: unexpected "}" in element [0]; where the next element begins cannot be told'],
      ["[}", 'f:1:2: not JSON: unexpected "}"; where the next element begins cannot be told'],
      ["[1] 2", 'f:1:5: not JSON: unexpected "2" after the end of the array'],
      ['{"a":1}\n{"a":2}', 'f:2:1: not JSON: unexpected "{" after the end of the value'],
    ];
    for (const [text, message] of cases) {
      for (const sizes of [[1], [1_000]]) {
        const { summary } = await readAll("json", text, {}, sizes);
        expect([text, summary.status, summary.error?.message]).toEqual([text, "failed", message]);
        expect(summary.error?.code).toBe("VALIDATION_INPUT");
      }
    }
    expect((await readAll("json", '{"a":1}\n{"a":2}')).summary.error?.hint).toContain('"jsonl"');
    // What is read before counts.
    expect((await readAll("json", "[1,2,3} 4")).summary).toMatchObject({ read: 2, published: false });
  });

  it("refuses what nests too deep or is too long, and holds none of it", async () => {
    const deep = 1_000_000;
    const nested = `[${"[".repeat(deep)}${"]".repeat(deep)},${"[".repeat(500)}${"]".repeat(500)}]`;
    const { records, refused } = await readAll("json", nested, { maxRecordBytes: 10_000_000 }, [65_536]);
    expect(records.length).toBe(1);
    expect(refused).toEqual([[1, 502, 1, "f:1:502: nests deeper than 500, in element [0]"]]);
    const long = `[1,\n "${"é".repeat(1_000)}"\n, 2, "${"x".repeat(1_000)}",3]`;
    for (const sizes of [[7], [100], [100_000]]) {
      const got = await readAll("json", long, { maxRecordBytes: 100 }, sizes);
      expect(got.records).toEqual([1, 2, 3]);
      expect(got.refused).toEqual([
        [2, 2, 5, "f:2:2: longer than 100 bytes (maxRecordBytes), in element [1]"],
        [3, 6, 2013, "f:3:6: longer than 100 bytes (maxRecordBytes), in element [3]"],
      ]);
      expect(got.summary.deadLetters.map(({ input }) => String(input).slice(0, 3))).toEqual(['"éé', '"xx']);
    }
    const deepAlone = await readAll("json", `${'{"a":'.repeat(deep)}1${"}".repeat(deep)}`);
    expect(deepAlone.refused).toEqual([[1, 1, 0, "f:1:1: longer than 1048576 bytes (maxRecordBytes)"]]);
  });

  it("says the same however the document is cut into pieces", async () => {
    const document = fc
      .tuple(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.constantFrom(0, 1, 2))
      .map(([values, space]) => JSON.stringify(values, undefined, space));
    const bent = bentOf(document);
    await fc.assert(
      fc.asyncProperty(bent, tiny, async (text, sizes) => {
        const whole = await readAll("json", text, { maxRecordBytes: 50 });
        const inParts = await readAll("json", text, { maxRecordBytes: 50 }, sizes);
        expect(inParts.records).toEqual(whole.records);
        expect(inParts.refused).toEqual(whole.refused);
        expect(inParts.summary.error?.message).toBe(whole.summary.error?.message);
      }),
    );
  });

  it("takes nothing for whole that JSON.parse does not take", async () => {
    const bent = bentOf(fc.array(fc.jsonValue({ maxDepth: 2 })).map((values) => JSON.stringify(values)));
    await fc.assert(
      fc.asyncProperty(bent, async (text) => {
        fc.pre(!text.includes("__proto__"));
        const value = parsed(text);
        const { records, summary } = await readAll("json", text);
        if (summary.status === "success") expect(Array.isArray(value) ? records : records[0]).toEqual(value);
        else expect(value).toBe(undefined);
      }),
    );
  });

  it("reads what JSON.parse reads", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue()),
        fc.constantFrom(0, 2),
        tiny,
        async (values, space, sizes) => {
          const text = JSON.stringify(values, undefined, space);
          fc.pre(!text.includes("__proto__"));
          expect((await readAll("json", text, {}, sizes)).records).toEqual(JSON.parse(text));
        },
      ),
    );
  });
});

describe("CSV", () => {
  it("reads a row a record under the names of the first", async () => {
    const text = '\ufeffid,"na""me",note\r\n1,"a,\r\n""b""",\r\n\r\n2,é😀,"" \n3,,';
    expect((await readAll("csv", text.replace('"" ', '""'))).records).toEqual([
      { id: "1", 'na"me': 'a,\r\n"b"', note: "" },
      { id: "2", 'na"me': "é😀", note: "" },
      { id: "3", 'na"me': "", note: "" },
    ]);
    expect((await readAll("csv", "")).summary).toMatchObject({ status: "success", read: 0 });
    expect((await readAll("csv", "\n\na,b\n")).summary).toMatchObject({ status: "success", read: 0 });
    expect((await readAll("csv", "1;2\n3;4", { delimiter: ";", columns: ["a", "b"] })).records).toEqual([
      { a: "1", b: "2" },
      { a: "3", b: "4" },
    ]);
    const renamed = { columns: ["a", "b"], header: true, types: { b: "number" } } as const;
    expect((await readAll("csv", '\n"one\n1",two\n1,2\n3,4', renamed, [3])).records).toEqual([
      { a: "1", b: 2 },
      { a: "3", b: 4 },
    ]);
    for (const options of [{ header: true }, { columns: ["a"], header: false }, { columns: ["a"] }]) {
      expect((await readAll("csv", "a\n1", options)).records).toEqual(
        options.header === true ? [{ a: "1" }] : [{ a: "a" }, { a: "1" }],
      );
    }
    expect((await readAll("csv", "constructor,toString,1\na,b,c")).records).toEqual([
      { constructor: "a", toString: "b", 1: "c" },
    ]);
  });

  it("refuses ragged rows, wrong quotes and what is no text, and goes on after them", async () => {
    const text = Buffer.concat([
      Buffer.from('a,b\n1,2\n1\n1,2,3\n"é\n",2,3\n4,5\n"é"x,1\né"x,1\n6,7\n'),
      Buffer.from([0x61, 0x2c, 0xe4, 0x0a]),
      Buffer.from('"x\ny\u0000",1\nx\ry,1\n8,9\n10,"never closed\n11,12\n13,14'),
    ]);
    const { records, refused, summary } = await readAll("csv", text);
    expect(records).toEqual([
      { a: "1", b: "2" },
      { a: "4", b: "5" },
      { a: "6", b: "7" },
      { a: "8", b: "9" },
      { a: "11", b: "12" },
      { a: "13", b: "14" },
    ]);
    expect(refused).toEqual([
      [3, 2, 8, "f:3:2: has 1 field, and there are 2 columns"],
      [4, 5, 10, "f:4:5: has 3 fields, and there are 2 columns"],
      [6, 5, 16, "f:6:5: has 3 fields, and there are 2 columns"],
      [8, 4, 30, 'f:8:4: wrong quotes: "x" after the quote that closes a field'],
      [9, 2, 38, "f:9:2: wrong quotes: a quote in a field that does not begin with one"],
      [11, 3, 49, "f:11:3: not UTF-8: byte 0xe4"],
      [13, 2, 53, "f:13:2: has a NUL byte"],
      [14, 2, 62, "f:14:2: a carriage return that ends no line"],
      [16, 4, 72, "f:16:4: wrong quotes: a field is not closed"],
    ]);
    expect(summary).toMatchObject({ status: "partial", read: 15, delivered: 6, deadLettered: 9 });
  });

  it("says where a field begins that is not closed", async () => {
    const { records, refused } = await readAll("csv", 'a,b\n1,"é\n2,"x"\n"3\n\n","4"5\n6,"7\n');
    expect(records).toEqual([{ a: "2", b: "x" }]);
    expect(refused).toEqual([
      [2, 3, 4, 'f:2:3: wrong quotes: a field is not closed before "x" in line 3'],
      [6, 6, 16, 'f:6:6: wrong quotes: "5" after the quote that closes a field'],
      [6, 4, 20, 'f:6:4: wrong quotes: "4" after the quote that closes a field'],
      [7, 3, 27, "f:7:3: wrong quotes: a field is not closed"],
    ]);
  });

  it("makes values of what the types say", async () => {
    const types = { n: "number", i: "integer", b: "boolean", j: "json", t: "text" } as const;
    const text = [
      "n,i,b,j,t",
      '-1.5e3, 7 ,TRUE,"{""a"":[1]}",007',
      ".5,+12,0,null, ",
      ",,,,",
      "1e999,1,1,1,",
      "1,9007199254740992,1,1,",
      "é,1,1,1,",
      "1,1.5,1,1,",
      '"1",1,"y""es",1,',
      '1,1,1,"{""__proto__"":1}",',
      "9007199254740993,1,1,1,",
      "-9007199254740993.0,1,1,1,",
      "9007199254740991,-9007199254740991,1,1,",
      "9.007199254740993e15,1,1,1,",
      "+9007199254740992.0,1,1,1,",
      "1,1,constructor,1,",
      "1,1,__proto__,1,",
    ].join("\n");
    const { records, refused } = await readAll("csv", text, { types });
    expect(records).toEqual([
      { n: -1500, i: 7, b: true, j: { a: [1] }, t: "007" },
      { n: 0.5, i: 12, b: false, j: null, t: " " },
      { n: null, i: null, b: null, j: null, t: "" },
      { n: Number.MAX_SAFE_INTEGER, i: Number.MIN_SAFE_INTEGER, b: true, j: 1, t: "" },
      { n: 9.007199254740992e15, i: 1, b: true, j: 1, t: "" },
      { n: 9.007199254740992e15, i: 1, b: true, j: 1, t: "" },
    ]);
    const beyond = "is a whole number beyond 9007199254740991 (2^53 - 1), up to which they are exact";
    expect(refused.map(([line, column, , message]) => [line, column, message])).toEqual([
      [5, 1, 'f:5:1: n: "1e999" is no number'],
      [6, 3, `f:6:3: i: "9007199254740992" ${beyond}`],
      [7, 1, 'f:7:1: n: "é" is no number'],
      [8, 3, 'f:8:3: i: "1.5" is no integer'],
      [9, 7, 'f:9:7: b: "y\\"es" is no boolean'],
      [10, 7, 'f:10:7: j: "{\\"__proto__\\":1}" is no json'],
      [11, 1, `f:11:1: n: "9007199254740993" ${beyond}`],
      [12, 1, `f:12:1: n: "-9007199254740993.0" ${beyond}`],
      [16, 5, 'f:16:5: b: "constructor" is no boolean'],
      [17, 5, 'f:17:5: b: "__proto__" is no boolean'],
    ]);
  });

  it("ends the flow when the row of names is wrong", async () => {
    const cases: readonly (readonly [text: string, message: string, options?: ReadOptions])[] = [
      ["a,b,a\n1,2,3", 'f:1: the row of names is wrong: two columns are called "a"'],
      ["a,__proto__\n1,2", 'f:1: the row of names is wrong: a column is called "__proto__"'],
      [
        '\n"a"b\n1',
        'f:2:4: the row of names is wrong: wrong quotes: "b" after the quote that closes a field',
      ],
      ["a,b\r1,2\r", "f:1:4: the row of names is wrong: a carriage return that ends no line"],
      ['"a', "f:1:1: the row of names is wrong: wrong quotes: a field is not closed"],
      [
        "a".repeat(200),
        "f:1:1: the row of names is longer than 100 bytes (maxRecordBytes)",
        { maxRecordBytes: 100 },
      ],
      [
        "a,b,c\n1,2",
        "f:1: the row of names has 3 fields, and there are 2 columns",
        { columns: ["a", "b"], header: true },
      ],
      ["a,b\n1,2", "types must be the types of columns of the file (a, b), got", { types: { c: "text" } }],
    ];
    for (const [text, message, options] of cases) {
      const { summary } = await readAll("csv", text, options, [50]);
      expect(summary).toMatchObject({ status: "failed", read: 0 });
      expect(summary.error?.message).toContain(message);
    }
  });

  it("holds no row that is too long, and goes on where a line ends", async () => {
    const long = "x".repeat(1_000);
    const lines = `${"y".repeat(30)}\n`.repeat(20);
    const text = `a,b\n1,2\n${long},2\n3,4\n"${long}",5\n6,7\n"${lines}",8\n9,10\n11,"${long}`;
    for (const sizes of [[7], [100], [100_000]]) {
      const { records, refused, summary } = await readAll("csv", text, { maxRecordBytes: 100 }, sizes);
      expect(records).toEqual([
        { a: "1", b: "2" },
        { a: "3", b: "4" },
        { a: "6", b: "7" },
        { a: "9", b: "10" },
      ]);
      expect(refused.slice(0, 4)).toEqual([
        [3, 1, 8, "f:3:1: longer than 100 bytes (maxRecordBytes)"],
        [5, 1, 1015, "f:5:1: longer than 100 bytes (maxRecordBytes)"],
        [7, 1, 2024, "f:7:1: wrong quotes: a field is not closed within 100 bytes"],
        [8, 31, 2056, "f:8:31: has 1 field, and there are 2 columns"],
      ]);
      expect(summary).toMatchObject({ read: 28, delivered: 4, deadLettered: 24 });
    }
  });

  /** Texts that make work: quotes, delimiters, line ends and characters of all lengths. */
  const field = fc.string({
    unit: fc.constantFrom('"', ",", "\n", "\r\n", "\r", "a", "é", "😀", " ", ";", "\t"),
    maxLength: 8,
  });

  it("says the same however the file is cut into pieces", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(field, { maxLength: 30 }), tiny, async (parts, sizes) => {
        const text = `a,b\n${parts.join("")}`;
        const options = { maxRecordBytes: 40 };
        const whole = await readAll("csv", text, options);
        const inParts = await readAll("csv", text, options, sizes);
        expect(inParts.records).toEqual(whole.records);
        expect(inParts.refused).toEqual(whole.refused);
      }),
    );
  });

  it("reads what csv-parse reads", async () => {
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    const row = fc.tuple(field, field, fc.boolean()).map(([a, b, isBare]) => {
      const fits = !/[",\r\n]/.test(`${a}${b}`) && a !== "";
      return isBare && fits ? `${a},${b}` : `${quoted(a)},${quoted(b)}`;
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row), fc.constantFrom("\n", "\r\n"), tiny, async (rows, lineEnd, sizes) => {
        const text = ["a,b", ...rows].join(lineEnd);
        const { records, summary } = await readAll("csv", text, {}, sizes);
        expect(records).toEqual(parse(text, { columns: true, record_delimiter: lineEnd }));
        expect(summary.deadLettered).toBe(0);
      }),
    );
  });

  it("takes no row that csv-parse does not", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(field, { maxLength: 10 }), async (parts) => {
        const line = parts.join("").replaceAll(/[\r\n]/g, "");
        const { records } = await readAll("csv", `a,b\n${line}`);
        let expected: unknown[] = [];
        try {
          expected = parse(`a,b\n${line}`, { columns: true, skip_empty_lines: true });
        } catch {
          // Refused by both.
        }
        expect(records).toEqual(expected);
      }),
    );
  });
});

describe("text", () => {
  it("gives each line with its number, and refuses what is no text", async () => {
    const text = Buffer.concat([
      Buffer.from("a\r\n\n  \né😀"),
      Buffer.from([0x0a, 0x62, 0xff, 0x0a, 0x63, 0, 0x0a]),
    ]);
    for (const sizes of [[1], [3], [100]]) {
      const { records, refused } = await readAll("text", text, {}, sizes);
      expect(records).toEqual([
        { line: 1, text: "a" },
        { line: 2, text: "" },
        { line: 3, text: "  " },
        { line: 4, text: "é😀" },
      ]);
      expect(refused).toEqual([
        [5, 2, 14, "f:5:2: not UTF-8: byte 0xff"],
        [6, 2, 17, "f:6:2: has a NUL byte"],
      ]);
    }
  });
});

describe("gzip", () => {
  it("unpacks what is packed, several parts one after the other as well", async () => {
    const bytes = Buffer.concat([gzipSync('{"a":1}\n{"a'), gzipSync('":2}\n')]);
    for (const sizes of [[1], [7], [1_000]]) {
      const { records } = await readAll("jsonl", bytes, { compression: "gzip" }, sizes);
      expect(records).toEqual([{ a: 1 }, { a: 2 }]);
    }
  });

  it("gives nothing else when a byte is another", async () => {
    const text = Array.from({ length: 300 }, (_, index) => `${index * 7919}\n`).join("");
    const packed = gzipSync(text);
    const whole = (await readAll("jsonl", packed, { compression: "gzip" })).records;
    await fc.assert(
      fc.asyncProperty(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, bits) => {
        const bytes = Buffer.from(packed);
        bytes[at] = (bytes[at] ?? 0) ^ bits;
        const { records, summary } = await readAll("jsonl", bytes, { compression: "gzip" }, [100]);
        // Of its head not every byte matters.
        if (summary.status !== "failed") expect(records).toEqual(whole);
        expect(summary.status).not.toBe("partial");
      }),
    );
  });

  it("ends the flow when it is cut, corrupt or no gzip at all", async () => {
    const packed = gzipSync(Array.from({ length: 20_000 }, (_, index) => `${index * 7919}\n`).join(""));
    const corrupt = Buffer.from(packed);
    corrupt.fill(0, 20_000, 20_100);
    const wrongSum = Buffer.from(packed);
    wrongSum.fill(0, packed.length - 8);
    const cases: readonly (readonly [Buffer, message: string, hint?: string])[] = [
      [packed.subarray(0, 30_000), "f: is cut: its gzip data ends too early"],
      [Buffer.alloc(0), "f: is cut: its gzip data ends too early"],
      [corrupt, "f: has corrupt gzip data: "],
      [wrongSum, "f: has corrupt gzip data: incorrect data check"],
      [Buffer.from("1\n2\n3\n"), "f: is no gzip data", 'compression: "none"'],
      [
        Buffer.concat([packed, Buffer.from("1\n")]),
        "f: has something behind its gzip data",
        "Remove what was appended",
      ],
    ];
    for (const [bytes, message, hint] of cases) {
      const { summary } = await readAll("jsonl", bytes, { compression: "gzip" }, [1_000]);
      expect(summary).toMatchObject({ status: "failed", published: false });
      expect(summary.error?.message).toContain(message);
      expect(summary.error?.code).toBe("VALIDATION_INPUT");
      if (hint !== undefined) expect(summary.error?.hint).toContain(hint);
    }
  });
});

describe("encodings", () => {
  it("refuses UTF-16 and packed data with what to do about it", async () => {
    const cases: readonly (readonly [Buffer, message: string, hint: string])[] = [
      [Buffer.from("\ufeff[1]", "utf16le"), "f: is UTF-16 text, not UTF-8", "iconv"],
      [Buffer.from("\ufeff[1]", "utf16le").swap16(), "f: is UTF-16 text, not UTF-8", "iconv"],
      [Buffer.from("[1]", "utf16le"), "f: looks like UTF-16 text, not UTF-8", "iconv -f UTF-16LE"],
      [Buffer.from("[1]", "utf16le").swap16(), "f: looks like UTF-16 text, not UTF-8", "iconv -f UTF-16BE"],
      [gzipSync("1"), "f: is gzip data, not UTF-8", "compression"],
      [Buffer.from("PK\u0003\u0004rest"), "f: is a zip archive, not UTF-8", "Unpack"],
    ];
    for (const [bytes, message, hint] of cases) {
      for (const format of ["jsonl", "json", "csv", "text"] as const) {
        const { summary } = await readAll(format, bytes, {}, [1]);
        expect(summary).toMatchObject({ status: "failed", read: 0 });
        expect(summary.error?.message).toContain(message);
        expect(summary.error?.hint).toContain(hint);
      }
    }
  });
});
