import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { variablesOf, compilePart } from "./expression-compiler.ts";
import { ExpressionError } from "./expression-error.ts";
import { Frame } from "./frame.ts";

/** What a host function leaves when something calls it. */
const reached: string[] = [];

function host(name: string): () => string {
  return () => {
    reached.push(name);
    return name;
  };
}

class Account {
  readonly secret = "hunter2";
  reveal(): string {
    reached.push("reveal");
    return this.secret;
  }
}

const trapped = new Proxy(
  {},
  {
    get: (_, key) => `trap ${String(key)}`,
    has: () => true,
    getPrototypeOf: () => Account.prototype,
    ownKeys: () => ["constructor"],
    getOwnPropertyDescriptor: () => ({ value: Account, configurable: true, enumerable: true }),
  },
);

/** Data as no JSON can be, and JSON that looks dangerous. */
const record = {
  text: "text",
  number: 1,
  list: [1, 2, 3],
  thousand: Array.from({ length: 1_000 }, (_, index) => index),
  long: "a".repeat(200_000),
  object: { a: 1 },
  own: JSON.parse(
    '{"__proto__": {"polluted": true}, "constructor": "Ferrari", "toString": "text", "length": 3}',
  ),
  fn: host("fn"),
  klass: Account,
  instance: new Account(),
  process,
  global: globalThis,
  date: new Date(0),
  regexp: /a/,
  map: new Map([["a", 1]]),
  set: new Set([1]),
  promise: Promise.resolve(1),
  symbol: Symbol("symbol"),
  big: 10n,
  nan: Number.NaN,
  infinite: Number.POSITIVE_INFINITY,
  bytes: new Uint8Array([1]),
  boxed: new Number(1),
  error: new Error("secret"),
  hooks: {
    valueOf: host("valueOf"),
    toString: host("toString"),
    toJSON: host("toJSON"),
    then: host("then"),
    [Symbol.toPrimitive]: host("toPrimitive"),
    [Symbol.iterator]: host("iterator"),
    [Symbol.toStringTag]: "Array",
  },
  hookedList: Object.assign([3, 1, 2], {
    map: host("map"),
    filter: host("filter"),
    every: host("every"),
    some: host("some"),
    includes: host("includes"),
    concat: host("concat"),
    join: host("join"),
    sort: host("sort"),
    reduce: host("reduce"),
    slice: host("slice"),
    toString: host("toString"),
    [Symbol.iterator]: host("iterator"),
    [Symbol.isConcatSpreadable]: false,
    constructor: { [Symbol.species]: host("species") },
  }),
  get thrower(): never {
    throw new Error("secret of the host");
  },
  get deep(): unknown {
    return Array.from({ length: 5_000 }).reduce<unknown>((inner) => [inner], 1);
  },
  trapped,
  bare: Object.assign(Object.create(null), { a: 1 }),
  heir: Object.create({ inherited: "secret" }),
  extended: Object.assign(Object.create(Object.prototype), { a: 1 }),
};

type Outcome = { readonly refused: RegExp } | { readonly fails: RegExp } | { readonly gives: unknown };

const refused = (message: RegExp): Outcome => ({ refused: message });
const fails = (message: RegExp): Outcome => ({ fails: message });
const gives = (value: unknown): Outcome => ({ gives: value });

const noVariable = refused(/there is no such variable/);
const noFunction = refused(/there is no such function/);
const isMissing = fails(/is missing/);
const notJson = fails(/which JSON has not/);
const tooMuch = fails(/more than 1,000,000 operations/);
const tooDeep = refused(/more than 100 levels deep/);
/** Of so many signs either the parser's stack or its count of parts ends first: the stack grows shorter as code gets warm. */
const tooManySigns = refused(/more than (?:100 levels deep|1000 parts)/);
const nested = (open: string, inner: string, close: string, count: number): string =>
  open.repeat(count) + inner + close.repeat(count);

/** The first column is what is tried, the second what comes of it. */
const attempts: readonly (readonly [string, Outcome])[] = [
  // the host's names
  ["globalThis", noVariable],
  ["global.process", noVariable],
  ["window", noVariable],
  ["self", noVariable],
  ["this", noVariable],
  ["this.constructor", noVariable],
  ["process.exit(1)", refused(/there is no such (variable|function)/)],
  ["process.env.PATH", noVariable],
  ["require('fs')", noFunction],
  ["import('node:fs')", refused(/reserved word|not expected/)],
  ["eval('1')", noFunction],
  ["Function('return this')()", refused(/not expected|there is no such function/)],
  ["fetch('http://example.com')", noFunction],
  ["setTimeout(1, 1)", noFunction],
  ["console.log(1)", refused(/there is no such (variable|function)/)],
  ["Object.keys(record)", refused(/keys takes 1 argument/)],
  ["JSON.stringify(record)", refused(/there is no such (variable|function)/)],
  ["Reflect.ownKeys(record)", refused(/there is no such (variable|function)/)],
  ["Symbol.iterator", noVariable],
  ["arguments", noVariable],
  ["undefined", noVariable],
  ["NaN", noVariable],
  ["Infinity", noVariable],
  ["constructor", noVariable],
  ["toString", noVariable],
  ["hasOwnProperty('text')", noFunction],
  ["constructor('return this')", noFunction],
  ["toString()", noFunction],
  ["valueOf()", noFunction],
  ["__proto__", refused(/reserved word/)],
  ["prototype", refused(/reserved word/)],
  ["__defineGetter__('a', 1)", noFunction],
  ["cel", noVariable],
  ["cel.bind(x, 1, x)", refused(/there is no such (function|variable)/)],
  ["google.protobuf.Timestamp", noVariable],
  ["type", noVariable],
  // prototypes by way of fields
  ["record.constructor", isMissing],
  ["record['constructor']", isMissing],
  ["record['con' + 'structor']", isMissing],
  ['record["\\u0063onstructor"]', isMissing],
  ['record["\\x63onstructor"]', isMissing],
  ['record["\\143onstructor"]', isMissing],
  ["record.constructor.constructor('return process')()", refused(/not expected/)],
  ["record.constructor('return process')", noFunction],
  ["record.__proto__", isMissing],
  ["record['__proto__']", isMissing],
  ["record.__proto__.polluted", isMissing],
  ["record.prototype", isMissing],
  ["record.toString", isMissing],
  ["record.hasOwnProperty", isMissing],
  ["record.__lookupGetter__", isMissing],
  ["record.text.constructor", fails(/is a text, and has no field/)],
  ["record.text['length']", fails(/is a text, and has no field/)],
  ["record.number.toFixed", fails(/is a whole number, and has no field/)],
  ["record.list.constructor", fails(/is a list, and has no field/)],
  ["record.list.length", fails(/is a list, and has no field/)],
  ["record.list['__proto__']", fails(/is a list, and has no field/)],
  ["record.list[record.text]", fails(/the index of a list is a whole number/)],
  ["'text'.constructor", refused(/has no fields/)],
  ["[].constructor", refused(/has no fields/)],
  ["{}.constructor", refused(/there is no such field/)],
  ["{}['__proto__']", refused(/there is no such field/)],
  ["(1).constructor", refused(/has no fields/)],
  ["has(record.constructor)", gives(false)],
  ["has(record.__proto__)", gives(false)],
  ["'constructor' in record", gives(false)],
  ["'__proto__' in record.object", gives(false)],
  ["get(record, 'constructor', 'none')", gives("none")],
  ["get(record, '__proto__.polluted', 'none')", gives("none")],
  ["get(record, ['constructor', 'prototype'], 'none')", gives("none")],
  ["get(record.list, 'length', 'none')", gives("none")],
  ["get(record.list, '-1', 'none')", gives("none")],
  ["get(record.text, '0', 'none')", gives("none")],
  ["get(record, 'list.constructor', 'none')", gives("none")],
  ["record.heir.inherited", notJson],
  ["get(record, 'heir.inherited', 'none')", gives("none")],
  ["has(record.heir.inherited)", gives(false)],
  ["keys(record.own)", gives(["__proto__", "constructor", "toString", "length"])],
  ["record.own.__proto__.polluted", gives(true)],
  ["record.own.constructor", gives("Ferrari")],
  ["record.own.toString + '!'", gives("text!")],
  ["record.bare.a", gives(1)],
  ["record.extended.toString", isMissing],
  // pollution by what is made
  ["{'__proto__': {'polluted': true}}", refused(/"__proto__" is not allowed/)],
  ["{'__pro' + 'to__': {'polluted': true}}", fails(/"__proto__" is not allowed/)],
  ["{record.own.map(k, k)[0]: {'polluted': true}}", fails(/"__proto__" is not allowed/)],
  ["keys(record.own).map(k, {k: {'polluted': true}})", fails(/"__proto__" is not allowed/)],
  [
    "{'constructor': {'prototype': {'polluted': true}}}",
    gives({ constructor: { prototype: { polluted: true } } }),
  ],
  ["{'toString': 1}", gives({ toString: 1 })],
  ["{'a': 1, 'a': 2}", refused(/comes twice/)],
  ["{'a': 1, 'A'.lower(): 2}", fails(/comes twice/)],
  ["{1: 2}", refused(/a key takes a text/)],
  ["[].map(__proto__, 1)", refused(/reserved word/)],
  ["[1].map(constructor, constructor)", gives([1])],
  ["[1].map(toString, toString + 1)", gives([2])],
  ["[1].map(globalThis, globalThis)", gives([1])],
  ["[1].map(record, record)", refused(/is a variable already/)],
  ["[1].filter(constructor, constructor.name == 'x')", refused(/has no fields/)],
  ["[1].map(x, x = 2)", refused(/not expected/)],
  // what the data is in the host
  ["record.fn", notJson],
  ["record.fn()", noFunction],
  ["record.fn.call", notJson],
  ["record.klass", notJson],
  ["record.klass.prototype", notJson],
  ["record.instance", notJson],
  ["record.instance.secret", notJson],
  ["record.instance.reveal()", noFunction],
  ["get(record, 'instance.secret', 'none')", gives("none")],
  ["get(record, 'instance', 'none')", notJson],
  ["has(record.instance.secret)", gives(false)],
  ["record.process.env", notJson],
  ["get(record, 'process.env.PATH', 'none')", gives("none")],
  ["record.global.process", notJson],
  ["record.global", notJson],
  ["[record.global]", notJson],
  ["{'a': record.process}", notJson],
  ["record.date", notJson],
  ["record.date < 'z'", notJson],
  ["record.regexp.source", notJson],
  ["record.map.size", notJson],
  ["size(record.map)", notJson],
  ["record.set.exists(x, true)", notJson],
  ["record.promise", notJson],
  ["record.symbol", notJson],
  ["string(record.symbol)", notJson],
  ["record.big + 1", notJson],
  ["int(record.big)", notJson],
  ["record.nan", notJson],
  ["record.nan == record.nan", notJson],
  ["record.infinite > 1", notJson],
  ["[record.infinite]", notJson],
  ["record.bytes[0]", notJson],
  ["record.boxed + 1", notJson],
  ["record.error.stack", notJson],
  ["type(record.fn)", notJson],
  // hooks on data
  ["record.hooks + ''", fails(/cannot add an object and a text/)],
  ["record.hooks + 1", fails(/cannot add/)],
  ["record.hooks == 'toPrimitive'", gives(false)],
  ["record.hooks > 1", fails(/compares two numbers or two texts/)],
  ["string(record.hooks)", fails(/string takes/)],
  ["record.object[record.hooks]", fails(/a key is a text/)],
  ["{record.hooks: 1}", fails(/a key is a text/)],
  ["record.hooks ? 1 : 2", fails(/takes true or false/)],
  ["join([record.hooks, record.hooks])", fails(/join takes a list of texts/)],
  ["record.hooks.toString()", noFunction],
  ["record.hooks.valueOf", notJson],
  ["record.hooks in record.list", gives(false)],
  ["record.hookedList.map(x, x + 1)", gives([4, 2, 3])],
  ["record.hookedList.filter(x, x > 1)", gives([3, 2])],
  ["record.hookedList.all(x, x > 0)", gives(true)],
  ["record.hookedList + [4]", gives([3, 1, 2, 4])],
  ["sort(record.hookedList)", gives([1, 2, 3])],
  ["sum(record.hookedList) + max(record.hookedList)", gives(9)],
  ["2 in record.hookedList", gives(true)],
  ["'2' in record.hookedList", gives(false)],
  ["record.hookedList == [3, 1, 2]", gives(true)],
  ["get(record, record.hookedList, 'none')", gives("none")],
  ["record.hookedList.constructor", fails(/is a list, and has no field/)],
  ["record.thrower", fails(/the data could not be read/)],
  ["has(record.thrower)", fails(/the data could not be read/)],
  ["get(record, 'thrower', 1)", fails(/the data could not be read/)],
  ["record.trapped", fails(/which JSON has not|could not be read/)],
  ["record.trapped.constructor", fails(/which JSON has not|could not be read/)],
  ["record.deep == record.deep", fails(/nested more than 500 levels/)],
  ["[1].map(x, record.deep)", fails(/nested more than 500 levels/)],
  // other languages
  ["`${record.text}`", refused(/"`" is not expected/)],
  ["'${record.text}'", gives("${record.text}")],
  ["record.text; record.number", refused(/not expected/)],
  ["record.text // ; process.exit(1)", gives("text")],
  ["record.text /* comment */", refused(/expected a value/)],
  ["record.number = 2", refused(/not expected/)],
  ["record.number++", refused(/expected a value/)],
  ["() => 1", refused(/expected a value/)],
  ["function () { return this }", refused(/reserved word|not expected/)],
  ["x => x", refused(/not expected/)],
  ["new Date()", refused(/not expected/)],
  ["typeof record", refused(/not expected/)],
  ["delete record.text", refused(/not expected/)],
  ["while (true) {}", refused(/reserved word|not expected/)],
  ["for (;;) 1", refused(/./)],
  ["async () => 1", refused(/not expected/)],
  ["await record", refused(/not expected/)],
  ["yield 1", refused(/not expected/)],
  ["...record.list", refused(/expected a value/)],
  ["[...record.list]", refused(/expected a value/)],
  ["record?.text", refused(/expected a value/)],
  ["record.?text", refused(/expected "a name"|expected a name/)],
  ["record[?'text']", refused(/expected a value/)],
  ["1, 2", refused(/not expected/)],
  ["record.text!", refused(/not expected/)],
  ["@decorator", refused(/not expected/)],
  ["#private", refused(/not expected/)],
  ["\\u0072ecord.text", refused(/not expected/)],
  ["r\u0435cord.text", refused(/not expected/)],
  ["record\u200b.text", refused(/not expected/)],
  ["record\u2028.text", refused(/not expected/)],
  ["record\u0000.text", refused(/not expected/)],
  ["'\\u{63}'", refused(/unicode escape/i)],
  ["'\\ud800'", refused(/surrogate/i)],
  ["'\\U00110000'", refused(/unicode escape/i)],
  ["'\\q'", refused(/escape/i)],
  ["b'\\xff'", refused(/no bytes/)],
  // time and chance
  ["now()", noFunction],
  ["timestamp('2026-01-01T00:00:00Z')", noFunction],
  ["timestamp(0).getHours('../../etc/passwd')", noFunction],
  ["duration('1h')", noFunction],
  ["record.date.getFullYear('Europe/Bern')", noFunction],
  ["random()", noFunction],
  // huge numbers
  ["9".repeat(400), refused(/beyond 9007199254740991/)],
  [`0x${"f".repeat(5_000)}`, refused(/beyond 9007199254740991|Invalid hex/i)],
  ["1e99999", refused(/too large/)],
  ["1e308 * 1e308", fails(/no number that JSON can hold/)],
  ["-1e308 - 1e308", fails(/no number that JSON can hold/)],
  ["1 / 0", refused(/divides by zero/)],
  ["1 % 0.0", refused(/divides by zero/)],
  ["0.0 / (record.number - 1)", fails(/divides by zero/)],
  ["number('1e999')", fails(/is no number/)],
  ["number('Infinity')", fails(/is no number/)],
  ["record.list[9007199254740991]", fails(/none at 9007199254740991/)],
  ["round(1.5, 1e9)", fails(/from 0 to 15/)],
  ["substring('a', 0, 9007199254740991)", gives("a")],
  // deep nesting
  [nested("(", "1", ")", 3_000), tooDeep],
  [nested("[", "1", "]", 3_000), tooDeep],
  [nested("{'a': ", "1", "}", 1_000), tooDeep],
  [nested("!", "true", "", 9_000), tooManySigns],
  [nested("-", "1", "", 9_000), tooManySigns],
  [nested("true ? 1 : ", "1", "", 800), tooDeep],
  [nested("lower(", "'a'", ")", 1_000), tooDeep],
  [`record${".a".repeat(4_000)}`, tooDeep],
  [`record${"[0]".repeat(3_000)}`, tooDeep],
  [`'a'${".lower()".repeat(1_000)}`, tooDeep],
  [Array(2_500).fill("1").join(" + "), refused(/more than/)],
  [`"${"a".repeat(20_000)}"`, refused(/at most 10000/)],
  [`[${Array(1_000).fill("1").join(",")}]`, refused(/more than 200 elements/)],
  // macros and lists that explode
  [
    "record.thousand.map(a, record.thousand.map(b, record.thousand.map(c, 1)))",
    refused(/stands in 2 other functions/),
  ],
  ["record.thousand.map(a, record.thousand.map(b, a * b))", tooMuch],
  ["record.thousand.all(a, record.thousand.all(b, a + b >= 0))", tooMuch],
  ["record.thousand.map(a, record.thousand)", fails(/holds more than 500,000 values/)],
  ["record.thousand.map(a, record.thousand + record.thousand)", tooMuch],
  ["record.thousand.map(a, record.long)", fails(/holds more than 500,000 values/)],
  ["record.thousand.map(a, upper(record.long))", tooMuch],
  ["record.thousand.filter(a, record.long + 'a' == record.long + 'b')", tooMuch],
  ["record.thousand.map(a, split(record.long, ''))", tooMuch],
  ["record.thousand.map(a, sort(record.thousand))", tooMuch],
  ["record.thousand.all(a, record.thousand == record.thousand + [])", tooMuch],
  // texts that explode
  ["replace(record.long, 'a', record.long)", fails(/more than 4,194,304 characters/)],
  ["join(record.thousand.map(a, record.long), record.long)", fails(/more than/)],
  [Array(30).fill("record.long").join(" + "), fails(/more than 4,194,304 characters/)],
  ["replace('a', '', 'b')", fails(/is empty/)],
  ["split(record.long, 'a').map(x, split(record.long, 'a'))", tooMuch],
  // patterns that explode
  ["record.long.matches('(a+)+b')", gives(false)],
  ["record.long.matches('(a|a)*b')", gives(false)],
  ["record.long.matches('^(a?){50}a{50}b$')", gives(false)],
  ["record.long.matches('(.*)*x')", gives(false)],
  ["record.text.matches('(a{1000}){1000}')", refused(/more than 2000 steps/)],
  ["record.text.matches('(?=t)')", refused(/looks ahead/)],
  ["record.text.matches('(t)\\\\1')", refused(/refers back/)],
  ["record.text.matches(record.text)", refused(/has to be written out/)],
  ["record.text.matches('[')", refused(/without a "\]"/)],
  [`record.text.matches('${nested("(", "a", ")", 200)}')`, refused(/nested more than 50/)],
  ["record.text.matches('\\\\p{Script=__proto__}')", refused(/is not known/)],
];

/** What there is on the objects that all others come from. */
function hostKeys(): Readonly<Record<string, readonly (string | symbol)[]>> {
  return {
    object: Reflect.ownKeys(Object.prototype),
    array: Reflect.ownKeys(Array.prototype),
    text: Reflect.ownKeys(String.prototype),
    function: Reflect.ownKeys(Function.prototype),
    global: Reflect.ownKeys(globalThis),
  };
}

let before = hostKeys();

/** A getter of each name that must not be found by looking along prototypes. */
const bait = ["polluted", "secret"] as const;

/** What has changed in the host. */
function damage(): readonly string[] {
  const now = hostKeys();
  const changed = Object.keys(before).filter(
    (name) =>
      now[name]?.length !== before[name]?.length ||
      now[name]?.some((key, index) => key !== before[name]?.[index]),
  );
  const called = reached.splice(0);
  return [...changed, ...called, ...(Object.hasOwn(record.object, "polluted") ? ["record"] : [])];
}

describe("escapes", () => {
  beforeAll(() => {
    for (const name of bait) {
      Object.defineProperty(Object.prototype, name, {
        get: host(`Object.prototype.${name}`),
        configurable: true,
      });
    }
    before = hostKeys();
  });
  afterAll(() => {
    for (const name of bait) Reflect.deleteProperty(Object.prototype, name);
  });
  it("there are enough of them, all different", () => {
    const sources = attempts.map(([source]) => source);
    expect(new Set(sources).size).toBe(sources.length);
    expect(sources.length).toBeGreaterThanOrEqual(200);
  });

  it.each(attempts.map(([source, outcome]) => [source.slice(0, 100), source, outcome] as const))(
    "%s",
    (_, source, outcome) => {
      const frame = new Frame();
      let phase: string | undefined;
      let message = "";
      let value: unknown;
      try {
        value = compilePart(source, variablesOf({ record: undefined }), undefined).run({ record }, frame);
      } catch (error) {
        if (!ExpressionError.isInstance(error)) throw error;
        ({ phase, message } = error);
        expect(message).not.toContain("hunter2");
        expect(message).not.toContain("secret");
      }
      if ("gives" in outcome) {
        expect([phase, message]).toEqual([undefined, ""]);
        expect(JSON.stringify(value)).toBe(JSON.stringify(outcome.gives));
      } else if ("refused" in outcome) {
        expect(["syntax", "type"]).toContain(phase);
        expect(message).toMatch(outcome.refused);
      } else {
        expect(phase).toBe("evaluation");
        expect(message).toMatch(outcome.fails);
      }
      expect(damage()).toEqual([]);
      // Nothing is stopped by a clock: either the work was within what is allowed, or it ended there.
      expect(frame.work < 0).toBe(message.includes("operations"));
    },
  );
});
