import { describe, expect, it } from "vitest";
import { remember } from "./remember.ts";

describe("remember", () => {
  it("makes a text's result once", () => {
    const made: string[] = [];
    const length = remember((text: string) => made.push(text) && text.length);
    expect([length("ab"), length("ab"), length("c")]).toEqual([2, 2, 1]);
    expect(made).toEqual(["ab", "c"]);
  });

  it("forgets the oldest of more than 64 texts, and keeps no text above 20,000 characters", () => {
    let makes = 0;
    const count = remember(() => ++makes);
    for (let text = 0; text < 65; text++) count(`text ${text}`);
    expect(makes).toBe(65);
    count("text 64");
    expect(makes).toBe(65);
    count("text 0");
    expect(makes).toBe(66);
    count("x".repeat(20_001));
    count("x".repeat(20_001));
    expect(makes).toBe(68);
  });

  it("does not keep a failure", async () => {
    let tries = 0;
    const flaky = remember(async () => {
      if (++tries === 1) throw new Error("once");
      return tries;
    });
    await expect(flaky("a")).rejects.toThrow("once");
    expect(await flaky("a")).toBe(2);
  });
});
