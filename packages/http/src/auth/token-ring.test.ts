import { createVirtualClock } from "@atomic-agents/testing";
import { Secret } from "@atomic-agents/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkTokens } from "./check-token.ts";
import type { ServiceToken } from "./service-token.ts";
import { TokenRing } from "./token-ring.ts";

const one = "one-".repeat(10);
const other = "two-".repeat(10);

function ringOf(tokens: readonly ServiceToken[], clock = createVirtualClock()) {
  return new TokenRing(checkTokens("test", "tokens", tokens), clock);
}

describe("a ring of tokens", () => {
  test("knows whose token it is", () => {
    const ring = ringOf([
      { name: "ada", value: one },
      { name: "bob", value: new Secret(other), scopes: ["admin"] },
    ]);
    expect(ring.principalOf(`Bearer ${one}`)).toEqual({ name: "ada", scopes: new Set(["execute", "read"]) });
    expect(ring.principalOf(`bEARER   ${other} `)).toEqual({ name: "bob", scopes: new Set(["admin"]) });
  });

  test("takes two tokens of one name", () => {
    const ring = ringOf([
      { name: "ada", value: one },
      { name: "ada", value: other },
    ]);
    for (const value of [one, other])
      expect(ring.principalOf(`Bearer ${value}`)).toMatchObject({ name: "ada" });
  });

  test.each([
    ["no header", undefined, "missing"],
    ["an empty one", "", "missing"],
    ["no token", "Bearer", "invalid"],
    ["only blanks", "Bearer   ", "invalid"],
    ["another scheme", `Basic ${one}`, "invalid"],
    ["the token alone", one, "invalid"],
    ["one without its end", `Bearer ${one.slice(0, -1)}`, "invalid"],
    ["one with more at its end", `Bearer ${one}x`, "invalid"],
    ["one with zeros at its end", `Bearer ${one}\0\0`, "invalid"],
    ["one in capitals", `Bearer ${one.toUpperCase()}`, "invalid"],
    ["two of them", `Bearer ${one}, Bearer ${one}`, "invalid"],
    ["one that is too long", `Bearer ${one.repeat(20)}`, "invalid"],
    ["a huge one", `Bearer ${"x".repeat(100_000)}`, "invalid"],
    ["letters of two bytes", `Bearer ${one.slice(0, -1)}\u012d`, "invalid"],
  ])("refuses %s", (_what, header, problem) => {
    expect(ringOf([{ name: "ada", value: one }]).principalOf(header)).toBe(problem);
  });

  test("forgets what came before", () => {
    const long = `${one}${other}`;
    const ring = ringOf([
      { name: "ada", value: one },
      { name: "bob", value: long },
    ]);
    expect(ring.principalOf(`Bearer ${long}`)).toMatchObject({ name: "bob" });
    expect(ring.principalOf(`Bearer ${one}`)).toMatchObject({ name: "ada" });
    expect(ring.principalOf("Bearer x")).toBe("invalid");
  });

  test("refuses a token from the moment on when it expires", async () => {
    const clock = createVirtualClock({ timestampMs: Date.UTC(2027, 0, 1) });
    const expiresAt = "2027-01-01T01:00:00+01:00";
    const early = ringOf([{ name: "ada", value: one, expiresAt }], clock);
    expect(early.principalOf(`Bearer ${one}`)).toBe("invalid");
    const ring = ringOf([{ name: "ada", value: one, expiresAt: new Date(Date.UTC(2027, 0, 1) + 1) }], clock);
    expect(ring.principalOf(`Bearer ${one}`)).toMatchObject({ name: "ada" });
    await clock.advance(1);
    expect(ring.principalOf(`Bearer ${one}`)).toBe("invalid");
  });

  test("knows no text but the token itself", () => {
    const ring = ringOf([{ name: "ada", value: one }]);
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        expect(ring.principalOf(`Bearer ${text}`)).toBe("invalid");
      }),
    );
  });
});

describe("tokens are refused", () => {
  const bad = (token: unknown) => () => checkTokens("serve", "tokens", [token]);

  test("with a scope that there is not, which is named unless it may be a token", () => {
    expect(bad({ name: "ada", value: one, scopes: ["read", "exceute"] })).toThrow(
      'scopes[1] must be one of execute, read, admin, got "exceute"',
    );
    expect(bad({ name: "ada", value: one, scopes: [one] })).toThrow(
      /scopes\[0\].*got "a text of \d+ characters"/,
    );
  });

  test.each([
    ["without a name", { value: one }],
    ["with a name that breaks lines", { name: "a\nb", value: one }],
    ["without a value", { name: "ada" }],
    ["with 31 characters", { name: "ada", value: one.slice(0, 31) }],
    ["with 513 characters", { name: "ada", value: "x".repeat(513) }],
    ["with blanks", { name: "ada", value: `${one} ${one}` }],
    ["with letters of two bytes", { name: "ada", value: `${one}ä` }],
    ["with = in the middle", { name: "ada", value: `${one}=${one}` }],
    ["in a secret of something else", { name: "ada", value: new Secret(12) }],
    ["without scopes", { name: "ada", value: one, scopes: [] }],
    ["with other scopes", { name: "ada", value: one, scopes: ["root"] }],
    ["with a time that is none", { name: "ada", value: one, expiresAt: "tomorrow" }],
    ["with a time without an offset", { name: "ada", value: one, expiresAt: "2027-01-01T00:00:00" }],
    ["with a Date that is none", { name: "ada", value: one, expiresAt: new Date(Number.NaN) }],
    ["with a member that is misspelt", { name: "ada", value: one, scope: ["read"] }],
    ["when they are texts", one],
    ["when they are nothing", null],
  ])("%s, and never shown", (_what, token) => {
    expect(bad(token)).toThrow(expect.objectContaining({ code: "CONFIG" }));
    let shown = "";
    try {
      bad(token)();
    } catch (error) {
      shown = JSON.stringify(error) + String(error);
    }
    expect(shown).not.toMatch(/one-|xxxxx/);
  });

  test("when there are none, or the same twice", () => {
    expect(() => checkTokens("serve", "tokens", [])).toThrow("tokens must be");
    expect(() => checkTokens("serve", "tokens", one)).toThrow("a text of 40 characters");
    const twice = [
      { name: "ada", value: one },
      { name: "bob", value: one },
    ];
    expect(() => checkTokens("serve", "tokens", twice)).toThrow('the same as that of \\"ada\\"');
  });
});
