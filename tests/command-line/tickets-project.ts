/** A small project: tickets of which some fail, at the source or at a stage. */
export const ticketsProject: Readonly<Record<string, string>> = {
  "atomic.yaml": `name: tickets
agents:
  shout: ./agents.mjs#shout
`,
  "agents.mjs": `import { defineAgent } from "@atomic-agents/core";
import { existsSync } from "node:fs";
import * as z from "zod";
const Ticket = z.object({ id: z.int(), text: z.string() });
export const shout = defineAgent({
  name: "shout",
  description: "Makes a text loud.",
  input: Ticket,
  output: Ticket,
  execute: ({ id, text }) => {
    if (text === "poison" && !existsSync("mended")) throw new Error("no luck");
    return { id, text: text.toUpperCase() };
  },
});
`,
  "flows/tickets.flow.yaml": `source: data/tickets.jsonl
stages:
  - agent: shout
    onError: dead-letter
  - filter: record.id % 10 != 0
sink: out/tickets.jsonl
deadLetters: out/tickets.dead-letters.jsonl
`,
  "data/tickets.jsonl": ticketLines(100),
  "out/.gitkeep": "",
};

/** Tickets with the numbers from 1, of which the 13th and each 20th after it is poison. */
export function ticketLines(count: number): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const id = index + 1;
    return JSON.stringify({ id, text: id % 20 === 13 ? "poison" : `ticket ${id}` });
  });
  return `${lines.join("\n")}\n`;
}
