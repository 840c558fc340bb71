import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEscapes } from "./decode-escapes.ts";

test("decodes what encodeURIComponent writes, in any case, whatever stands around it", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1 });
  fc.assert(
    fc.property(text, fc.boolean(), (original, lower) => {
      const encoded = encodeURIComponent(original);
      const written = lower ? encoded.replaceAll(/%../g, (escape) => escape.toLowerCase()) : encoded;
      const around = `% %4 ${written} %zz`;
      const decoded = decodeEscapes(around, "percent");
      if (encoded === original) expect(decoded).toBeUndefined();
      else expect(decoded?.text).toBe(`% %4 ${original} %zz`);
    }),
  );
});

test("decodes what JSON writes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (original) => {
      const written = JSON.stringify(original);
      const decoded = decodeEscapes(written, "backslash");
      expect(decoded?.text ?? written).toBe(`"${original}"`);
    }),
  );
});

test.each([
  ["%e4", "\u00e4", "a byte that is no UTF-8"],
  ["%e2%82", "\u00e2\u0082", "a character that breaks off"],
  ["%f0%9f%98%80", "\u{1f600}", "a character of four bytes"],
  ["%C0%80", "\u00c0\u0080", "a form that UTF-8 does not allow"],
])("%s is read as %j: %s", (escaped, character) => {
  expect(decodeEscapes(escaped, "percent")?.text).toBe(character);
});

test("knows where each character stood, through two layers", () => {
  const text = "a%2525b";
  const first = decodeEscapes(text, "percent");
  expect(first).toEqual({ text: "a%25b", positions: [0, 1, 4, 5, 6, 7] });
  expect(decodeEscapes(first?.text ?? "", "percent", first?.positions)).toEqual({
    text: "a%b",
    positions: [0, 1, 6, 7],
  });
  expect(decodeEscapes("x\\u0041\\n", "backslash")).toEqual({ text: "xA\n", positions: [0, 1, 7, 9] });
  expect(decodeEscapes("%F0%9F%98%80!", "percent")?.positions).toEqual([0, 0, 12, 13]);
});

test("gives nothing where there is nothing to decode", () => {
  expect(decodeEscapes("100 % of it", "percent")).toBeUndefined();
  expect(decodeEscapes("C:\\Users", "backslash")).toBeUndefined();
  expect(decodeEscapes("a%20b", "backslash")).toBeUndefined();
});
