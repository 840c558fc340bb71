import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isBlank } from "./characters.ts";
import { splitSentences } from "./split-sentences.ts";

async function sentencesOf(text: string, language?: string): Promise<readonly string[]> {
  return (await splitSentences(text, { language })).map((sentence) => sentence.text);
}

describe("splitSentences", () => {
  it("knows English abbreviations, numbers and quotations", async () => {
    const text = 'Dr. Lena Hall paid $3.50 for it, e.g. a lot. "Really?" Yes!';
    expect(await sentencesOf(text, "en")).toEqual([
      "Dr. Lena Hall paid $3.50 for it, e.g. a lot.",
      '"Really?"',
      "Yes!",
    ]);
  });

  it("cuts other languages by their own marks", async () => {
    expect(await sentencesOf("今日は良い天気です。明日は雨です。", "ja")).toEqual([
      "今日は良い天気です。",
      "明日は雨です。",
    ]);
    expect(await sentencesOf("यह पहला है। यह दूसरा है।", "hi")).toEqual(["यह पहला है।", "यह दूसरा है।"]);
    expect(await sentencesOf("שלום עולם. זה טוב מאוד.", "he")).toEqual(["שלום עולם.", "זה טוב מאוד."]);
  });

  it("finds out the language by itself", async () => {
    const text = "Der Stadtrat traf sich am Dienstag. Er beschloss, neue Busse zu kaufen.";
    expect(await sentencesOf(text)).toEqual([
      "Der Stadtrat traf sich am Dienstag.",
      "Er beschloss, neue Busse zu kaufen.",
    ]);
  });

  it.each(["en", "de"])("ends a sentence at an empty line, not at a line's end (%s)", async (language) => {
    const text = "A title without a stop\n \nThe first line\r\ngoes on here. Next.";
    expect(await sentencesOf(text, language)).toEqual([
      "A title without a stop",
      "The first line\r\ngoes on here.",
      "Next.",
    ]);
  });

  it("gives what has no word to the sentence before it, or to the first", async () => {
    expect(await sentencesOf("*** We won. 😀!!! They lost. ???", "en")).toEqual([
      "*** We won. 😀!!!",
      "They lost. ???",
    ]);
    expect(await sentencesOf("!!! ... 😀", "en")).toEqual(["!!! ... 😀"]);
  });

  it("has no sentences in a blank text", async () => {
    expect(await sentencesOf(" \n\u200b ", "en")).toEqual([]);
    expect(await sentencesOf("", "de")).toEqual([]);
  });

  it("leaves nothing out, wherever it cuts", async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "Mr. Hall",
        "went home.",
        "\n\n",
        "\n",
        "!",
        " ",
        "\u00a0",
        "\t",
        "e.g.",
        "漢字。",
        "😀",
        "\ud800",
        "\u200b",
      ),
      fc.constantFrom(
        "x".repeat(1_200),
        "שלום.",
        '"No."',
        "3.5",
        "__proto__",
        "don't",
        "(see",
        "below).",
        "\u2028",
        "\u0085",
      ),
      fc.string({ unit: "binary", maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.constantFrom("en", "de", "und"), async (pieces, language) => {
        const text = pieces.join("");
        let end = 0;
        for (const sentence of await splitSentences(text, { language })) {
          expect(isBlank(text.slice(end, sentence.start))).toBe(true);
          expect(text.slice(sentence.start, sentence.end)).toBe(sentence.text);
          expect(isBlank(sentence.text)).toBe(false);
          end = sentence.end;
        }
        expect(isBlank(text.slice(end))).toBe(true);
      }),
    );
  });

  it("stops when its signal is aborted", async () => {
    const reason = new Error("no longer wanted");
    await expect(splitSentences("One. Two.", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
