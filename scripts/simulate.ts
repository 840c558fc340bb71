/**
 * `npm run simulate -- [seeds] [--seed n]`: random graphs of agents on a virtual clock, and what must always hold. One
 * seed replays what another run of this command has found.
 */
import { parseArgs } from "node:util";
import { simulate } from "@atomic-agents/testing";

const usage = "Usage: npm run simulate -- [how many seeds, 20000] [--seed the only one, or the first]";

function numberOf(text: string, least = 0): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isInteger(number) || number < least || number > 0xffff_ffff) {
    console.error(`${text} is no whole number from ${least} to ${0xffff_ffff}.\n${usage}`);
    process.exit(2);
  }
  return number;
}

function argumentsOf(): { readonly count: number; readonly first: number } {
  try {
    const { values, positionals } = parseArgs({
      options: { seed: { type: "string" }, help: { type: "boolean" } },
      allowPositionals: true,
    });
    if (values.help === true) {
      console.log(usage);
      process.exit(0);
    }
    const [count = values.seed === undefined ? "20000" : "1", ...rest] = positionals;
    if (rest.length > 0) throw new Error(`one number too many: ${rest.join(" ")}`);
    return { count: numberOf(count, 1), first: numberOf(values.seed ?? "1") };
  } catch (thrown) {
    console.error(`${thrown instanceof Error ? thrown.message : String(thrown)}\n${usage}`);
    process.exit(2);
  }
}

const { count, first } = argumentsOf();
const sums = {
  runs: 0,
  calls: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  effects: 0,
  undone: 0,
  virtualMs: 0,
};
const broken: number[] = [];
const startMs = performance.now();
let toldMs = startMs;
for (let seed = first; seed < first + count; seed++) {
  const result = await simulate({ seed });
  for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += result[key];
  if (result.violations.length > 0) {
    broken.push(seed);
    console.log(`Seed ${seed}:\n${result.violations.map((violation) => `  - ${violation}`).join("\n")}`);
    console.log(`  again: npm run simulate -- --seed ${seed}`);
  }
  if (broken.length >= 10) {
    console.log("Ten seeds are enough.");
    break;
  }
  if (performance.now() - toldMs > 5_000) {
    toldMs = performance.now();
    console.error(`${seed - first + 1} of ${count} seeds`);
  }
}
const { runs, calls, succeeded, failed, cancelled, effects, undone, virtualMs } = sums;
console.log(`${count} seeds from ${first}: ${broken.length === 0 ? "no invariant broken" : `${broken.length} seeds broke one`}.
${runs} runs: ${succeeded} succeeded, ${failed} failed, ${cancelled} were cancelled; ${calls} calls of agents.
${effects} effects, ${undone} of them undone. ${(virtualMs / 3_600_000).toFixed(1)} h of virtual time in ${((performance.now() - startMs) / 1_000).toFixed(1)} s.`);
process.exitCode = broken.length === 0 ? 0 : 1;
