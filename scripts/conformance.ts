/**
 * `npm run conformance -- [--short] [--runs n] [--seed n] [--surface name] [--agent name] [--json]`: what is expected of
 * every agent, of the same agents as functions and over HTTP; and whether they come to the same. The last line is the
 * verdict as JSON, with `--json` the only one on standard output.
 */
import { parseArgs } from "node:util";
import { type Subject, subjects } from "./conformance/agents.ts";
import { formatVerdict } from "./conformance/format-verdict.ts";
import { ways } from "./conformance/outcomes.ts";
import { runConformance } from "./conformance/run-conformance.ts";
import { surfaces } from "./conformance/surfaces.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string" },
    seed: { type: "string", default: "1" },
    surface: { type: "string", multiple: true },
    agent: { type: "string", multiple: true },
    short: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

/** What a short look leaves out is looked at by a whole one. */
const shortSurfaces: readonly string[] = ["function", "http", "http stream"];
/** How many inputs are made for each behaviour that is tried with many, unless said otherwise. */
const defaultRuns = { short: 5, whole: 100 } as const;
/** It takes a minute: this is for what hangs. */
const longestMs = 9 * 60_000;

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

function count(text: string, name: string): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isSafeInteger(number) && number >= 0
    ? number
    : fail(`--${name} is a whole number from 0, got ${text}`);
}

function chosen<TOne>(
  all: readonly TOne[],
  names: readonly string[] | undefined,
  option: string,
  nameOf: (one: TOne) => string,
): readonly TOne[] {
  const known = all.map(nameOf);
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined) fail(`--${option} is one of ${known.join(", ")}, got ${unknown}`);
  return names === undefined ? all : all.filter((one) => names.includes(nameOf(one)));
}

const startMs = performance.now();
const seconds = () => `${((performance.now() - startMs) / 1_000).toFixed(1)} s`;
const runs =
  values.runs === undefined ? defaultRuns[values.short ? "short" : "whole"] : count(values.runs, "runs");
const shortOnes = values.short ? shortSurfaces : undefined;
const verdict = await runConformance({
  subjects: chosen(subjects, values.agent, "agent", ({ agent }: Subject) => agent.name),
  surfaces: chosen(surfaces, values.surface ?? shortOnes, "surface", ({ name }) => name),
  ways,
  runs,
  seed: count(values.seed, "seed"),
  signal: AbortSignal.timeout(longestMs),
  onStep: (step) => console.error(`${seconds().padStart(8)}  ${step}`),
});
const { ok, failures, outcomes } = verdict;
if (!values.json) console.log(formatVerdict(verdict));
const differing = outcomes.reduce((sum, { differences }) => sum + differences.length, 0);
console.error(
  `\n${seconds()}; ${ok ? "all holds" : `${failures.length} failures, ${differing} differences`}`,
);
console.log(JSON.stringify({ ...verdict, notApplicable: verdict.notApplicable.length }));
process.exitCode = ok ? 0 : 1;
