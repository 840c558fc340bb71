import { defineAgent } from "atomic-agents";
import * as z from "zod";

/** Of adults who read English silently: Brysbaert (2019), doi 10.1016/j.jml.2019.104047. */
const wordsPerMinute = 238;

export const readingTime = defineAgent({
  name: "reading-time",
  description: "Says how long it takes to read a text.",
  input: z.object({ content: z.string() }),
  output: z.object({ words: z.int(), minutes: z.number() }),
  execute: ({ content }) => {
    const words = content.split(/\s+/).filter((word) => word !== "").length;
    return { words, minutes: words / wordsPerMinute };
  },
});
