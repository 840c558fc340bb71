import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AgentOutput, defineAgent, parallel, pipeline } from "@atomic-agents/core";
import { defineSource } from "@atomic-agents/flow";
import { AnalyzedTasks, AnalysisRequest, defineAnalyzeToTasks } from "@atomic-agents/llm/ready";
import * as z from "zod";
import { AddressRecord } from "./record.ts";

const sampleSize = 5;

/** Some of the addresses that the demo has written, evenly over the years: a model costs money, and takes its time. */
export const sample = defineSource<unknown>({
  name: "a sample of the addresses",
  read: function* () {
    const lines = readFileSync(join(import.meta.dirname, "out/sotu.jsonl"), "utf8")
      .trimEnd()
      .split("\n");
    const size = Math.min(sampleSize, lines.length);
    for (let index = 0; index < size; index++) {
      const line = lines[Math.floor((index * lines.length) / size)];
      // What is no record is refused by the agent.
      if (line !== undefined) yield JSON.parse(line) as unknown;
    }
  },
});

/** Which address it is. */
const Facts = AddressRecord.pick({ id: true, year: true, president: true });

const Sampled = Facts.extend({ summary: AddressRecord.shape.summary });

const request = defineAgent({
  name: "take-summary",
  description: "Asks what follows from the summary of an address.",
  input: Sampled,
  output: AnalysisRequest,
  execute: ({ year, president, summary }) => ({
    content: `${president}, ${year}: ${[summary].flat().join(" ")}`,
    analysisType: "what a government department would have to do",
  }),
});

const facts = defineAgent({
  name: "take-facts",
  description: "Takes what says which address it is.",
  input: Sampled,
  output: Facts,
  execute: (address) => address,
});

/** One line of the file of tasks. */
export const AddressTasks = z.object({
  ...Facts.shape,
  ...AnalyzedTasks.shape,
});
export type AddressTasks = z.infer<typeof AddressTasks>;

const planOf = pipeline("plan-of-address")
  .stage(request)
  // Which model that is stands in atomic.yaml; --model says otherwise.
  .stage(defineAnalyzeToTasks({ model: "default", maxTasks: 2 }));

const views = parallel({ facts, plan: planOf }, { name: "views" });

/** A summary in; its analysis, and a task for each of its first recommendations, out. */
export const addressTasks = pipeline("address-tasks")
  .stage(views)
  .map(({ facts: about, plan }: AgentOutput<typeof views>) => ({ ...about, ...plan }), AddressTasks, {
    id: "merge",
  });
