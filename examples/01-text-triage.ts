// Text triage: one pipeline routes each message to the agent that knows what to do with it.
import { branch, defineAgent, pipeline } from "@atomic-agents/core";
import * as z from "zod";

const Message = z.object({ text: z.string().trim().min(1) });
const Routed = z.object({ text: z.string(), kind: z.enum(["complaint", "question", "praise"]) });
const Reply = z.object({ queue: z.string(), reply: z.string() });

const classify = defineAgent({
  name: "classify-message",
  description: "Says whether a message is a complaint, a question or praise.",
  input: Message,
  output: Routed,
  execute: ({ text }) => ({
    text,
    kind: text.includes("?") ? "question" : /great|thanks/i.test(text) ? "praise" : "complaint",
  }),
});

const answer = (queue: string, reply: string) =>
  defineAgent({
    name: `answer-${queue}`,
    description: `Answers messages of the queue ${queue}.`,
    input: Routed,
    output: Reply,
    execute: () => ({ queue, reply }),
  });

const triage = pipeline("triage")
  .stage(classify)
  .stage(
    "answer",
    branch(({ kind }) => kind, {
      complaint: answer("urgent", "We are on it."),
      question: answer("help-desk", "An answer is on its way."),
      praise: answer("marketing", "Thank you!"),
    }),
    { timeoutMs: 5_000 },
  );

console.log(await triage.run({ text: "It crashed again" })); // => { queue: 'urgent', reply: 'We are on it.' }
console.log(await triage.run({ text: "How do I log in?" })); // => { queue: 'help-desk', reply: 'An answer is on its way.' }

const blank = await triage.tryRun({ text: "   " });
console.log(blank.ok ? "accepted" : `${blank.error.code} at ${blank.error.stage}`); // => VALIDATION_INPUT at classify-message
