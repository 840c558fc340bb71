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

  it.each<readonly string[]>([
    ["Visit the site example.com for news.", "The new version of Node.js is out now.", "I like tea."],
    ["Version v1.2.3 is out.", "Use ASP.NET or main.py, e.g. at 5 p.m. today.", "It works."],
    ["Kotzias et al. (2015) labelled 3,000 sentences of reviews.", "They published them."],
    ["We follow Jones et al. in this, and Smith et al. [12], not Brown et al.'s earlier work.", "It works."],
    ["The method goes back to Smith et al.", "The figures do not."],
    ["Use a schema library, e.g. Zod, or plain JSON Schema, i.e. the standard.", "Both work."],
    ["I met Dr. Smith, Mr. Jones, Mrs. Hall, Ms. Lee and Prof. King.", "We talked."],
    ["The U.S. Senate met in Washington, D.C. on Monday.", "It adjourned at 6 p.m. on Friday."],
    ["It happened in the U.S.", "The people were glad."],
    ["Rev. King, Pres. Lincoln, Maj. Gen. Meade and Sens. Warren and Lee were there.", "So was I."],
    ["Sen. Ted Cruz (R-Tex.) spoke first.", "Then the others did."],
    ["See Fig. 3, Sec. 4.2, vol. II and ch. 7 of the report (cf. Eq. 5).", "It is clear."],
    ["Brown v. Board of Education, 347 U.S. 483, was decided in 1954.", "Everybody knows it."],
    ["She holds a Ph.D. in physics and a B.Sc. from Leeds.", "He has a Ph.D.", "She is older."],
    ["It costs ca. 20 dollars (incl. tax), ibid. p. 5.", "That is much."],
    ["The U.S. Dept. of Energy paid Warner Bros. for it.", "He works at the Dept.", "They do not."],
    ["J. R. R. Tolkien wrote it, and George W. Bush read it on Jan. 5.", "I did not."],
  ])("knows that abbreviations end no sentence: %s", async (...sentences) => {
    expect(await sentencesOf(sentences.join(" "), "en")).toEqual(sentences);
  });

  it("knows when a word is no abbreviation", async () => {
    const sentences = ["It took a sec.", "Then it ended.", "He liked the app.", "12 people did."];
    expect(await sentencesOf(sentences.join(" "), "en")).toEqual(sentences);
    expect(await sentencesOf("The Sec.\n\nSmith came.", "en")).toEqual(["The Sec.", "Smith came."]);
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
        "et al. ",
        "Ph.D. ",
        "Sec. ",
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
