/**
 * What an agent that is a language model costs a call beside the AI SDK alone, on a model that answers at once: CPU of
 * the process, in rounds that take turns. Ours reads and validates the answer, keeps a budget and tells of the run.
 */
import { median } from "./statistics.ts";
import type { LanguageModelV4, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { defineLlmAgent } from "@atomic-agents/llm";
import { generateText, Output, streamText } from "ai";
import * as z from "zod";

const rounds = 9;
const calls = 1_500;
/** CPU that an agent may add to a call. */
const allowedMs = 0.2;

const Ticket = z.object({
  kind: z.enum(["bug", "question", "praise"]),
  summary: z.string(),
  urgency: z.int().min(1).max(5),
  tags: z.array(z.string()),
});
const answer = JSON.stringify({
  kind: "bug",
  summary: "The program ends without a word when a file is opened that is empty.",
  urgency: 4,
  tags: ["crash", "files"],
});
const system = "You sort the tickets of a software company.";
const text = "It crashes whenever I open an empty file. Please help, I have a deadline tomorrow.";

const usage = {
  inputTokens: { total: 80, noCache: 80, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 40, text: 40, reasoning: 0 },
};
const finishReason = { unified: "stop", raw: "stop" } as const;
const deltas = answer.match(/[\s\S]{1,8}/g) ?? [];

const model: LanguageModelV4 = {
  specificationVersion: "v4",
  provider: "bench",
  modelId: "at-once",
  supportedUrls: {},
  doGenerate: () =>
    Promise.resolve({ content: [{ type: "text", text: answer }], finishReason, usage, warnings: [] }),
  doStream: () => Promise.resolve({ stream: ReadableStream.from(parts()) }),
};

function* parts(): Generator<LanguageModelV4StreamPart> {
  yield { type: "stream-start", warnings: [] };
  yield { type: "text-start", id: "0" };
  for (const delta of deltas) yield { type: "text-delta", id: "0", delta };
  yield { type: "text-end", id: "0" };
  yield { type: "finish", usage, finishReason };
}

const agentOf = (stream: boolean) =>
  defineLlmAgent({
    name: "sort",
    description: "Sorts tickets.",
    model,
    prompt: { background: [system] },
    input: z.string(),
    output: Ticket,
    stream,
  });
const whole = agentOf(false);
const streamed = agentOf(true);
const output = Output.object({ schema: Ticket });

const contenders: Readonly<Record<string, () => Promise<unknown>>> = {
  "AI SDK, generateText": async () =>
    (await generateText({ model, system, prompt: text, output, maxRetries: 0 })).output,
  "agent, stream: false": () => whole.run(text),
  "AI SDK, streamText": async () => {
    const result = streamText({ model, system, prompt: text, output, maxRetries: 0 });
    for await (const _ of result.partialOutputStream) {
      // Drafts are made only where somebody reads them.
    }
    return result.output;
  },
  "agent, stream: true": async () => {
    const run = streamed.start(text);
    for await (const _ of run.partials) {
      // As above.
    }
    const result = await run.result;
    return result.ok ? result.output : undefined;
  },
};

async function cpuMs(call: () => Promise<unknown>, count: number): Promise<number> {
  const before = process.cpuUsage();
  for (let done = 0; done < count; done++) {
    const given = await call();
    if (JSON.stringify(given) !== answer) throw new Error(`not the answer: ${JSON.stringify(given)}`);
  }
  const { user, system: inKernel } = process.cpuUsage(before);
  return (user + inKernel) / 1_000 / count;
}

const samples = new Map(Object.keys(contenders).map((name): [string, number[]] => [name, []]));
for (const call of Object.values(contenders)) await cpuMs(call, calls / 3);
for (let round = 0; round < rounds; round++) {
  for (const [name, call] of Object.entries(contenders)) samples.get(name)?.push(await cpuMs(call, calls));
}
const medianOf = (name: string): number => median(samples.get(name) ?? []);

console.log(`CPU of a call, median of ${rounds} rounds of ${calls} calls`);
for (const name of Object.keys(contenders)) {
  console.log(`  ${name.padEnd(24)} ${medianOf(name).toFixed(3)} ms`);
}
const more = medianOf("agent, stream: false") - medianOf("AI SDK, generateText");
const moreStreamed = medianOf("agent, stream: true") - medianOf("AI SDK, streamText");
console.log(`An agent beside the SDK: ${more.toFixed(3)} ms, streamed ${moreStreamed.toFixed(3)} ms`);
console.log(
  JSON.stringify({ more, moreStreamed, allowedMs, ok: more < allowedMs && moreStreamed < allowedMs }),
);
if (more >= allowedMs || moreStreamed >= allowedMs) process.exitCode = 1;
