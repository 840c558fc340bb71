import { defineAgent } from "atomic-agents";
import * as z from "zod";

export const myAgent = defineAgent({
  name: "my-agent",
  description: "Doubles a value; say here what it does.",
  input: z.object({ value: z.number() }),
  output: z.object({ value: z.number() }),
  execute: ({ value }) => ({ value: value * 2 }),
});
