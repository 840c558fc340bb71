// Support triage: a model says what kind of message it is and takes out what it says, and each kind goes its own way.
import { branch, defineAgent, parallel, pipeline } from "@atomic-agents/core";
import { defineLlmAgent, policies } from "@atomic-agents/llm";
import { defineClassifier, defineExtractor } from "@atomic-agents/llm/ready";
import * as z from "zod";

const model = process.env["MODEL"] ?? "simulated";

const kind = defineClassifier({
  model,
  labels: {
    bug: "Something that worked, or should, does not.",
    question: "Somebody wants to know how something is done.",
    praise: "Somebody is pleased, and wants nothing.",
  },
});

const facts = defineExtractor({
  model,
  schema: z.object({
    product: z.enum(["export", "import", "other"]),
    customer: z.string().nullable().describe("Who writes, where the message says so."),
  }),
});

const Triaged = z.object({
  kind: z.object({
    label: z.enum(["bug", "question", "praise"]),
    confidence: z.number(),
    reason: z.string(),
  }),
  facts: z.object({ product: z.enum(["export", "import", "other"]), customer: z.string().nullable() }),
});

const answer = defineLlmAgent({
  name: "answer-customer",
  description: "Answers a customer in a few sentences.",
  model,
  prompt: { background: ["You answer customers of a software company."] },
  promptProviders: [policies(["Promise no dates.", "Ask for no passwords."])],
  input: Triaged,
  output: z.string().max(1_000),
});

const thank = defineAgent({
  name: "thank",
  description: "Thanks, without a model.",
  input: Triaged,
  output: z.string(),
  execute: () => "Thank you!",
});

const triage = pipeline("support-triage")
  .stage("look", parallel({ kind, facts }))
  .stage(
    "answer",
    branch((triaged) => triaged.kind.label, { bug: answer, question: answer, praise: thank }),
    { timeoutMs: 60_000 },
  );

const run = triage.start(
  { content: "The export has been broken since Monday. Ada" },
  { budget: { tokens: 20_000 } },
);
const result = await run.result;
if (!result.ok) throw result.error;
console.log(/^(?:Simulated|Thank you)/.test(result.output)); // => true

// Each stage says what it spent, and the run what all of them did.
const { stages, spent } = run.report();
console.log(stages.map(({ id }) => id).join(", ")); // => look, answer
console.log(spent !== undefined && spent.calls >= 2 && spent.tokens > 0); // => true
