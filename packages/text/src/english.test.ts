import { describe, expect, it } from "vitest";
import createWink from "wink-nlp";
import model from "wink-eng-lite-web-model";
import { renewing } from "./english.ts";

const text = "I love the quiet buses. They are wonderful!";

describe("English by instances that are replaced", () => {
  it("reads the same whichever instance does it, and asks for a new one only after so many characters", () => {
    let instances = 0;
    const create = () => {
      instances++;
      return createWink(model, ["sbd", "negation", "sentiment", "pos"]);
    };
    const english = renewing(create, 100);
    const first = english.read(text);
    expect(instances).toBe(1);
    const readings = [english.read(text), english.read(text), english.read(text)];
    expect(instances).toBe(2);
    for (const { sentences, wordClasses } of [first, ...readings]) {
      expect(sentences.map((sentence) => sentence.text)).toEqual([
        "I love the quiet buses.",
        "They are wonderful!",
      ]);
      expect(sentences.every((sentence) => sentence.polarity > 0)).toBe(true);
      expect(wordClasses().get("buses")).toBe("noun");
      expect(wordClasses().get("quiet")).toBe("modifier");
      expect(wordClasses().get("love")).toBe("other");
    }
  });

  it("knows the polarity of words, and that endless ones have none", () => {
    const english = renewing(() => createWink(model, ["sbd", "negation", "sentiment", "pos"]));
    expect(["love", "awful", "bus", "a-".repeat(5_000)].map(english.isPolar)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
