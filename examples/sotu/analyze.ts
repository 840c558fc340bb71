import { setImmediate } from "node:timers/promises";
import { type Agent, defineAgent, mapItems, type Middleware, parallel, pipeline } from "@atomic-agents/core";
import {
  detectLanguageAgent,
  extractKeywordsAgent,
  sentimentAgent,
  summarizeAgent,
} from "@atomic-agents/text";
import { Chunks, CleanFacts, SplitAddress } from "./address.ts";

const takeFacts = defineAgent({
  name: "take-facts",
  description: "Takes what is known of an address, without its text.",
  input: SplitAddress,
  output: CleanFacts,
  // What the output schema does not name, the chunks, is left out.
  execute: (address) => address,
});

const takeChunks = defineAgent({
  name: "take-chunks",
  description: "Takes the chunks of an address.",
  input: SplitAddress,
  output: Chunks,
  execute: ({ chunks }) => chunks,
});

/**
 * Lets the event loop turn before a stage. Agents that only compute leave it no time of its own, and without it
 * neither Ctrl-C nor a timeout would be noticed before all addresses are done.
 */
const letOthersRun: Middleware = (next) => async (input, ctx) => {
  await setImmediate();
  return next(input, ctx);
};

/** Runs an agent on text over the chunks of an address; the outputs are in the order of the chunks. */
function overChunks<TOutput>(agent: Agent<{ readonly content: string }, TOutput>) {
  return pipeline(`${agent.name}-of-chunks`).stage(takeChunks).stage(mapItems(agent)).use(letOthersRun);
}

/**
 * Four views of one address, and the facts beside them, as the output of `parallel` holds its slots only.
 *
 * The slots take turns: all of them compute, on one thread, so side by side they would be no faster and would all seem
 * to take as long as all together. Raise `concurrency` as soon as one of them waits for a model or a service. (Sentiment,
 * which comes first, also pays for what the others ask again: the sentences and the language of each chunk.)
 */
export const analyze = parallel(
  {
    facts: takeFacts,
    sentiment: overChunks(sentimentAgent),
    keywords: overChunks(extractKeywordsAgent),
    summary: overChunks(summarizeAgent),
    language: overChunks(detectLanguageAgent),
  },
  { name: "analyze", concurrency: 1 },
);
