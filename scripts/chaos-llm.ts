/**
 * `npm run chaos:llm -- [--records n] [--seed n] [--mutant name]`: records through agents on language models, over HTTP, while
 * calls are refused, fail, hang, and are answered wrongly. The last line is the verdict as JSON.
 */
import { parseArgs } from "node:util";
import { rates } from "./chaos-llm/faults.ts";
import { type Mutant, mutants, runChaos } from "./chaos-llm/run-chaos.ts";

const { values } = parseArgs({
  options: {
    records: { type: "string", default: process.env["CHAOS_RECORDS"] ?? "10000" },
    seed: { type: "string", default: "1" },
    mutant: { type: "string" },
    "silent-ms": { type: "string", default: "4000" },
    concurrency: { type: "string", default: "10" },
  },
});

function count(text: string, name: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  console.error(`--${name} is a whole number from 1, got ${text}`);
  process.exit(2);
}

function isMutant(name: string): name is Mutant {
  return (mutants as readonly string[]).includes(name);
}

const { mutant } = values;
if (mutant !== undefined && !isMutant(mutant)) {
  console.error(`--mutant is one of ${mutants.join(", ")}`);
  process.exit(2);
}
const records = count(values.records, "records");
const startMs = performance.now();
console.log(
  `${records} records, four protocols; of the calls ${Object.entries(rates)
    .map(([name, rate]) => `${rate * 100} % ${name}`)
    .join(", ")}.`,
);
const verdict = await runChaos({
  records,
  seed: count(values.seed, "seed"),
  mutant,
  silentMs: count(values["silent-ms"], "silent-ms"),
  concurrency: count(values.concurrency, "concurrency"),
});
const { delivered, calls, budget } = verdict;
console.log(`              by rates   perfect client   got
delivered   ${column(delivered.byRates, 10)} ${column(delivered.perfect, 16)} ${column(delivered.got, 5)}
calls       ${column(calls.byRates, 10)} ${column(calls.perfect, 16)} ${column(calls.got, 5)}
dead letters: ${JSON.stringify(verdict.deadLettered)}
budget: ${budget.spent} of ${budget.limit} tokens spent, ${budget.toldByServer} told by the server, ${budget.delivered} records
${((performance.now() - startMs) / 1_000).toFixed(1)} s; ${verdict.ok ? "all holds" : `broken: ${verdict.broken.join("; ")}`}`);
console.log(JSON.stringify(verdict));
process.exitCode = verdict.ok ? 0 : 1;

function column(value: number, width: number): string {
  return String(value).padStart(width);
}
