import { defineAgent } from "atomic-agents";
import * as z from "zod";

export const myAgent = defineAgent({
  name: "my-agent",
  description: "Takes white space off both ends of a text; say here what it does.",
  capabilities: ["text"],
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }),
  execute: ({ text }) => ({ text: text.trim() }),
});
