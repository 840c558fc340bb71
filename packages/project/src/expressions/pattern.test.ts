import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { compilePattern, type Pattern } from "./pattern.ts";

const runs = fc.readConfigureGlobal().numRuns ?? 100;

function pattern(source: string): Pattern {
  return compilePattern(
    source,
    (message, hint) => new Error(hint === undefined ? message : `${message}: ${hint}`),
  );
}

function matches(source: string, text: string): boolean {
  return pattern(source).test(text, () => undefined);
}

describe("what a pattern matches", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["", ["", "a"], []],
    ["abc", ["abc", "xabcx"], ["ab", "ABC"]],
    ["^abc$", ["abc"], ["abcx", "xabc", "abc\n"]],
    ["a.c", ["abc", "a😀c"], ["ac", "a\nc"]],
    ["(?s)a.c", ["a\nc"], ["ac"]],
    ["(?i)straße", ["STRAßE", "straSSe".replace("SS", "ß")], ["strasse"]],
    ["(?i)[a-c]é", ["BÉ", "bé"], ["dé"]],
    ["a|bc|", ["", "bc"], []],
    ["^(a|bc)+$", ["abca", "bc"], ["", "b", "abcb"]],
    ["^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]],
    ["^a{2}b{0}c{0,1}$", ["aa", "aac"], ["aab", "aacc"]],
    ["^(ab){2,}$", ["abab", "ababab"], ["ab", "aba"]],
    ["^a*?b+?c??$", ["b", "aabbc"], ["ac"]],
    ["^a{,2}$", ["a{,2}"], ["aa"]],
    ["[^a-z]", ["A", "é"], ["abc", ""]],
    ["^[]a]+$", ["]a"], ["b"]],
    ["^[a-]+$", ["a-"], ["b"]],
    ["^[\\w.]+@[\\w-]+\\.[a-z]{2,}$", ["ann.b@mail-x.org"], ["ann@mail", "@mail.org"]],
    ["\\bcat\\b", ["cat", "a cat!", "cat."], ["concat", "cats"]],
    ["\\Bcat", ["concat"], ["cat", "a cat"]],
    ["^\\d+\\D\\s\\S$", ["12a b"], ["a b"]],
    ["\\x41\\x{1F600}\\u00e9", ["A😀é"], ["A"]],
    ["^\\p{Lu}\\p{L}*\\P{L}$", ["Émile!", "Ж1"], ["émile!", "Emile"]],
    ["^\\p{Greek}+$", ["αβγ"], ["abc"]],
    ["^\\p{^Greek}+$", ["abc"], ["αβγ"]],
    ["\\.\\*\\\\\\[", [".*\\["], ["a"]],
    ["^(?:a(?P<name>b)(?<other>c))$", ["abc"], ["ab"]],
    ["\\Aab\\z", ["ab"], ["abc"]],
    ["a^b|c$d", [], ["ab", "a\nb", "cd"]],
    ["(^|x)a", ["a", "bxa"], ["ba"]],
  ])("%s", (source, yes, no) => {
    for (const text of yes) expect([text, matches(source, text)]).toEqual([text, true]);
    for (const text of no) expect([text, matches(source, text)]).toEqual([text, false]);
  });

  it("one pattern may be tried many times", () => {
    const { test: run } = pattern("^(a|b)*c$");
    const texts = ["abc", "c", "ab", "", "abcc", "abababc"];
    for (let round = 0; round < 3; round++) {
      expect(texts.map((text) => run(text, () => undefined))).toEqual([
        true,
        true,
        false,
        false,
        false,
        true,
      ]);
    }
  });

  it("agrees with the engine's own regular expressions", () => {
    const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "\\w", "\\b", "^", "$", "é", "\\d");
    const repeatable = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "(?:a|b)", "(?:ab|)", "\\W", "é");
    const part = fc.oneof(
      atom,
      fc
        .tuple(repeatable, fc.constantFrom("*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}", "*?"))
        .map((both) => both.join("")),
    );
    const group = fc.array(part, { maxLength: 4 }).map((parts) => `(?:${parts.join("")})`);
    const source = fc
      .array(fc.oneof(part, group, fc.constant("|")), { maxLength: 6 })
      .map((parts) => parts.join(""))
      .chain((inner) => fc.constantFrom(inner, `(?:${inner})*a`, `^(?:${inner})+$`));
    const text = fc
      .array(fc.constantFrom("a", "b", "1", " ", "é", "😀", "\n"), { maxLength: 8 })
      .map((all) => all.join(""));
    fc.assert(
      fc.property(source, fc.array(text, { minLength: 1, maxLength: 4 }), (written, texts) => {
        const own = pattern(written);
        const engine = new RegExp(written, "u");
        for (const each of texts)
          expect([written, each, own.test(each, () => undefined)]).toEqual([
            written,
            each,
            engine.test(each),
          ]);
      }),
      { numRuns: runs * 10 },
    );
  });
});

describe("a pattern of JSON Schema", () => {
  class Refused extends Error {}
  const own = (source: string): Pattern =>
    compilePattern(source, (message) => new Refused(message), { syntax: "javascript" });

  const never: ReadonlySet<string> = new Set(["[]", "^\\u{d83d}\\u{de00}$"]);

  it.each<[string, readonly string[]]>([
    ["^\\s+$", [" \t\u00a0\ufeff\u2028\u3000\u1680\u200a", "a", "\u180e", ""]],
    ["^.$", ["a", "\n", "\r", "\u2028", "\u2029", "😀", "\ud83d"]],
    ["^\\ud83d\\ude00$", ["😀", "\ud83d", "\ude00"]],
    ["^\\u{d83d}\\u{de00}$", ["😀", "\ud83d"]],
    ["^[\\ud83d\\ude00-\\ud83d\\ude02]$", ["😀", "😁", "😂", "😃", "\ud83d"]],
    ["^\\ud83d$", ["\ud83d", "😀"]],
    ["[]", ["", "a"]],
    ["^[^]$", ["\n", "a", "", "😀"]],
    ["^[\\b]\\cJ\\0$", ["\b\n\0", "b"]],
    ["^[a[:]$", ["[", ":", "a", "b"]],
    ["^(?<größe>\\d+)(?<$x>c)$", ["12c", "c"]],
    ["^[\\w\\-.]+@[\\w\\-]+\\/$", ["a-b@c/", "a@"]],
    ["^\\p{Script=Greek}\\P{Lu}\\p{ASCII}$", ["αaa", "αAa", "aaa"]],
    ["^(?:|a)+$", ["", "aa", "b"]],
    ["^[A-Z]{2}\\d{6}$", ["AB123456", "AB12345", "Ab123456"]],
    ["^a{2,}b{0,900}$", ["aab", "ab"]],
  ])("%s", (source, texts) => {
    const engine = new RegExp(source, "u");
    const pattern = own(source);
    for (const text of texts) expect([text, pattern.test(text, () => {})]).toEqual([text, engine.test(text)]);
    expect(texts.some((text) => engine.test(text)) || never.has(source)).toBe(true);
  });

  it("means what JavaScript has it mean, or is refused", () => {
    const piece = fc.constantFrom(
      ..."ab-^$.|()[]{},:0129 \n",
      ...[
        "*",
        "+",
        "?",
        "*?",
        "{2}",
        "{1,2}",
        "{0,}",
        "(?:",
        "(?<n>",
        "[^",
        "\\d",
        "\\D",
        "\\w",
        "\\W",
        "\\s",
        "\\S",
      ],
      ...[
        "\\b",
        "\\B",
        "\\.",
        "\\-",
        "\\/",
        "\\n",
        "\\0",
        "\\cA",
        "\\x61",
        "\\u0062",
        "\\u{1F600}",
        "\\ud83d",
        "\\ude00",
      ],
      ...["\\p{L}", "\\P{Lu}", "é", "😀", "\u2028"],
    );
    const source = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(""));
    const text = fc
      .array(
        fc.constantFrom(..."ab-.10 \n\r", "é", "É", "😀", "\ud83d", "\u2028", "\u00a0", "\0", "\u0001"),
        {
          maxLength: 6,
        },
      )
      .map((all) => all.join(""));
    let compared = 0;
    fc.assert(
      fc.property(source, fc.array(text, { minLength: 1, maxLength: 5 }), (written, texts) => {
        let engine: RegExp;
        try {
          engine = new RegExp(written, "u");
        } catch {
          return;
        }
        let pattern: Pattern;
        try {
          pattern = own(written);
        } catch (error) {
          // Only what no machine of this kind can do.
          expect(error).toBeInstanceOf(Refused);
          expect([written, String(error)]).toEqual([
            written,
            expect.stringMatching(/back to a group|ahead or behind/),
          ]);
          return;
        }
        compared += 1;
        for (const each of texts)
          expect([written, each, pattern.test(each, () => {})]).toEqual([written, each, engine.test(each)]);
      }),
      { numRuns: runs * 50 },
    );
    // Otherwise nothing was compared.
    expect(compared).toBeGreaterThan(runs);
  });

  it.each([
    ["(?=a)b", "looks ahead or behind"],
    ["(?<!a)b", "looks ahead or behind"],
    ["(a)\\1", "refers back to a group"],
    ["(?<a>b)\\k<a>", "refers back to a group"],
    ["(?i:a)", 'has a group that begins with "(?"'],
    ["a{20000}", "more than 1000 times"],
  ])("%s is refused", (source, message) => {
    expect(() => new RegExp(source, "u")).not.toThrow();
    expect(() => own(source)).toThrow(message);
  });
});

describe("what is no pattern", () => {
  it.each([
    ["(a", 'has a "(" without a ")"'],
    ["a)", 'has a ")" without a "("'],
    ["[a", 'has a "[" without a "]"'],
    ["*a", 'has a "*" with nothing before it'],
    ["a**", "repeats a repetition"],
    ["a{1}{2}", "repeats a repetition"],
    ["^*", "repeats a place"],
    ["a{2,1}", "at least 2 and at most 1 times"],
    ["a{1001}", "more than 1000 times"],
    ["(?=a)", "looks ahead or behind"],
    ["(?<!a)b", "looks ahead or behind"],
    ["(a)\\1", "refers back to a group"],
    ["\\k<a>", "refers back to a group"],
    ["(?m)^a", "has the flag m"],
    ["a(?i)b", 'has a group that begins with "(?"'],
    ["\\", "ends in a backslash"],
    ["\\q", "has the escape \\q"],
    ["\\p{Nothing}", "has the property Nothing"],
    ["\\p{L}}|x|\\p{)", "has \\p without a property"],
    ["\\xZZ", "has \\x without a character's number"],
    ["\\x{110000}", "has \\x without a character's number"],
    ["[[:alpha:]]", "has a class as [:alpha:]"],
    ["[b-a]", "goes backwards"],
    ["[\\d-z]", ""],
    ["(".repeat(60) + ")".repeat(60), "nested more than 50 levels deep"],
    ["a".repeat(501), "more than 500 characters"],
    ["(?:a{100}){100}", "more than 2000 steps"],
    ["((((a{9}){9}){9}){9}){9}", "more than 2000 steps"],
  ])("%s", (source, message) => {
    if (message === "") expect(matches(source, "-")).toBe(true);
    else expect(() => pattern(source)).toThrow(message);
  });

  it("any text is a pattern or refused by our own error", () => {
    class Refused extends Error {}
    const text = fc.string({
      unit: fc.constantFrom(..."ab\\()[]{}^$*+?|.,-1:<>=!ipPdwx", "é", "😀"),
      maxLength: 30,
    });
    fc.assert(
      fc.property(text, (source) => {
        try {
          compilePattern(source, (message) => new Refused(message)).test("ab😀", () => undefined);
        } catch (error) {
          expect(error).toBeInstanceOf(Refused);
        }
      }),
      { numRuns: runs * 10 },
    );
  });
});

describe("the work grows with the text alone", () => {
  const bombs = [
    "(a+)+$",
    "(a*)*b",
    "(a|aa)+$",
    "(a|a?)+$",
    "(.*a){12}$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(x+x+)+y",
    "([a-zA-Z]+)*$",
    "a*a*a*a*a*a*a*a*b",
    "(?:a?){30}a{30}b",
    "(a|b|ab)*c",
  ];

  it.each(bombs)("%s", (source) => {
    const work = (length: number): number => {
      let spent = 0;
      pattern(source).test(`${"a".repeat(length)}!`, (each) => {
        spent += each;
      });
      return spent;
    };
    const small = work(1_000);
    // Ten times the text: at most about ten times the work, however the pattern looks.
    expect(work(10_000)).toBeLessThan(small * 11 + 10_000);
    expect(work(10_000)).toBeLessThan(limits.work);
  });

  it("a pattern of which each character makes a new state is stopped by the work that is left", () => {
    // The n-th character from the end: 2^n sets of states.
    const machine = pattern("(?:a|b)*a(?:a|b){40}c");
    let seed = 1;
    const text = Array.from({ length: 100_000 }, () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % 1_000 < 500 ? "a" : "b";
    }).join("");
    let left: number = limits.work;
    const run = (): boolean =>
      machine.test(text, (work) => {
        left -= work;
        if (left < 0) throw new Error("too much");
      });
    expect(run).toThrow("too much");
  });

  it("what comes up again is known", () => {
    const machine = pattern("^[a-z]+@[a-z]+$");
    const text = `${"a".repeat(5_000)}@${"b".repeat(5_000)}`;
    let spent = 0;
    const spend = (work: number): void => {
      spent += work;
    };
    machine.test(text, spend);
    const first = spent;
    spent = 0;
    machine.test(text, spend);
    expect(spent).toBeLessThan(first);
    expect(spent).toBe(Math.ceil(text.length / 8));
  });
});
