/**
 * `npm run chaos:http -- [--only attack,…] [--mutant name] [--seed n] [--short]`: attacks on a service in a process of its
 * own, over real sockets. The last line is the verdict as JSON.
 */
import { parseArgs } from "node:util";
import { type Mutant, mutants } from "./chaos-http/mutants.ts";
import { type AttackName, attacks, foundBy, runChaos } from "./chaos-http/run-chaos.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    mutant: { type: "string" },
    seed: { type: "string", default: "1" },
    short: { type: "boolean", default: false },
  },
});

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

function isMutant(name: string): name is Mutant {
  return (mutants as readonly string[]).includes(name);
}

function isAttack(name: string): name is AttackName {
  return Object.hasOwn(attacks, name);
}

const { mutant, only, short } = values;
const seed = Number(values.seed);
if (!Number.isInteger(seed) || seed < 0) fail(`--seed is a whole number, got ${values.seed}`);
if (mutant !== undefined && !isMutant(mutant)) fail(`--mutant is one of ${mutants.join(", ")}`);
const named = only?.split(",");
const chosen = named?.filter(isAttack);
if (chosen?.length !== named?.length) fail(`--only is of ${Object.keys(attacks).join(", ")}`);

const startMs = performance.now();
const verdict = await runChaos({
  seed,
  mutant,
  // The attack that is made for a mutant is enough to find it.
  only: chosen ?? (mutant === undefined ? undefined : [foundBy[mutant]]),
  isFull: !short,
  onAttack: (name, { applied, answered, broken, figures }, tookMs) => {
    const told = Object.entries(figures).map(([figure, value]) => `${figure} ${value}`);
    console.log(
      `${broken.length === 0 ? "holds " : "BROKEN"} ${name.padEnd(17)} ${seconds(tookMs).padStart(7)} ${applied} applied, ${answered} answered${told.length === 0 ? "" : `; ${told.join(", ")}`}`,
    );
    for (const what of broken) console.log(`         ${what}`);
  },
});
console.log(
  `${seconds(performance.now() - startMs)}; ${verdict.ok ? "all holds" : `broken: ${verdict.broken.length}`}`,
);
console.log(JSON.stringify(verdict));
process.exitCode = verdict.ok ? 0 : 1;

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
