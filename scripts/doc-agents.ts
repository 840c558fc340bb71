/** Agents that examples of doc blocks may use without defining them, so that an example shows one thing. */
import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";

const Text = z.object({ text: z.string().min(1) });

export const clean = defineAgent({
  name: "clean-text",
  description: "Trims text and collapses white space.",
  input: Text,
  output: Text,
  execute: ({ text }) => ({ text: text.trim().replace(/\s+/g, " ") }),
});

export const countWords = defineAgent({
  name: "count-words",
  description: "Counts words.",
  input: Text,
  output: z.object({ words: z.int() }),
  execute: ({ text }) => ({ words: text.split(" ").length }),
});

export const classify = defineAgent({
  name: "classify-ticket",
  description: "Says what kind of ticket a text is.",
  input: Text,
  output: z.object({ kind: z.enum(["bug", "question"]) }),
  execute: ({ text }) => ({ kind: /crash|error|fail/.test(text) ? "bug" : "question" }),
});
