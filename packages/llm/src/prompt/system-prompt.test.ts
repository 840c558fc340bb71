import { AtomicError } from "@atomic-agents/core";
import { describe, expect, it } from "vitest";
import type { ProviderText } from "./provider-text.ts";
import { type SystemPrompt, systemPrompt } from "./system-prompt.ts";

const text = (prompt: SystemPrompt, providers: readonly ProviderText[] = []): string =>
  prompt.generate({ providers });

const fixed = `- Give the answer as JSON that fits the schema you were given, and nothing around it.
- Where extra information and context is given, let the answer make use of it.`;

describe("systemPrompt", () => {
  it("has an identity and output instructions when nothing is said", () => {
    expect(text(systemPrompt())).toBe(`# IDENTITY and PURPOSE
- You are an assistant: friendly, helpful and to the point.

# OUTPUT INSTRUCTIONS
${fixed}`);
  });

  it("has four sections in order, with a blank line between them and after each provider", () => {
    const prompt = systemPrompt({
      background: ["You sort letters.", "You are quick."],
      steps: ["Read the letter.", "Choose a box."],
      outputInstructions: ["Name one box."],
    });
    const providers = [
      { name: "a", title: "Boxes", text: "red\nblue" },
      { name: "b", title: "Time", text: "noon" },
    ];
    expect(text(prompt, providers)).toBe(`# IDENTITY and PURPOSE
- You sort letters.
- You are quick.

# INTERNAL ASSISTANT STEPS
- Read the letter.
- Choose a box.

# OUTPUT INSTRUCTIONS
- Name one box.
${fixed}

# EXTRA INFORMATION AND CONTEXT
## Boxes
red
blue

## Time
noon`);
  });

  it("has no steps when there are none, and the usual identity for an empty background", () => {
    const prompt = text(systemPrompt({ background: [], steps: [], outputInstructions: [] }));
    expect(prompt).toBe(text(systemPrompt()));
    expect(prompt).not.toContain("STEPS");
  });

  it("leaves out a provider that has nothing, and keeps the heading", () => {
    const nothing = { name: "a", title: "Boxes", text: "" };
    const [, , ...end] = text(systemPrompt(), [nothing]).split("\n\n");
    expect(end).toEqual(["# EXTRA INFORMATION AND CONTEXT"]);
    const some = { name: "b", title: "Time", text: "noon" };
    expect(text(systemPrompt(), [nothing, some])).toMatch(
      /\n\n# EXTRA INFORMATION AND CONTEXT\n## Time\nnoon$/,
    );
  });

  it("has no such section without providers", () => {
    expect(text(systemPrompt())).not.toContain("# EXTRA");
  });

  it("asks for plain text where that is the answer", () => {
    const prompt = systemPrompt().generate({ providers: [], answer: "text" });
    expect(prompt).toContain("- Give the answer as plain text.\n- Where extra");
    expect(prompt).not.toContain("JSON");
  });

  it("changes no array of the caller's, and does not follow their changes", () => {
    const lines = Object.freeze(["one"]);
    const growing = ["one"];
    const prompt = systemPrompt({ background: lines, steps: growing, outputInstructions: lines });
    const before = text(prompt);
    growing.push("two");
    expect(text(prompt)).toBe(before);
    expect(text(prompt)).toBe(before);
    expect(lines).toEqual(["one"]);
  });

  it("is text without blanks around it", () => {
    const prompt = text(systemPrompt({ background: ["  x  "] }), [{ name: "a", title: "T", text: " y \n" }]);
    expect(prompt).toBe(prompt.trim());
  });

  it("may be made by an object of one's own", () => {
    const own: SystemPrompt = {
      generate: ({ providers }) => providers.map(({ title }) => title).join(),
    };
    expect(text(own, [{ name: "a", title: "T", text: "x" }])).toBe("T");
  });

  it("refuses what is no text", () => {
    for (const options of [{ background: "one" }, { steps: [1] }, { outputInstruction: [] }]) {
      expect(() => systemPrompt(options as object)).toThrow(AtomicError);
    }
  });
});
