import type { Field } from "../field.ts";
import { forAll } from "../field.ts";

interface Body {
  readonly bytes: Uint8Array;
  readonly status: 200 | 400 | 422;
  readonly agent: "plain" | "strict";
}

/** Bodies that are no JSON, no request or no input, and odd ones that are; each has its one right status. */
export async function malformedJson(field: Field): Promise<void> {
  const all = bodies();
  const some = field.isFull ? all : all.filter((_, index) => index % 5 === 0);
  field.plan(some.length);
  field.figure("bodies", some.length);
  const before = await field.probe();
  let goodOnes = 0;
  await forAll(some, 8, async ({ bytes, status, agent }) => {
    const answer = await field.post(`/agents/${agent}/execute`, bytes);
    if (status === 200) goodOnes++;
    const shown = Buffer.from(bytes).toString("latin1").slice(0, 60);
    field.hold(answer?.status === status, `${status} for ${JSON.stringify(shown)}, got ${answer?.status}`);
  });
  const { executions } = await field.probe();
  const reached = sum(executions) - sum(before.executions);
  field.hold(reached === goodOnes, `only good bodies reach an agent: ${reached} rather than ${goodOnes}`);
}

function sum(executions: Readonly<Record<string, number>>): number {
  return (executions["plain"] ?? 0) + (executions["strict"] ?? 0);
}

const good =
  '{"input":{"text":"a\\u00e9\\n","list":[1,-2.5e3,true,null,{"deep":[[]]}]},"context":{"userId":"ada"}}';

function bodies(): readonly Body[] {
  const bad = [
    ...Array.from({ length: good.length - 1 }, (_, length) => good.slice(0, length)),
    ...inputs.map((input) => `{"input":${input}}`),
    ...escapes.flatMap((escape) => [`{"input":"a${escape}b"}`, `{"input":{"a${escape}b":1}}`]),
    ...Array.from({ length: 32 }, (_, code) => `{"input":"a${String.fromCharCode(code)}b"}`),
    ...["\u00A0", "\u2028", "\uFEFF", "\v", "\f", "\u0085", "\0"].flatMap((space) => [
      `${space}{"input":1}`,
      `{"input":${space}1}`,
      `{"input":1}${space}`,
    ]),
    // Numbers that JavaScript has none for.
    ...["1e999", "-1e999", "9".repeat(400)].flatMap((number) => [
      `{"input":${number}}`,
      `{"input":[{"a":${number}}]}`,
    ]),
    ...wholes,
  ].map((text) => Buffer.from(text));
  const binary = [
    ...utf8.flatMap((bytes) => [between('{"input":"', bytes, '"}'), between('{"input":{"', bytes, '":1}}')]),
    ...encodings(),
  ];
  return [
    ...[...bad, ...binary].map((bytes): Body => ({ bytes, status: 400, agent: "plain" })),
    ...unfit.map(
      (input): Body => ({ bytes: Buffer.from(`{"input":${input}}`), status: 422, agent: "strict" }),
    ),
    ...odd.map((text): Body => ({ bytes: Buffer.from(text), status: 200, agent: "plain" })),
    ...fit.map((input): Body => ({ bytes: Buffer.from(`{"input":${input}}`), status: 200, agent: "strict" })),
  ];
}

function between(before: string, bytes: readonly number[], after: string): Buffer {
  return Buffer.concat([Buffer.from(before), Uint8Array.from(bytes), Buffer.from(after)]);
}

/** What stands in the place of a value, and is none. */
const inputs: readonly string[] = [
  ..."NaN Infinity -Infinity +1 01 -01 00 1. .5 -.5 1e 1e+ 1E- 0x10 0b11 0o7 1_000 1n --1 - 1.2.3 1e1.5 ١ １ ½ 1,000".split(
    " ",
  ),
  ..."True TRUE False Null NULL nil None undefined nul truee tru yes on void function(){} new(Date) $ref @a <a> {{a}} %7B".split(
    " ",
  ),
  ..."[1,] [,1] [,] [1,,2] [1;2] [1 2] [1 [1]] [[1] ] ] ( (1) {1} {a} {a:1} {'a':1} {a:'b'} 'a' `a` “a” ‘a’ \"a \"a'"
    .split(" ")
    .filter((one) => one !== "[[1]"),
  '{"a":1,}',
  "{,}",
  '{"a":1,,"b":2}',
  '{,"a":1}',
  '{"a"}',
  '{"a":}',
  "{:1}",
  '{"a"=1}',
  '{"a":1 "b":2}',
  '{"a":1;"b":2}',
  '{"a":1]',
  "[1}",
  '{"a":[1}',
  '{"a"::1}',
  "{1:1}",
  "{null:1}",
  '{"a":1',
  "[1",
  '"a" "b"',
  '"a"+"b"',
  "1 2",
  "",
  "// a\n1",
  "1 // a\n",
  "/* a */ 1",
  "1 /* a",
  "# a\n1",
  "1 # a\n",
  "<!-- a --> 1",
  "-- a\n1",
  "{/* a */}",
  "[1 /**/, 2]",
  '"a\\',
  '"\\u',
  '"a\nb"',
  '"a\tb"',
  '"\r\n"',
  '"""a"""',
  'r"a"',
  'b"a"',
  '"a"s',
  "/a/",
  '"a" || 1',
  "1 == 1",
  "!true",
];

const escapes: readonly string[] = [
  "\\a",
  "\\x41",
  "\\u12",
  "\\u{41}",
  "\\U00000041",
  "\\'",
  "\\0",
  "\\v",
  "\\e",
  "\\ ",
  "\\\n",
  "\\u00g0",
  "\\u 041",
  "\\u-041",
  "\\101",
  "\\N",
];

/** Whole bodies. */
const wholes: readonly string[] = [
  "[]",
  "[1]",
  "null",
  "true",
  "1",
  '"input"',
  "{}",
  '{"inputs":1}',
  '{"Input":1}',
  '{"input":1,"x":2}',
  '{"context":{}}',
  '{"input":1,"context":null}',
  '{"input":1,"context":[]}',
  '{"input":1,"context":"a"}',
  '{"input":1,"context":{"a":1}}',
  '{"input":1,"context":{"userId":1}}',
  '{"input":1,"context":{"sessionId":null}}',
  '{"input":1,"context":{"metadata":[]}}',
  '{"input":1,"context":{"metadata":1}}',
  '{"input":1,"context":{"requestId":"a b"}}',
  '{"input":1,"context":{"requestId":""}}',
  '{"input":1}{"input":2}',
  '{"input":1}\n{"input":2}',
  '{"input":1},',
  '{"input":1};',
  '{"input":1}]',
  ')]}\',\n{"input":1}',
  "input=1",
  "input: 1",
  "---\ninput: 1\n",
  "<input>1</input>",
  "<!DOCTYPE html>",
  "input,1\n",
  '({"input":1})',
  'callback({"input":1})',
  "for(;;);{}",
  "\n",
  " ",
  "\t",
  "{",
  "}",
  "[",
  '"',
  ":",
  ",",
  "\\",
  '{\\"input\\":1}',
  "{'input':1}",
  "{input:1}",
  '{"input":1',
  "%7B%22input%22%3A1%7D",
  "eyJpbnB1dCI6MX0=",
  "data:application/json,{}",
  '{"input":1}\0',
  '{"input":1}\u001a',
  '\u001e{"input":1}\n',
];

/** Bytes that UTF-8 does not have. */
const utf8: readonly (readonly number[])[] = [
  [0x80],
  [0xbf],
  [0x80, 0x80],
  [0xc0, 0xaf],
  [0xc0, 0x80],
  [0xc1, 0xbf],
  [0xc3],
  [0xc3, 0x28],
  [0xe0, 0x80, 0x80],
  [0xe0, 0x9f, 0xbf],
  [0xe2, 0x82],
  [0xe2, 0x28, 0xa1],
  [0xed, 0xa0, 0x80],
  [0xed, 0xbf, 0xbf],
  [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
  [0xf0, 0x80, 0x80, 0x80],
  [0xf0, 0x9f, 0x98],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80],
  [0xfe],
  [0xff],
  [0xff, 0xfe],
  [0xe9],
];

function encodings(): readonly Uint8Array[] {
  const text = '{"input":1}';
  const little = Buffer.from(text, "utf16le");
  const big = Buffer.from(little).swap16();
  const wide = Buffer.alloc(text.length * 4);
  for (let index = 0; index < text.length; index++) wide.writeUInt32LE(text.charCodeAt(index), index * 4);
  const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");
  return [
    little,
    big,
    wide,
    Buffer.from(wide).swap32(),
    Buffer.concat([bytes("fffe"), little]),
    Buffer.concat([bytes("feff"), big]),
    Buffer.concat([bytes("efbbbf"), Buffer.from(text)]),
    // What other formats write for the same: CBOR, MessagePack, BSON, gzip, a protocol buffer, EBCDIC.
    bytes("a165696e70757401"),
    bytes("81a5696e70757401"),
    bytes("10000000106900010000000000"),
    bytes("1f8b080000000000"),
    bytes("0a05696e7075741001"),
    bytes("c07f8995979aa37f7af1d0"),
  ];
}

/** JSON, but no input of the agent. */
const unfit: readonly string[] = [
  "null",
  "1",
  '"a"',
  "[]",
  "{}",
  "true",
  '{"text":"a"}',
  '{"number":1}',
  '{"text":1,"number":1}',
  '{"text":"a","number":"1"}',
  '{"text":null,"number":1}',
  '{"text":"a","number":null}',
  '{"text":"a","number":1,"x":1}',
  '{"Text":"a","number":1}',
  '{"text":["a"],"number":1}',
  '{"text":{},"number":1}',
  '{"text":"a","number":[1]}',
  '{"text":"a","number":true}',
  '[{"text":"a","number":1}]',
  '{"text":"a","text":1,"number":1}',
];

/** Odd, and all the same JSON. */
const odd: readonly string[] = [
  good,
  ' \t\r\n{ "input" \n:\t1 } \r\n',
  '{"input":1,"input":2}',
  '{"\\u0069nput":1}',
  '{"input":"\\ud800"}',
  '{"input":"\\udc00\\ud800"}',
  '{"input":{"\\udfff":1}}',
  '{"input":"\u007f\u0080\u009f"}',
  '{"input":"\u2028\u2029\uFEFF\uFFFE\uFFFF"}',
  '{"input":{"":{"":""}}}',
  '{"input":1e308}',
  '{"input":5e-324}',
  '{"input":1e-999}',
  '{"input":-0}',
  '{"input":-0.0e+0}',
  '{"input":0E0}',
  `{"input":${"9".repeat(308)}}`,
  `{"input":0.${"1".repeat(5_000)}}`,
  '{"input":9007199254740993}',
  '{"input":"\\/\\b\\f\\u0000"}',
  '{"input":null,"context":{}}',
  '{"context":{"metadata":{}},"input":[]}',
  `{"input":${"[".repeat(62)}${"]".repeat(62)}}`,
  `{"input":[${"1,".repeat(90_000)}1]}`,
  `{"input":"${"\\u0061".repeat(100_000)}"}`,
  `{"input":1${" ".repeat(500_000)}}`,
  '{"input":{"toString":1,"valueOf":2,"then":3,"toJSON":4,"hasOwnProperty":5,"constructor":6,"length":-1}}',
];

const fit: readonly string[] = [
  '{"text":"","number":0}',
  '{"number":-1.5e-7,"text":"\\u0000"}',
  '{"text":1,"text":"a","number":1}',
];
