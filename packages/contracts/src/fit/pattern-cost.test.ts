import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { fit, fitJson } from "./index.ts";
import { isAffordable, quickLengths } from "./pattern-cost.ts";

describe("what a pattern may take", () => {
  it.each([
    ["^[a-z]+$", 1_000],
    ["^[A-Z]{2}\\d{6}$", 1_000],
    ["^[\\w.]+@[\\w-]+\\.[a-z]{2,}$", 60],
    ["a+b", 300],
    ["^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2})?$", 100],
    ["^\\(\\+\\[(]+\\p{L}{2}$", 1_000],
    ["^(red|green|blue)$", 1_000],
    ["(a+)+$", 5],
    ["^(?:[0-9]{1,3}\\.){3}[0-9]{1,3}$", 1_000],
  ])("is little: %s on %d characters", (pattern, length) => {
    expect(isAffordable(pattern, length)).toBe(true);
  });

  it.each([
    "^(a+)+$",
    "^(a|aa)+$",
    "^(?:a?){30}a{30}$",
    `^${"a?".repeat(30)}${"a".repeat(30)}$`,
    "^(\\w+\\s?)+\\.$",
    "^((a{1,5}){1,9}){1,9}$",
    "a*a*a*a*a*a*b",
    "^(?=(a+)+$)",
    "^(?<x>a+)+\\.$",
    ")+(a*)*",
    "^(a*){20}b$",
    "^(?:a|aa){40}$",
  ])("may be much: %s", (pattern) => {
    expect(isAffordable(pattern, 60)).toBe(false);
  });

  const long = 1_000_000;
  it.each([
    ["^[a-z]+$", long],
    ["^[A-Z]{2}\\d{6}$", long],
    ["^x-", long],
    ["urgent", long],
    ["^(red|green|blue)$", long],
    ["^(?:[0-9]{1,3}\\.){3}[0-9]{1,3}$", 15],
    ["^[^@]+@[^@]+\\.[a-z]{2,}$", 20],
    ["\\d+", 200],
    ["^a+|b+$", 8],
  ])("is in proportion to the text: %s on %d characters", (pattern, length) => {
    expect(quickLengths(pattern)(length)).toBe(true);
  });

  it.each([
    ["^(a+)+$", 30],
    ["^[^@]+@[^@]+\\.[a-z]{2,}$", long],
    ["\\d+x", long],
    ["^a+|b+c$", long],
    ["^(a*)\\1b", long],
    ["^(?<x>a*)\\k<x>b", long],
    [`^a*${"a".repeat(5_000)}b`, long],
    ["^a*a{5000}b", long],
    ["^a*(?:a{100}){100}b", long],
    ["^(?:(?=a*b)a)*c", 1_000],
  ])("is not in proportion to the text: %s on %d characters", (pattern, length) => {
    expect(quickLengths(pattern)(length)).toBe(false);
  });
});

describe("schemas with patterns that go back", () => {
  const text = (more: object) => ({
    type: "object",
    properties: { a: { type: "string", ...more } },
    required: ["a"],
  });
  const long = `${"a".repeat(60)}!`;

  it("are compared in no time", { timeout: 60_000 }, () => {
    const script = `
      import { fitJson } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
      const cases = ${JSON.stringify([
        [text({ enum: [long], pattern: "^(a+)+$" }), text({ pattern: "^(a|aa)+$" })],
        [text({ const: long }), text({ pattern: "^(a+)+$" })],
        [text({ minLength: 50 }), text({ pattern: "^(\\w+\\s?)+\\.$" })],
        [text({ minLength: 50, pattern: "^(\\w+\\s?)+\\.$" }), text({ maxLength: 40 })],
        [text({ minLength: 200, pattern: "a*a*a*a*a*a*a*b" }), text({ enum: ["x"] })],
      ])};
      console.log(cases.map(([from, to]) => fitJson(from, to).verdict).join());
    `;
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      ["--conditions=@atomic-agents/source", "--input-type=module", "--eval", script],
      { timeout: 30_000, encoding: "utf8" },
    );
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: "" });
    expect(stdout.trim().split(",")).toHaveLength(5);
  });

  it("are told of as far as that goes", () => {
    expect(fitJson({ const: "ab" }, { type: "string", pattern: "^(a+)+$" }).verdict).toBe("never");
    expect(fitJson({ const: "aa" }, { type: "string", pattern: "^(a+)+$" }).verdict).toBe("always");
    // What is not tried may be either.
    expect(fitJson({ const: long }, { type: "string", pattern: "^(a+)+$" }).verdict).toBe("unknown");
    expect(fit(z.literal("a@b.org"), z.string().regex(/^\S+@\S+$/)).verdict).toBe("always");
  });
});
