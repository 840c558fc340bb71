import { describe, expect, it } from "vitest";
import { detectLanguage } from "./detect-language.ts";

const english = "The council voted to buy forty new buses, and the drivers welcomed it. ";
const german = "Der Stadtrat beschloss, vierzig neue Busse zu kaufen, und die Fahrer begrüßten es. ";

describe("detectLanguage", () => {
  it.each([
    ["The city council voted on Tuesday to buy new buses.", "en"],
    ["Der Stadtrat beschloss am Dienstag, neue Busse zu kaufen.", "de"],
    ["Le conseil municipal a voté mardi l'achat de nouveaux bus.", "fr"],
    ["El ayuntamiento votó el martes comprar autobuses nuevos.", "es"],
    ["Городской совет решил купить новые автобусы.", "ru"],
    ["市議会は火曜日に新しいバスの購入を決めた。", "ja"],
    ["市议会周二投票决定购买新的公交车。", "zh"],
    ["מועצת העיר הצביעה ביום שלישי על רכישת אוטובוסים.", "he"],
    ["صوت مجلس المدينة يوم الثلاثاء على شراء حافلات جديدة.", "ar"],
  ])("%j is %s", async (text, language) => {
    const found = await detectLanguage(text);
    expect(found.language).toBe(language);
    expect(found.confidence).toBeGreaterThan(0.9);
    expect(found.candidates[0]?.language).toBe(language);
  });

  it.each(["ok", "a", "Hello my friend", "12345", "😀", "...", "", "\u200b\u200b", "\ud800"])(
    "does not guess at %j",
    async (text) => {
      const found = await detectLanguage(text);
      expect(found.language).toBe("und");
      expect(found.confidence).toBeLessThan(0.9);
    },
  );

  it("knows short texts among few languages, and guesses when told to", async () => {
    expect(await detectLanguage("Hello my friend", { languages: ["en", "de"] })).toMatchObject({
      language: "en",
    });
    expect(await detectLanguage("Hello my friend", { minConfidence: 0 })).not.toMatchObject({
      language: "und",
    });
  });

  it("gives candidates in order, never more than three", async () => {
    const { candidates } = await detectLanguage("Jeg vil gerne købe en billet til toget.");
    expect(candidates).toHaveLength(3);
    const scores = candidates.map((candidate) => candidate.score);
    expect(scores).toEqual(scores.toSorted((first, second) => second - first));
  });

  it("looks at the whole of a long text, not only at its beginning", async () => {
    const mostlyGerman = english.repeat(10) + german.repeat(40);
    const found = await detectLanguage(mostlyGerman);
    expect(found.language).toBe("de");
    expect(found.confidence).toBeLessThan(0.95);
  });

  it("is unsure of a text in two languages by halves", async () => {
    const found = await detectLanguage(english.repeat(20) + german.repeat(17));
    expect(found.confidence).toBeLessThan(0.7);
  });

  it.each([-0.1, 1.1, Number.NaN])("refuses minConfidence %d", async (minConfidence) => {
    await expect(detectLanguage("text", { minConfidence })).rejects.toMatchObject({ code: "CONFIG" });
  });
});
