import { defineLlmAgent } from "atomic-agents/llm";
import * as z from "zod";

export const myAgent = defineLlmAgent({
  name: "my-agent",
  description: "Sums up a text; say here what it does.",
  model: "my-model",
  settings: { temperature: 0.7 },
  prompt: {
    background: ["You sum up texts for people who have little time."],
    outputInstructions: ["Say only what the text says."],
  },
  input: z.object({ text: z.string() }),
  output: z.object({ summary: z.string() }),
});
