import { defineAgent } from "atomic-agents";
import * as z from "zod";

const Millimetres = z.number().min(1).max(1_000);

export const billShape = defineAgent({
  name: "bill-shape",
  description: "Says how long a penguin's bill is for its depth, which tells species apart.",
  input: z.object({ species: z.string(), billLengthMm: Millimetres, billDepthMm: Millimetres }),
  output: z.object({ species: z.string(), billRatio: z.number() }),
  execute: ({ species, billLengthMm, billDepthMm }) => ({ species, billRatio: billLengthMm / billDepthMm }),
});
